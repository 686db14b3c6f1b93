import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// Rows S12 to S27 of the conformance table, as far as the decoder answers them.
@Suite struct SampleTests {
    private func decode(_ series: [WireSeries], _ version: WriteProtocol) throws -> PlainRequest {
        let body = Snappy.compress(
            version == .version1 ? WriteMessage.version1(series) : WriteMessage.version2(series))
        #expect(Decoded.disagreement(on: body, as: version) == nil)
        let decoded = Decoded(body, as: version, path: .recognising)
        guard case .taken(let request) = decoded else {
            Issue.record("\(decoded)")
            throw CancellationError()
        }
        return request
    }

    private func series(_ histogram: WireHistogram) -> WireSeries {
        var series = WireSeries("latency")
        series.histograms = [histogram]
        return series
    }

    @Test(arguments: WriteProtocol.allCases)
    func `sorts the samples of a series by time; of equal times the first stays first`(version: WriteProtocol) throws {
        let written: [(Int64, Double)] = [(5, 1), (3, 2), (5, 3), (-1, 4), (3, 5), (.max, 6), (.min, 7)]
        let read = try decode([WireSeries("up", [], written)], version).series[0].samples
        #expect(read.map(\.time) == [.min, -1, 3, 3, 5, 5, .max])
        #expect(read.map { Double(bitPattern: $0.bits) } == [7, 4, 2, 5, 1, 3, 6])
    }

    @Test(arguments: WriteProtocol.allCases)
    func `keeps series that come several times apart and in order`(version: WriteProtocol) throws {
        let request = try decode((0..<3).map { WireSeries("up", [], [(Int64($0), Double($0))]) }, version)
        #expect(request.series.map { $0.samples.map(\.time) } == [[0], [1], [2]])
    }

    /// Stale marker, ordinary NaN, signalling and negative NaNs, infinities, zeros and the smallest number.
    @Test(
        arguments: WriteProtocol.allCases,
        [
            StaleMarker.bitPattern, 0x7ff8_0000_0000_0001, 0x7ff0_0000_0000_0001, 0xfff8_0000_0000_0000,
            0x7ff0_0000_0000_0000, 0xfff0_0000_0000_0000, 0x8000_0000_0000_0000, 0, 1, .max,
        ])
    func `carries every bit of a value`(version: WriteProtocol, bits: UInt64) throws {
        var series = WireSeries("up")
        series.samples = [WireSample(time: 2, bits: 5), WireSample(time: 1, bits: bits)]
        let request = try decode([series], version)
        #expect(request.series[0].samples.map(\.bits) == [bits, 5])
    }

    // MARK: Native histograms

    @Test(arguments: WriteProtocol.allCases)
    func `counts whole and fractional histograms`(version: WriteProtocol) throws {
        let request = try decode(
            [
                series(WireHistogram(.whole(count: 10, zero: 1, positive: [2, 3, 0], negative: [4]), time: 1)),
                series(WireHistogram(.fractions(count: 2.5, zero: 0.5, positive: [1.5], negative: [0.5]), time: 1)),
            ], version)
        #expect(request.counts.histograms == 2)
        #expect(request.histogramSeries.count == 2)
        #expect(request.series.isEmpty && request.refused.isEmpty)
    }

    @Test(arguments: WriteProtocol.allCases)
    func `knows a histogram that ends its series`(version: WriteProtocol) throws {
        let request = try decode([series(.stale(time: 1))], version)
        #expect(request.counts.staleHistograms == 1)
        #expect(request.counts.histograms == 1)
    }

