package import TimeSeries

/// A native histogram as it stood at one scrape; its buckets come beside it, as columns.
package struct NativeSample: Sendable, BitwiseCopyable {
    package enum Kind: Sendable, BitwiseCopyable, Equatable {
        /// Boundaries are the powers of 2^(2^-schema), schema -4 to 8.
        case exponential(schema: Int8)
        /// Boundaries come with it.
        case custom
        /// Count and sum alone are known.
        case bucketless
    }

    package var time: Timestamp
    package var count: Double
    package var sum: Double
    package var zeroCount: Double
    package var zeroThreshold: Double
    package var kind: Kind
    /// The sender knows that it started over.
    package var isReset: Bool
    /// The buckets count what is there now; nothing is added up over time.
    package var isGauge: Bool

    package init(
        time: Timestamp, count: Double, sum: Double, zeroCount: Double = 0, zeroThreshold: Double = 0, kind: Kind,
        isReset: Bool = false, isGauge: Bool = false
    ) {
        self.time = time
        self.count = count
        self.sum = sum
        self.zeroCount = zeroCount
        self.zeroThreshold = zeroThreshold
        self.kind = kind
        self.isReset = isReset
        self.isGauge = isGauge
    }

    var isStale: Bool { StaleMarker.matches(sum) }
}

/// The buckets of one native histogram that are not empty, as they lie in the columns of a request.
package struct NativeBuckets: Sendable {
    /// Places in the columns; in each range the indices ascend.
    package var negative: Range<Int>
    package var positive: Range<Int>
    /// Places of the upper bounds of custom buckets, without the last, which is infinite.
    package var bounds: Range<Int>

    package init(negative: Range<Int> = 0..<0, positive: Range<Int> = 0..<0, bounds: Range<Int> = 0..<0) {
        self.negative = negative
        self.positive = positive
        self.bounds = bounds
    }
}
