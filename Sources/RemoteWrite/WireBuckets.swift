internal import CRemoteWrite

/// The buckets of one sign as they stand on the wire: spans say where they lie, deltas or counts what they hold.
// Safe: made from protobuf-c's arrays and their lengths, and used before the arena is reset.
@safe struct WireBuckets {
    private let spans: UnsafeBufferPointer<UnsafeMutablePointer<Rw__BucketSpan>?>
    private let deltas: UnsafeBufferPointer<Int64>
    private let counts: UnsafeBufferPointer<Double>
    private let isFloat: Bool

    init(
        spans: UnsafeBufferPointer<UnsafeMutablePointer<Rw__BucketSpan>?>, deltas: UnsafeBufferPointer<Int64>,
        counts: UnsafeBufferPointer<Double>, isFloat: Bool
    ) {
        unsafe self.spans = spans
        unsafe self.deltas = deltas
        unsafe self.counts = counts
        self.isFloat = isFloat
    }

    /// Empty ones counted.
    var count: Int { unsafe isFloat ? counts.count : deltas.count }

    /// The sum of all counts; nil where the buckets are not well formed.
    ///
    /// Refused are what Prometheus refuses (prometheus/prometheus:model/histogram/generic.go, `checkHistogramSpans` and
    /// `checkHistogramBuckets`): spans that lead back, lengths that do not name each bucket, counts below 0; and what it would
    /// let overflow: indices past 32 bits, counts past 63.
    func total() -> Double? {
        var lengths: UInt64 = 0
        for i in unsafe spans.indices {
            guard let span = unsafe spans[i] else { continue }
            if unsafe i > 0 && span.pointee.offset < 0 { return nil }
            lengths += unsafe UInt64(span.pointee.length)
        }
        guard lengths == UInt64(count) else { return nil }
        var total = 0.0
        let isWellFormed = forEach { index, count in
            guard !(count < 0), Int32(exactly: index) != nil else { return false }
            total += count
            return true
        }
        return isWellFormed ? total : nil
    }

    /// Whether all indices lie in a range. Call it, as ``forEach(_:)``, only where the lengths were seen to fit.
    func fits(_ range: ClosedRange<Int64>) -> Bool {
        forEach { index, _ in range.contains(index) }
    }

    /// Calls `body` with each bucket, indices ascending, until it returns false.
    /// - Returns: false where `body` did, or where a count overflows.
    @discardableResult
    func forEach(_ body: (_ index: Int64, _ count: Double) -> Bool) -> Bool {
        var place = 0
        var index: Int64 = 0
        var whole: Int64 = 0
        for i in unsafe spans.indices {
            guard let span = unsafe spans[i] else { continue }
            // An offset and a length are 32 bits each, and there are no more spans than bytes: this cannot overflow.
            index += unsafe Int64(span.pointee.offset)
            for _ in unsafe 0..<span.pointee.length {
                if isFloat {
                    guard unsafe body(index, counts[place]) else { return false }
                } else {
                    let (sum, overflows) = unsafe whole.addingReportingOverflow(deltas[place])
                    whole = sum
                    guard !overflows, body(index, Double(whole)) else { return false }
                }
                place += 1
                index += 1
            }
        }
        return true
    }
}