    @Test(arguments: WriteProtocol.allCases)
    func `refuses a histogram whose buckets do not add up, and keeps the rest`(version: WriteProtocol) throws {
        for buckets in [
            WireHistogram.Buckets.whole(count: 9, zero: 1, positive: [2, 3], negative: [4]),
            .whole(count: 11, zero: 1, positive: [2, 3], negative: [4]),
            .fractions(count: 2.6, zero: 0.5, positive: [1.5], negative: [0.5]),
            .whole(count: 0, zero: 0, positive: [.max, .max], negative: []),
        ] {
            var bad = series(WireHistogram(buckets, time: 1))
            bad.samples = [WireSample(time: 1, bits: 1), WireSample(time: 2, bits: 1)]
            let request = try decode([WireSeries("up", [], [(1, 1)]), bad, WireSeries("up", [], [(2, 1)])], version)
            #expect(request.refused == [.inconsistentHistogram])
            #expect(request.counts.histograms == 0)
            #expect(request.counts.samples == 2)
            #expect(request.counts.refusedSamples == 2)
            #expect(request.series.map { $0.samples.map(\.time) } == [[1], [2]])
        }
    }

    @Test func `lets observations that were NaN be missing from the buckets`() throws {
        let request = try decode(
            [series(WireHistogram(.whole(count: 9, zero: 1, positive: [2], negative: []), sum: .nan, time: 1))],
            .version1)
        #expect(request.counts.histograms == 1)
        let tooMany = try decode(
            [series(WireHistogram(.whole(count: 2, zero: 1, positive: [2], negative: []), sum: .nan, time: 1))],
            .version1)
        #expect(tooMany.refused == [.inconsistentHistogram])
    }

    @Test(arguments: WriteProtocol.allCases, [-53, 9, -9, 8, -4] as [Int64])
    func `counts histograms of any schema, with and without the bounds of custom buckets`(
        version: WriteProtocol, schema: Int64
    ) throws {
        for bounds in [[], [0.5, 1]] as [[Double]] {
            var histogram = WireHistogram(
                .whole(count: 3, zero: 0, positive: [1, 2], negative: []), schema: schema, time: 1)
            histogram.customValues = bounds
            #expect(try decode([series(histogram)], version).counts.histograms == 1)
        }
    }

    @Test(arguments: WriteProtocol.allCases)
    func `takes histograms that are empty, have only a zero bucket, or only negative ones`(
        version: WriteProtocol
    ) throws {
        for buckets in [
            WireHistogram.Buckets.whole(count: 0, zero: 0, positive: [], negative: []),
            .whole(count: 4, zero: 4, positive: [], negative: []),
            .whole(count: 3, zero: 0, positive: [], negative: [1, 2]),
            .fractions(count: 0, zero: 0, positive: [], negative: []),
        ] {
            #expect(try decode([series(WireHistogram(buckets, time: 1))], version).counts.histograms == 1)
        }
    }

    @Test(arguments: WriteProtocol.allCases)
    func `takes samples and histograms in one series`(version: WriteProtocol) throws {
        var both = series(WireHistogram(.whole(count: 0, zero: 0, positive: [], negative: []), time: 1))
        both.samples = [WireSample(time: 1, bits: 1)]
        let request = try decode([both], version)
        #expect(request.counts.samples == 1 && request.counts.histograms == 1)
        #expect(request.series.map(\.histograms) == [1])
        #expect(request.bare.isEmpty && request.histogramSeries.map(\.native.count) == [1])
    }

    // MARK: Exemplars and metadata

    @Test(arguments: WriteProtocol.allCases)
    func `counts exemplars alone, beside samples, without labels and of NaN`(version: WriteProtocol) throws {
        var alone = WireSeries("up")
        alone.exemplars = [WireExemplar(time: 1), WireExemplar(labels: [], value: .nan, time: 2)]
        var beside = WireSeries("up", [], [(1, 1)])
        beside.exemplars = [WireExemplar(time: 1)]
        let request = try decode([alone, beside], version)
        #expect(request.counts.exemplars == 3)
        #expect(request.bare.map(\.exemplars) == [2])
        #expect(request.series.map(\.exemplars) == [1])
    }

    @Test(arguments: WriteProtocol.allCases)
    func `ignores a series without any data`(version: WriteProtocol) throws {
        var orphan = WireSeries("up")
        orphan.metadata = WireMetadata(type: 1)
        let request = try decode([WireSeries("up"), orphan], version)
        #expect(request.series.isEmpty && request.bare.isEmpty && request.refused.isEmpty)
    }

