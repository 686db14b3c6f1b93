package import TimeSeries

/// A remote-write body taken apart into columns: which series, which samples, and what else it carried.
///
/// One value serves request after request and keeps its memory. The label blocks of known series are never parsed here: a
/// series is the run of bytes in which its labels stand, and the series index recognises it by those bytes. What the quick walk does
/// not know (labels behind samples, unknown fields) is decoded by libprotobuf-c and written anew as such a run: slower, never
/// different. ``Path/protobufC`` takes that way for everything, so that tests and benchmarks can compare the two.
package struct WriteRequest: ~Copyable, Sendable {
    /// Which decoder reads the series.
    package enum Path: Sendable, CaseIterable {
        case recognising, protobufC
    }

    /// What one metadata entry says: the family may lack the suffix that its series have (`_total`, `_bucket`).
    package struct Metadata: Equatable, Sendable {
        package let family: String
        package let type: MetricType
    }

    /// Why a series that could be read is not taken.
    package enum Refusal: String, Sendable {
        /// 2.0: an odd number of references, or one past the symbols.
        case invalidReference = "invalid_reference"
        /// A native histogram whose buckets do not add up to its count.
        case inconsistentHistogram = "inconsistent_histogram"
        /// A native histogram whose spans, bucket counts or custom bounds cannot be.
        case malformedHistogram = "malformed_histogram"
    }

    /// What the body held; refused series count in `refusedSamples` alone.
    package struct Counts: Equatable, Sendable {
        package var samples = 0
        package var refusedSamples = 0
        package var histograms = 0
        package var exemplars = 0
        package var metadata = 0
        /// Native histograms that end their series.
        package var staleHistograms = 0
        /// Native histograms that were taken without their buckets, or not at all, since one of our limits was passed.
        package var trimmedHistograms = 0
        /// Series that took the way through libprotobuf-c.
        package var unusual = 0
    }

    /// Series with at least one sample, in the order of the body; in each, samples ascend by time.
    package internal(set) var series: [SeriesSlice] = []
    /// Series with native histograms; here ``SeriesSlice/samples`` are places in ``histograms``, ascending by time.
    ///
    /// One that has samples too stands in ``series`` as well, which then tells how many histograms and exemplars it has.
    package internal(set) var histogramSeries: [SeriesSlice] = []
    /// Series with exemplars alone, or with histograms that were let go. Their labels are still to be valid.
    package internal(set) var bare: [SeriesSlice] = []
    package internal(set) var histograms: [NativeHistogram] = []
    /// The buckets of all histograms that are not empty: a number (see ``NativeHistogram/schema``) and a count, not a
    /// difference.
    package internal(set) var bucketIndices: [Int32] = []
    package internal(set) var bucketCounts: [Double] = []
    /// The bounds of all histograms with custom buckets.
    package internal(set) var bounds: [Double] = []
    package internal(set) var times: [Timestamp] = []
    package internal(set) var values: [Double] = []
    package internal(set) var metadata: [Metadata] = []
    package internal(set) var refused: [Refusal] = []
    package internal(set) var counts = Counts()
    package private(set) var encoding = WriteEncoding.snappy
    /// The size of the message after decompression.
    package private(set) var decodedBytes = 0

    /// The most bytes that the message may have, and the labels that its symbols stand for.
    private(set) var limitBytes = 0

    private var decompressor = Decompressor()
    /// The message; behind it, from the walk's end on, the label blocks that were written anew.
    private var bytes = ByteArena()
    var rebuilt = ByteArena()
    var symbols = SymbolTable()
    var arena: MessageArena

    /// The walk points into `bytes`, so blocks that it writes anew are noted with this mark and moved behind the message later.
    static let rebuiltMark: UInt32 = 1 << 31

    /// What a request may keep between calls: a larger one gives its memory back.
    private static let keptBytes = 4 << 20

    package init() {
        arena = MessageArena()
    }

    /// Whether a body is unusually large when decompressed, or does not say how large. Let such bodies take turns, and call
    /// ``giveBackMemory()`` after each: the memory that they need is then needed once.
    package static func isLarge(_ body: Span<UInt8>) -> Bool {
        // Safe: the span lends its bytes for the length of the call.
        unsafe body.withUnsafeBufferPointer { unsafe Decompressor.declaredBytes(of: $0) > UInt64(keptBytes) }
    }

    /// Gives back what a large request took; usual requests keep their memory for the next.
    package mutating func giveBackMemory() {
        bytes.reset(keepingBytes: Self.keptBytes)
        removeAll()
    }

    /// Decompresses and decodes a body; what was here before is gone.
    ///
    /// - Parameter limitBytes: the most that the body may decompress to, and that the labels of a 2.0 body may unfold to; at
    ///   most 1 GiB.
    /// - Throws: where nothing of the body can be trusted. A single bad series is noted in ``refused`` instead.
    package mutating func decode(
        _ body: Span<UInt8>, as message: WriteProtocol, limitBytes: Int, path: Path = .recognising
    ) throws(WriteRequestError) {
        try decompress(body, limitBytes: limitBytes)
        try decodeMessage(as: message, path: path)
    }

    /// The first half of ``decode(_:as:limitBytes:path:)``.
    package mutating func decompress(_ body: Span<UInt8>, limitBytes: Int) throws(WriteRequestError) {
        bytes.reset(keepingBytes: Self.keptBytes)
        self.limitBytes = min(limitBytes, 1 << 30)
        // Safe: the span lends its bytes for the length of the call.
        encoding = try unsafe body.withUnsafeBufferPointer { (body) throws(WriteRequestError) in
            try unsafe decompressor.decompress(body, limitBytes: self.limitBytes, into: &bytes)
        }
        decodedBytes = bytes.count
    }

    /// The second half of ``decode(_:as:limitBytes:path:)``; call it once for each ``decompress(_:limitBytes:)``.
    package mutating func decodeMessage(as message: WriteProtocol, path: Path = .recognising) throws(WriteRequestError)
    {
        removeAll()
        // Safe: `bytes` is not touched before the walk is over; all the walk writes is columns and `rebuilt`.
        let start = unsafe UnsafePointer(bytes.base)
        let reader = unsafe WireReader(start, start + bytes.count)
        switch (message, path) {
        case (.version1, .recognising): try walkVersion1(reader)
        case (.version1, .protobufC): try decodeVersion1WithProtobufC(reader)
        case (.version2, .recognising): try walkVersion2(reader, path: .recognising)
        case (.version2, .protobufC): try walkVersion2(reader, path: .protobufC)
        }
        appendRebuilt()
    }

    /// Lends the bytes that the ``SeriesSlice``s point into.
    package func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withBytes(body)
    }

    private mutating func removeAll() {
        series.removeAll(keepingCapacity: series.capacity <= 1 << 16)
        bare.removeAll(keepingCapacity: bare.capacity <= 1 << 16)
        histogramSeries.removeAll(keepingCapacity: histogramSeries.capacity <= 1 << 14)
        histograms.removeAll(keepingCapacity: histograms.capacity <= 1 << 14)
        bucketIndices.removeAll(keepingCapacity: bucketIndices.capacity <= 1 << 18)
        bucketCounts.removeAll(keepingCapacity: bucketCounts.capacity <= 1 << 18)
        bounds.removeAll(keepingCapacity: bounds.capacity <= 1 << 16)
        times.removeAll(keepingCapacity: times.capacity <= 1 << 17)
        values.removeAll(keepingCapacity: values.capacity <= 1 << 17)
        metadata.removeAll(keepingCapacity: false)
        refused.removeAll(keepingCapacity: false)
        counts = Counts()
        rebuilt.reset(keepingBytes: Self.keptBytes)
    }

    private mutating func appendRebuilt() {
        // Without labels there is nothing to move, yet the mark must go.
        guard counts.unusual > 0 || rebuilt.count > 0 else { return }
        let shift = UInt32(truncatingIfNeeded: bytes.count)
        // Safe: `rebuilt` and `bytes` are different memory.
        unsafe bytes.append(rebuilt.base, length: rebuilt.count)
        for i in series.indices where series[i].labelStart & Self.rebuiltMark != 0 {
            series[i].labelStart = (series[i].labelStart & ~Self.rebuiltMark) + shift
        }
        for i in histogramSeries.indices where histogramSeries[i].labelStart & Self.rebuiltMark != 0 {
            histogramSeries[i].labelStart = (histogramSeries[i].labelStart & ~Self.rebuiltMark) + shift
        }
        for i in bare.indices where bare[i].labelStart & Self.rebuiltMark != 0 {
            bare[i].labelStart = (bare[i].labelStart & ~Self.rebuiltMark) + shift
        }
    }

    /// Files a series whose samples are the newest in the columns.
    @inline(__always)
    mutating func finish(_ slice: SeriesSlice) {
        if slice.sampleCount > 0 {
            if slice.sampleCount > 1 { sortSamples(slice.samples) }
            series.append(slice)
        } else if slice.histogramCount > 0 || slice.exemplarCount > 0 {
            bare.append(slice)
        }
    }

    /// Takes back the samples of a series that is not taken after all.
    mutating func refuse(_ why: Refusal, firstSample: Int, samples: Int) {
        refused.append(why)
        counts.refusedSamples += samples
        times.removeSubrange(firstSample...)
        values.removeSubrange(firstSample...)
    }

    /// A sender may write a series' samples in any order; of equal times the first stays the first.
    private mutating func sortSamples(_ range: Range<Int>) {
        var ordered = true
        for i in range.dropFirst() where times[i] < times[i - 1] { ordered = false }
        if ordered { return }
        let sorted = range.map { Sample(time: times[$0], value: values[$0]) }.sorted { $0.time < $1.time }
        for (i, sample) in zip(range, sorted) {
            times[i] = sample.time
            values[i] = sample.value
        }
    }
}
