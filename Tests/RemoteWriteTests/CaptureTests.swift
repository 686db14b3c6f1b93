import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// What Prometheus and vmagent really send is read as an independent decoder read it.
@Suite struct CaptureTests {
    @Test func `every capture in the folder is tested`() throws {
        #expect(try Capture.all.count == 11)
        #expect(Set(Capture.names).count == 11)
    }

    @Test(arguments: try Capture.all, WriteRequest.Path.allCases)
    func `counts are those of the independent decoder`(capture: Capture, path: WriteRequest.Path) throws {
        let expected = capture.expected
        var request = WriteRequest()
        try request.decode(capture.body.span, as: capture.message, limitBytes: 32 << 20, path: path)
        let plain = PlainRequest(request)
        #expect(capture.body.count == expected.compressed)
        #expect(request.decodedBytes == expected.uncompressed)
        #expect(request.encoding == (capture.name.contains("zstd") ? .zstd : .snappy))
        let all = plain.series + plain.bare + plain.histogramSeries
        #expect(all.count == expected.timeseries)
        #expect(plain.counts.samples == expected.samples)
        #expect(plain.counts.histograms == expected.histograms)
        #expect(plain.counts.exemplars == expected.exemplars)
        #expect(plain.refused.isEmpty)
        let staleSamples = request.values.count { StaleMarker.matches($0) }
        #expect(staleSamples + plain.counts.staleHistograms == expected.staleMarkers)
        #expect(Set(try all.map { try $0.labels.get() }).count == expected.distinctSeries)
        if capture.message == .version1 {
            #expect(plain.metadata.count == expected.metadata)
            #expect(plain.counts.metadata == expected.metadata)
        }
    }

    @Test(arguments: try Capture.all.filter { $0.expected.series != nil }, WriteRequest.Path.allCases)
    func `small captures come out label by label and bit by bit`(capture: Capture, path: WriteRequest.Path) throws {
        guard case .taken(let request) = Decoded(capture.body, as: capture.message, path: path) else {
            Issue.record("rejected")
            return
        }
        let expected = try #require(capture.expected.series)
        for (read, wanted) in zip(request.series, expected.filter { !$0.samples.isEmpty }) {
            try expect(read, wanted)
        }
        for (read, wanted) in zip(request.bare, expected.filter { $0.samples.isEmpty && $0.histograms == 0 }) {
            try expect(read, wanted)
        }
        for (read, wanted) in zip(request.histogramSeries, expected.filter { $0.histograms > 0 }) {
            try expect(read, wanted)
            #expect(read.native.count == wanted.histograms)
        }
        let entries = capture.expected.metadataEntries ?? []
        #expect(request.metadata.map(\.family) == entries.map { $0.family ?? "" })
        #expect(request.metadata.map(\.type.rawValue) == entries.map(\.type))
    }

    private func expect(_ read: PlainRequest.Series, _ wanted: Capture.Series) throws {
        let pairs = try read.labels.get().pairs.map { [$0.name, $0.value] }
        #expect(pairs == wanted.labels.sorted { $0[0].utf8.lexicographicallyPrecedes($1[0].utf8) })
        #expect(read.samples.map(\.time) == wanted.samples.map(\.t))
        #expect(read.samples.map { "0x" + $0.bits.hexadecimal } == wanted.samples.map(\.bits))
        #expect(Int(read.histograms) == wanted.histograms)
        #expect(Int(read.exemplars) == wanted.exemplars)
        if let metadata = wanted.metadata { #expect(read.type.rawValue == metadata.type) }
    }

    @Test(arguments: try Capture.all.filter { $0.expected.digest != nil }, WriteRequest.Path.allCases)
    func `large captures have the digest of the independent decoder`(capture: Capture, path: WriteRequest.Path) throws {
        guard case .taken(let request) = Decoded(capture.body, as: capture.message, path: path) else {
            Issue.record("rejected")
            return
        }
        var digest = SHA256()
        for series in request.series {
            let pairs = try series.labels.get().pairs.map { "\($0.name)=\($0.value)" }
            let joined = pairs.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }.joined(
                separator: "\0")
            for sample in series.samples {
                digest.update(joined.utf8)
                digest.update(
                    ProtobufWriter.message { writer in
                        writer.raw(fixed64: UInt64(bitPattern: sample.time))
                        writer.raw(fixed64: sample.bits)
                    })
            }
        }
        #expect(digest.finish() == capture.expected.digest)
    }

    @Test func `the hash is SHA-256`() {
        // FIPS 180-4 examples, and the hash of nothing.
        #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(SHA256.hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256.hex([UInt8](repeating: 0x61, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
}

extension UInt64 {
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
