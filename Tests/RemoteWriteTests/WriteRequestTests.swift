import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// Rows B7 to B13 of the conformance table: what of a message is taken, and what is refused.
@Suite struct WriteRequestTests {
    private let up = WireSeries("up", [("job", "api")], [(1000, 1)])

    private func decode(_ message: [UInt8], as version: WriteProtocol) -> Decoded {
        #expect(Decoded.disagreement(on: Snappy.compress(message), as: version) == nil)
        return Decoded(Snappy.compress(message), as: version, path: .recognising)
    }

    private func taken(_ message: [UInt8], as version: WriteProtocol) throws -> PlainRequest {
        let decoded = decode(message, as: version)
        guard case .taken(let request) = decoded else {
            Issue.record("\(decoded)")
            throw CancellationError()
        }
        return request
    }

    private let malformed = Decoded.rejected(reason: "malformed_protobuf")

    // MARK: B7, malformed protobuf

    /// Field 1 is known to 1.0 and field 5 to 2.0; field 15 to neither.
    @Test(arguments: WriteProtocol.allCases, [1, 5, 15] as [UInt64])
    func `rejects wire types that proto3 does not have`(version: WriteProtocol, field: UInt64) {
        for type in [ProtobufWriter.WireType.startGroup, .endGroup, .reserved6, .reserved7] {
            #expect(decode(ProtobufWriter.message { $0.tag(field, type) }, as: version) == malformed)
        }
    }

    @Test(arguments: WriteProtocol.allCases)
    func `rejects known fields of another wire type`(version: WriteProtocol) {
        for field in version == .version1 ? [1, 3] : [4, 5] as [UInt64] {
            #expect(decode(ProtobufWriter.message { $0.varint(field, 1 as UInt64) }, as: version) == malformed)
            #expect(decode(ProtobufWriter.message { $0.fixed64(field, 1) }, as: version) == malformed)
        }
    }

    @Test(arguments: WriteProtocol.allCases)
    func `rejects lengths past the end`(version: WriteProtocol) {
        let field: UInt64 = version == .version1 ? 1 : 5
        for length in [1, 127, 1 << 31, 1 << 32, 1 << 63, .max] as [UInt64] {
            let message = ProtobufWriter.message { message in
                message.tag(field, .bytes)
                message.raw(varint: length)
            }
            #expect(decode(message, as: version) == malformed)
        }
    }

    @Test(arguments: WriteProtocol.allCases)
    func `rejects field number 0, and skips it where it takes more bytes than it needs`(version: WriteProtocol) {
        for size in 1...6 {
            let message = ProtobufWriter.message { message in
                message.tag(0, .varint, size: size)
                message.raw(varint: 1)
            }
            #expect((decode(message, as: version) == malformed) == (size == 1 || size == 6))
        }
    }

    @Test(arguments: WriteProtocol.allCases, 1...12)
    func `takes numbers of up to ten bytes, tags and lengths of up to five`(version: WriteProtocol, size: Int) {
        let field: UInt64 = version == .version1 ? 1 : 5
        let tag = ProtobufWriter.message { message in
            message.tag(field, .bytes, size: size)
            message.raw(varint: 0)
        }
        #expect((decode(tag, as: version) == malformed) == (size > 5))
        let unknownTag = ProtobufWriter.message { message in
            message.tag(15, .bytes, size: size)
            message.raw(varint: 0)
        }
        #expect((decode(unknownTag, as: version) == malformed) == (size > 5))
        let length = ProtobufWriter.message { message in
            message.tag(field, .bytes)
            message.raw(varint: 0, size: size)
        }
        #expect((decode(length, as: version) == malformed) == (size > 5))
        let unknown = ProtobufWriter.message { message in
            message.tag(15, .varint)
            message.raw(varint: 1, size: size)
        }
        #expect((decode(unknown, as: version) == malformed) == (size > 10))
    }

    @Test(arguments: WriteProtocol.allCases)
    func `takes an unknown number whose tenth byte overflows, as libprotobuf-c does`(version: WriteProtocol) throws {
        _ = try taken([15 << 3] + [UInt8](repeating: 0xFF, count: 9) + [0x7F], as: version)
    }

