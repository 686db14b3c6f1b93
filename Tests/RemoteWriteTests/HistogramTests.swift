import Foundation
import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// Native histograms become columns: what real senders send, and what no sender should.
@Suite struct HistogramTests {
    typealias Bucket = PlainRequest.PlainBucket

    // MARK: Captures

    private struct Expected: Decodable {
        struct Histogram: Decodable {
            let time: Int64
            let count: Double
            let sum: String
            let schema: Int8
            let zeroThreshold: String
            let zeroCount: Double
            let resetHint: UInt8
            let bounds: [Double]
            let negative: [[Int64]]
            let positive: [[Int64]]
        }
        let name: String
        let histograms: [Histogram]
    }

    /// Captures/histograms.py reads the bodies independently.
    @Test(arguments: WriteRequest.Path.allCases)
    func `captured histograms come out bucket by bucket`(path: WriteRequest.Path) throws {
        let folder = try #require(Bundle.module.url(forResource: "Captures", withExtension: nil))
        let file = try Data(contentsOf: folder.appendingPathComponent("histograms.json"))
        let expected = try JSONDecoder().decode([String: [Expected]].self, from: file)
        #expect(expected.count == 6)
        var buckets = 0
        for (name, wanted) in expected {
            let capture = try Capture(name)
            guard case .taken(let request) = Decoded(capture.body, as: capture.message, path: path) else {
                Issue.record("rejected")
                continue
            }
            try #require(request.histogramSeries.count == wanted.count)
            for (read, wanted) in zip(request.histogramSeries, wanted) {
                #expect(try read.labels.get()["__name__"] == wanted.name)
                try #require(read.native.count == wanted.histograms.count)
                for (read, wanted) in zip(read.native, wanted.histograms) {
                    expect(read, wanted)
                    buckets += read.positive.count
                }
            }
        }
        #expect(buckets > 70)
    }