    @Test func `reads the metadata of 1-0`() throws {
        let body = Snappy.compress(
            WriteMessage.version1([], metadata: [("a", 1), ("b", 2), ("c", 0), ("d", 99), ("e", 257), ("", 3)]))
        guard case .taken(let request) = Decoded(body, as: .version1, path: .recognising) else {
            Issue.record("rejected")
            return
        }
        #expect(Decoded.disagreement(on: body, as: .version1) == nil)
        #expect(request.metadata.map(\.type) == [.counter, .gauge, .unknown, .unknown, .unknown, .histogram])
        #expect(request.metadata.map(\.family) == ["a", "b", "c", "d", "e", ""])
    }

    @Test(
        arguments: [(0, .unknown), (1, .counter), (5, .summary), (9, .unknown), (257, .unknown)]
            as [(UInt64, MetricType)])
    func `reads the metadata of 2-0`(type: UInt64, expected: MetricType) throws {
        var series = WireSeries("up", [], [(1, 1)])
        series.metadata = WireMetadata(type: type, help: "Help.", unit: "s")
        #expect(try decode([series], .version2).series.map(\.type) == [expected])
    }

    @Test func `of metadata that stands twice the last counts, as in libprotobuf-c`() throws {
        var series = WireSeries("up", [], [(1, 1)])
        series.metadata = WireMetadata(type: 2)
        var symbols = WriteMessage.Symbols()
        let first = WriteMessage.timeSeriesVersion2(series, &symbols)
        let message = ProtobufWriter.message { request in
            for symbol in symbols.list { request.bytes(4, symbol) }
            request.bytes(5, first + ProtobufWriter.message { $0.bytes(5, []) })
        }
        let body = Snappy.compress(message)
        #expect(Decoded.disagreement(on: body, as: .version2) == nil)
        guard case .taken(let request) = Decoded(body, as: .version2, path: .recognising) else {
            Issue.record("rejected")
            return
        }
        #expect(request.series.map(\.type) == [.unknown])
    }

    @Test func `takes a start time of either layout for a sign of a counter`() throws {
        var old = WireSeries("up", [], [(1, 1)])
        old.created = 5
        var new = WireSeries("up")
        new.samples = [WireSample(time: 1, bits: 1, startTime: 5), WireSample(time: 2, bits: 1)]
        var told = old
        told.metadata = WireMetadata(type: 2)
        let request = try decode([old, new, told, WireSeries("up", [], [(1, 1)])], .version2)
        #expect(request.series.map(\.type) == [.counter, .counter, .gauge, .unknown])
    }

    @Test func `takes the last start time where one stands twice, and zero for none`() throws {
        let sample = ProtobufWriter.message { $0.varint(3, 5 as Int64) }
        let unset = ProtobufWriter.message { $0.varint(3, 0 as Int64) }
        // (parts of the series, whether it has a start)
        let cases: [([UInt8], Bool)] = [
            (ProtobufWriter.message { $0.bytes(2, sample + unset) }, false),
            (ProtobufWriter.message { $0.bytes(2, unset + sample) }, true),
            (
                ProtobufWriter.message {
                    $0.bytes(2, sample); $0.bytes(2, unset)
                }, true
            ),
            (
                ProtobufWriter.message {
                    $0.bytes(2, []); $0.varint(6, 5 as Int64); $0.varint(6, 0 as Int64)
                }, false
            ),
            (
                ProtobufWriter.message {
                    $0.bytes(2, sample); $0.varint(6, 0 as Int64)
                }, true
            ),
        ]
        for (parts, hasStart) in cases {
            let message = ProtobufWriter.message { request in
                for text in ["", "__name__", "up"] { request.string(4, text) }
                request.bytes(5, ProtobufWriter.message { $0.packed(1, [1, 2]) } + parts)
            }
            let body = Snappy.compress(message)
            #expect(Decoded.disagreement(on: body, as: .version2) == nil)
            guard case .taken(let request) = Decoded(body, as: .version2, path: .recognising) else {
                Issue.record("rejected")
                return
            }
            #expect(request.series.map(\.type) == [hasStart ? .counter : .unknown])
        }
    }
}
