import RemoteWrite
import TimeSeries

/// What came out of a body, as values that can be compared: the harness of Tests/Fuzzing uses this file too.
struct PlainRequest: Equatable {
    struct Series: Equatable {
        var labels: Result<Labels, LabelDecoder.Refusal>
        /// Times and bits.
        var samples: [PlainSample]
        var histograms: UInt16
        var exemplars: UInt16
        var type: MetricType
        /// Filled in ``histogramSeries`` alone.
        var native: [PlainHistogram] = []
    }

    /// With bits for what may be NaN, and all buckets as pairs.
    struct PlainHistogram: Equatable {
        var time: Int64
        var bits: [UInt64]
        var schema: Int8
        var resetHint: UInt8
        var isFloat: Bool
        var hasBuckets: Bool
        var negative: [PlainBucket]
        var positive: [PlainBucket]
        var bounds: [Double]
    }

    struct PlainBucket: Equatable {
        var index: Int32
        var count: Double
    }

    struct PlainSample: Equatable {
        var time: Int64
        var bits: UInt64
    }

    var series: [Series] = []
    var bare: [Series] = []
    var histogramSeries: [Series] = []
    var metadata: [WriteRequest.Metadata] = []
    var refused: [WriteRequest.Refusal] = []
    /// Without ``WriteRequest/Counts/unusual``, which is where the two paths may differ.
    var counts: WriteRequest.Counts

    init(_ request: borrowing WriteRequest, limits: LabelDecoder.Limits = LabelDecoder.Limits()) {
        metadata = request.metadata
        refused = request.refused
        counts = request.counts
        counts.unusual = 0
        var decoder = LabelDecoder(limits: limits)
        let series = request.series
        let bare = request.bare
        let times = request.times
        let values = request.values
        (self.series, self.bare) = request.withBytes { bytes in
            let taken = series.map { Self.read($0, bytes, times, values, &decoder) }
            return (taken, bare.map { Self.read($0, bytes, times, values, &decoder) })
        }
        for slice in request.histogramSeries {
            var plain = slice
            plain.sampleCount = 0
            var read = request.withBytes { Self.read(plain, $0, times, values, &decoder) }
            read.native = slice.samples.map { PlainHistogram(request.histograms[$0], in: request) }
            histogramSeries.append(read)
        }
    }

    private static func read(
        _ slice: SeriesSlice, _ bytes: Span<UInt8>, _ times: [Timestamp], _ values: [Double],
        _ decoder: inout LabelDecoder
    ) -> Series {
        let samples = slice.samples.map {
            PlainSample(time: times[$0].milliseconds, bits: values[$0].bitPattern)
        }
        return Series(
            labels: decoder.labels(of: bytes.extracting(slice.labels)), samples: samples,
            histograms: slice.histogramCount, exemplars: slice.exemplarCount, type: slice.type)
    }

    var hasMalformedLabels: Bool { (series + bare + histogramSeries).contains { $0.labels == .failure(.malformed) } }
}

extension PlainRequest.PlainHistogram {
    init(_ histogram: NativeHistogram, in request: borrowing WriteRequest) {
        let buckets = { (range: Range<Int>, request: borrowing WriteRequest) in
            range.map { PlainRequest.PlainBucket(index: request.bucketIndices[$0], count: request.bucketCounts[$0]) }
        }
        self.init(
            time: histogram.time.milliseconds,
            bits: [histogram.count, histogram.sum, histogram.zeroCount, histogram.zeroThreshold].map(\.bitPattern),
            schema: histogram.schema, resetHint: histogram.resetHint.rawValue, isFloat: histogram.isFloat,
            hasBuckets: histogram.hasBuckets, negative: buckets(histogram.negativeBuckets, request),
            positive: buckets(histogram.positiveBuckets, request), bounds: histogram.bounds.map { request.bounds[$0] })
        // Whatever the sender wrote, these hold.
        for list in [negative, positive] {
            precondition(zip(list, list.dropFirst()).allSatisfy { $0.index < $1.index }, "buckets do not ascend")
            precondition(list.allSatisfy { $0.count > 0 && $0.count.isFinite }, "an empty bucket, or one below 0")
        }
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds do not ascend")
        precondition(hasBuckets || negative.isEmpty && positive.isEmpty && bounds.isEmpty, "buckets of no use")
        precondition(negative.count + positive.count <= NativeHistogram.bucketLimit, "too many buckets")
    }
}

extension LabelDecoder {
    /// The labels of a block, or why a series may not have them.
    mutating func labels(of block: Span<UInt8>) -> Result<Labels, Refusal> {
        do throws(Refusal) {
            let block = try withCanonical(block) { (labels, _) in labels.indices.map { labels[$0] } }
            return .success(Labels(canonicalBlock: block))
        } catch {
            return .failure(error)
        }
    }
}

/// What one path made of a body.
enum Decoded: Equatable {
    case taken(PlainRequest)
    case rejected(reason: String)

    init(
        _ body: [UInt8], as message: WriteProtocol, path: WriteRequest.Path, limitBytes: Int = 32 << 20,
        request: inout WriteRequest
    ) {
        do throws(WriteRequestError) {
            try request.decode(body.span, as: message, limitBytes: limitBytes, path: path)
            self = .taken(PlainRequest(request))
        } catch {
            self = .rejected(reason: error.reason)
        }
    }

    init(_ body: [UInt8], as message: WriteProtocol, path: WriteRequest.Path, limitBytes: Int = 32 << 20) {
        var request = WriteRequest()
        self.init(body, as: message, path: path, limitBytes: limitBytes, request: &request)
    }

    /// What is wrong where the two paths do not read the same; nil where they do.
    ///
    /// Inside a label block the recognising path does not look: what is malformed there is found by ``LabelDecoder`` when the
    /// series is met for the first time, while the other path rejects the whole body at once.
    static func disagreement(recognising: Decoded, protobufC: Decoded) -> String? {
        switch (recognising, protobufC) {
        case (.rejected(let left), .rejected(let right)):
            left == right ? nil : "rejected as \(left) and as \(right)"
        case (.taken(let request), .rejected(let reason)):
            request.hasMalformedLabels ? nil : "taken as \(request), but rejected as \(reason)"
        case (.rejected(let reason), .taken(let request)): "rejected as \(reason), but taken as \(request)"
        case (.taken(let left), .taken(let right)): left == right ? nil : "\(left)\nis not\n\(right)"
        }
    }

    /// As above, for one body.
    static func disagreement(on body: [UInt8], as message: WriteProtocol, limitBytes: Int = 32 << 20) -> String? {
        disagreement(
            recognising: Decoded(body, as: message, path: .recognising, limitBytes: limitBytes),
            protobufC: Decoded(body, as: message, path: .protobufC, limitBytes: limitBytes))
    }
}