    @Test func `finds a malformed label even where the series has no data`() {
        let message = ProtobufWriter.message { request in
            request.message(1) { series in series.bytes(1, [0x0A, 0x05, 0x61]) }
        }
        #expect(decode(message, as: .version1) == malformed)
    }

    // MARK: B8 to B11, what protobuf allows

    @Test(arguments: WriteProtocol.allCases)
    func `reads a series without labels, in whatever layout`(version: WriteProtocol) throws {
        let sample = WriteMessage.sample(WireSample(time: 1, bits: 1))
        let exemplar: UInt64 = version == .version1 ? 3 : 4
        for isUnusual in [false, true] {
            let series = ProtobufWriter.message { series in
                series.bytes(2, sample)
                if isUnusual { series.bytes(exemplar, []) }
            }
            let message = ProtobufWriter.message { $0.bytes(version == .version1 ? 1 : 5, series) }
            let request = try taken(message, as: version)
            #expect(request.series.map(\.labels) == [.failure(.missingName)])
        }
    }

    @Test(arguments: WriteProtocol.allCases)
    func `skips unknown fields at every level`(version: WriteProtocol) throws {
        let plain = try taken(
            version == .version1 ? WriteMessage.version1([up]) : WriteMessage.version2([up]), as: version)
        for seed in 0..<50 as Range<UInt64> {
            var writer = OddMessage(random: SeededRandom(seed: seed), oddity: 0, breakage: 0)
            writer.unknownFields = 0.5
            let message = version == .version1 ? writer.version1([up]) : writer.version2([up])
            #expect(try taken(message, as: version) == plain)
        }
    }

    @Test func `skips Cortex' source field`() throws {
        let message = ProtobufWriter.message { $0.varint(2, 1 as UInt64) } + WriteMessage.version1([up])
        #expect(try taken(message, as: .version1) == taken(WriteMessage.version1([up]), as: .version1))
    }

    @Test func `reads labels behind and around the samples`() throws {
        let labels = up.labels.map { label in ProtobufWriter.message { $0.bytes(1, WriteMessage.label(label)) } }
        let sample = ProtobufWriter.message { $0.bytes(2, WriteMessage.sample(up.samples[0])) }
        let plain = try taken(WriteMessage.version1([up]), as: .version1)
        for order in [[sample, labels[0], labels[1]], [labels[0], sample, labels[1]]] {
            let message = ProtobufWriter.message { $0.bytes(1, Array(order.joined())) }
            #expect(try taken(message, as: .version1) == plain)
        }
    }

    @Test func `reads symbols behind the series and references one by one`() throws {
        let plain = try taken(WriteMessage.version2([up]), as: .version2)
        var symbols = WriteMessage.Symbols()
        let references = symbols.references(to: up.labels)
        let series = ProtobufWriter.message { series in
            series.bytes(2, WriteMessage.sample(up.samples[0]))
            for reference in references { series.varint(1, reference) }
        }
        let message = ProtobufWriter.message { request in
            request.bytes(5, series)
            for symbol in symbols.list { request.bytes(4, symbol) }
        }
        #expect(try taken(message, as: .version2) == plain)
    }

    @Test(arguments: WriteProtocol.allCases)
    func `reads what is left out as zero`(version: WriteProtocol) throws {
        for (time, bits) in [(0, 0), (5, 0), (0, 5)] as [(Int64, UInt64)] {
            var series = up
            series.samples = [WireSample(time: time, bits: bits)]
            let message = version == .version1 ? WriteMessage.version1([series]) : WriteMessage.version2([series])
            #expect(try taken(message, as: version).series[0].samples == [.init(time: time, bits: bits)])
        }
    }

    @Test func `finds nothing in a message of the other version`() throws {
        let nothing = try taken([], as: .version1)
        #expect(try taken(WriteMessage.version1([up]), as: .version2) == nothing)
        #expect(try taken(WriteMessage.version2([up]), as: .version1) == nothing)
    }

    // MARK: B12 and B13, symbols