    private func expect(_ read: PlainRequest.PlainHistogram, _ wanted: Expected.Histogram) {
        let bits = [wanted.sum, wanted.zeroThreshold].map { UInt64($0.dropFirst(2), radix: 16) ?? 0 }
        #expect(read.time == wanted.time)
        #expect(
            read.bits == [wanted.count.bitPattern, bits[0], wanted.zeroCount.bitPattern, bits[1]])
        #expect(read.schema == wanted.schema && read.resetHint == wanted.resetHint && !read.isFloat)
        // An ended series has no buckets to use, and custom buckets lost their bounds over 1.0.
        #expect(
            read.hasBuckets == (bits[0] != StaleMarker.bitPattern && (wanted.schema != -53 || !wanted.bounds.isEmpty)))
        if read.hasBuckets {
            #expect(read.bounds == wanted.bounds)
            #expect(read.negative == wanted.negative.map { Bucket(index: Int32($0[0]), count: Double($0[1])) })
            #expect(read.positive == wanted.positive.map { Bucket(index: Int32($0[0]), count: Double($0[1])) })
        }
    }

    // MARK: Bodies of our own

    private func decode(_ histograms: [[UInt8]], samples: [WireSample] = []) throws -> PlainRequest {
        let message = ProtobufWriter.message { request in
            request.message(1) { series in
                series.bytes(1, WriteMessage.label(WireLabel("__name__", "latency")))
                for sample in samples { series.bytes(2, WriteMessage.sample(sample)) }
                for histogram in histograms { series.bytes(4, histogram) }
            }
        }
        let body = Snappy.compress(message)
        #expect(Decoded.disagreement(on: body, as: .version1) == nil)
        guard case .taken(let request) = Decoded(body, as: .version1, path: .recognising) else {
            Issue.record("rejected")
            throw CancellationError()
        }
        return request
    }

    /// A histogram of whole positive buckets; what is not given fits the rest.
    private func whole(
        spans: [(offset: Int64, length: UInt64)], deltas: [Int64], count: UInt64, schema: Int64 = 3,
        bounds: [Double] = [],
        time: Int64 = 1
    ) -> [UInt8] {
        ProtobufWriter.message { message in
            message.varint(1, count)
            message.zigZag(4, schema)
            for span in spans {
                message.message(11) {
                    $0.zigZag(1, span.offset)
                    $0.varint(2, span.length)
                }
            }
            if !deltas.isEmpty { message.packed(12, deltas.map(ProtobufWriter.zigZag)) }
            message.varint(15, time)
            if !bounds.isEmpty {
                message.message(16) { list in
                    for bound in bounds { list.raw(fixed64: bound.bitPattern) }
                }
            }
        }
    }

    @Test func `adds spans and deltas up, and leaves empty buckets out`() throws {
        let read = try decode([whole(spans: [(-2, 2), (3, 3)], deltas: [1, 4, -5, 2, 0], count: 10)])
        let native = try #require(read.histogramSeries.first?.native.first)
        #expect(
            native.positive == [
                Bucket(index: -2, count: 1), Bucket(index: -1, count: 5), Bucket(index: 4, count: 2),
                Bucket(index: 5, count: 2),
            ])
        #expect(native.hasBuckets && native.schema == 3 && native.negative.isEmpty)
        #expect(read.counts.trimmedHistograms == 0)
    }

    @Test func `keeps fractions, both signs and the bounds of custom buckets`() throws {
        var custom = WireHistogram(.whole(count: 6, zero: 0, positive: [1, 2, 3], negative: []), schema: -53, time: 2)
        custom.customValues = [0.5, 1]
        let read = try decode([
            WriteMessage.histogram(custom),
            WriteMessage.histogram(
                WireHistogram(
                    .fractions(count: 4.5, zero: 0.5, positive: [1.5, 0], negative: [2, 0.5]), schema: -4, time: 1)),
        ])
        let native = try #require(read.histogramSeries.first?.native)
        #expect(native.map(\.time) == [1, 2])
        #expect(native[0].isFloat && !native[1].isFloat)
        #expect(native[0].negative == [Bucket(index: 0, count: 2), Bucket(index: 1, count: 0.5)])
        #expect(native[0].positive == [Bucket(index: 0, count: 1.5)])
        #expect(native[1].bounds == [0.5, 1])
        #expect(native[1].positive.map(\.count) == [1, 2, 3])
    }

    @Test func `files a series with samples and histograms in both lists, and counts once`() throws {
        let histogram = whole(spans: [(0, 1)], deltas: [2], count: 2)
        let read = try decode([histogram, histogram], samples: [WireSample(time: 1, bits: 1)])
        #expect(read.series.map(\.histograms) == [2])
        #expect(read.histogramSeries.map(\.native.count) == [2])
        #expect(read.histogramSeries.map(\.histograms) == [0])
        #expect(read.bare.isEmpty)
        #expect(read.counts.histograms == 2 && read.counts.samples == 1)
    }

    @Test(
        arguments: [
            // Lengths that name too few or too many buckets, or the most that there can be.
            ([(0, 1)], [1, 1], 3), ([(0, 3)], [1, 1], 3), ([(0, 4_294_967_295), (0, 4_294_967_295)], [1], 1),
            // A span that leads back, and indices past 32 bits.
            ([(0, 1), (-1, 1)], [1, 1], 3), ([(2_147_483_647, 2)], [1, 1], 3),
            ([(2_147_483_647, 1), (0, 1)], [1, 0], 2), ([(2_147_483_647, 1), (2_147_483_647, 1)], [1, 0], 2),
            // Counts below 0, and past 63 bits.
            ([(0, 2)], [1, -2], 0), ([(0, 2)], [.max, 1], 0), ([(0, 2)], [-1, .min], 0),
            // No span at all.
            ([], [1], 1),
        ] as [([(Int64, UInt64)], [Int64], UInt64)])
    func `refuses what cannot be`(spans: [(Int64, UInt64)], deltas: [Int64], count: UInt64) throws {
        let good = whole(spans: [(0, 1)], deltas: [2], count: 2)
        let read = try decode(
            [good, whole(spans: spans, deltas: deltas, count: count)], samples: [WireSample(time: 1, bits: 1)])
        #expect(read.refused == [.malformedHistogram])
        #expect(read.histogramSeries.isEmpty && read.series.isEmpty && read.bare.isEmpty)
        #expect(read.counts.histograms == 0 && read.counts.refusedSamples == 1)
    }

    @Test(arguments: [[1, 1], [2, 1], [.nan], [.infinity], [0.5]] as [[Double]])
    func `refuses custom bounds that do not ascend, or too few`(bounds: [Double]) throws {
        let read = try decode([whole(spans: [(1, 2)], deltas: [1, 0], count: 2, schema: -53, bounds: bounds)])
        #expect(read.refused == [.malformedHistogram])
    }

    @Test(arguments: [1_000, 1_001])
    func `keeps count and sum alone of a histogram past the limit`(buckets: Int) throws {
        let deltas = [1] + [Int64](repeating: 0, count: buckets - 1)
        let read = try decode([whole(spans: [(0, UInt64(buckets))], deltas: deltas, count: UInt64(buckets))])
        let native = try #require(read.histogramSeries.first?.native.first)
        #expect(native.hasBuckets == (buckets == 1_000))
        #expect(native.positive.count == (buckets == 1_000 ? 1_000 : 0))
        #expect(Double(bitPattern: native.bits[0]) == Double(buckets))
        #expect(read.counts.trimmedHistograms == (buckets == 1_000 ? 0 : 1))
        #expect(read.refused.isEmpty)
    }

    @Test func `keeps count and sum alone where a request has too many buckets`() throws {
        let deltas = [1] + [Int64](repeating: 0, count: 999)
        let large = whole(spans: [(0, 1_000)], deltas: deltas, count: 1_000)
        let read = try decode([[UInt8]](repeating: large, count: 1_060))
        let native = try #require(read.histogramSeries.first?.native)
        // 2^20 buckets in all.
        #expect(native.count { $0.hasBuckets } == 1_048)
        #expect(native.count == 1_060)
        #expect(read.counts.trimmedHistograms == 12)
    }

    @Test func `lets histograms past the limit go, yet counts them`() throws {
        let read = try decode([[UInt8]](repeating: whole(spans: [], deltas: [], count: 0), count: 65_537))
        #expect(read.histogramSeries.first?.native.count == 65_536)
        #expect(read.counts.histograms == 65_537 && read.counts.trimmedHistograms == 1)
    }

    @Test func `reads the next request as if there had been no other`() throws {
        var request = WriteRequest()
        let capture = try Capture("prom-v2-small")
        let small = Decoded(capture.body, as: .version2, path: .recognising)
        let full = try Capture("prom-v1-full")
        _ = Decoded(full.body, as: .version1, path: .recognising, request: &request)
        #expect(Decoded(capture.body, as: .version2, path: .recognising, request: &request) == small)
    }
}