    @Test(arguments: [[1, 2, 3], [1, 99], [99, 1], [1, 1 << 31], [5]] as [[UInt64]])
    func `refuses a series with bad references and keeps the rest`(references: [UInt64]) throws {
        for isPacked in [true, false] {
            let bad = ProtobufWriter.message { series in
                if isPacked { series.packed(1, references) } else { for one in references { series.varint(1, one) } }
                series.bytes(2, WriteMessage.sample(WireSample(time: 1, bits: 1)))
                series.bytes(2, WriteMessage.sample(WireSample(time: 2, bits: 1)))
            }
            let message = WriteMessage.version2([up]) + ProtobufWriter.message { $0.bytes(5, bad) }
            let request = try taken(message + ProtobufWriter.message { $0.bytes(5, bad) }, as: .version2)
            #expect(request.refused == [.invalidReference, .invalidReference])
            #expect(request.counts.samples == 1)
            #expect(request.counts.refusedSamples == 4)
            #expect(request.series.count == 1)
        }
    }

    @Test(arguments: [3, 4] as [UInt64])
    func `refuses a series whose metadata points past the symbols`(field: UInt64) throws {
        var series = ProtobufWriter.message { $0.packed(1, [1, 2]) }
        series += ProtobufWriter.message { message in
            message.message(5) { $0.varint(field, 1000 as UInt64) }
            message.bytes(2, WriteMessage.sample(WireSample(time: 1, bits: 1)))
        }
        let request = try taken(
            WriteMessage.version2([up]) + ProtobufWriter.message { $0.bytes(5, series) }, as: .version2)
        #expect(request.refused == [.invalidReference])
        #expect(request.counts.samples == 1)
    }

    @Test func `refuses a series whose exemplar points past the symbols`() throws {
        for references in [[1], [1, 77]] as [[UInt64]] {
            let series = ProtobufWriter.message { series in
                series.packed(1, [1, 2])
                series.message(4) { $0.packed(1, references) }
            }
            let request = try taken(
                WriteMessage.version2([up]) + ProtobufWriter.message { $0.bytes(5, series) }, as: .version2)
            #expect(request.refused == [.invalidReference])
            #expect(request.counts.exemplars == 0)
        }
    }

    @Test func `does not rely on the first symbol`() throws {
        let message = ProtobufWriter.message { request in
            for text in ["__name__", "up"] { request.string(4, text) }
            request.message(5) { series in
                series.packed(1, [0, 1])
                series.bytes(2, WriteMessage.sample(WireSample(time: 1, bits: 1)))
            }
        }
        #expect(try taken(message, as: .version2).series.map(\.labels) == [.success(Labels([("__name__", "up")]))])
    }

    @Test func `does not unfold a small 2-0 message beyond the limit`() {
        // One long symbol, referred to again and again: 1.0 would have had to carry it each time.
        let message = ProtobufWriter.message { request in
            request.string(4, "")
            request.bytes(4, [UInt8](repeating: 0x61, count: 200_000))
            let series = ProtobufWriter.message { series in
                series.packed(1, [1, 1])
                series.bytes(2, [])
            }
            for _ in 0..<1000 { request.bytes(5, series) }
        }
        let body = Snappy.compress(message)
        #expect(Decoded.disagreement(on: body, as: .version2, limitBytes: 1 << 20) == nil)
        #expect(
            Decoded(body, as: .version2, path: .recognising, limitBytes: 1 << 20) == .rejected(reason: "too_large"))
        // In one series as well.
        let inOne = ProtobufWriter.message { request in
            request.bytes(4, [UInt8](repeating: 0x61, count: 200_000))
            request.message(5) { series in
                series.packed(1, [UInt64](repeating: 0, count: 20_000))
                series.bytes(2, [])
            }
        }
        #expect(
            Decoded(Snappy.compress(inOne), as: .version2, path: .recognising, limitBytes: 1 << 20)
                == .rejected(reason: "too_large"))
    }

    @Test func `forgets the request before`() throws {
        var request = WriteRequest()
        let large = WriteMessage.version1((0..<100).map { WireSeries("m\($0)", [], [(1, 1)]) }, metadata: [("m", 1)])
        try request.decode(Snappy.compress(large).span, as: .version1, limitBytes: 1 << 20)
        try request.decode(Snappy.compress([]).span, as: .version2, limitBytes: 1 << 20)
        #expect(request.series.isEmpty && request.times.isEmpty && request.values.isEmpty && request.metadata.isEmpty)
        #expect(PlainRequest(request) == (try taken([], as: .version2)))
        #expect(request.decodedBytes == 0)
    }
}
