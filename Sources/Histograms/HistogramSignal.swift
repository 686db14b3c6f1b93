package import TimeSeries

/// What is looked at in a histogram family instead of its buckets: each is a series of its own for the detectors.
package enum HistogramSignal: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Observations a second between two scrapes.
    case rate
    /// The mean of the window's observations, in their own unit.
    case mean
    /// Quantiles of the window, in the unit of the observations.
    case p50, p90, p99
    /// How far the window's distribution is from the slowly learned past one: 0 (the same) to 1 (nothing in common).
    case shape

    /// Put behind the family's name: `http_request_duration_seconds:p99`. A colon is legal in metric names and left to rules,
    /// so no exporter has such a series.
    package var suffix: String { ":\(self)" }
}

/// Names a histogram family inside this process. Used again after the family is gone.
package struct FamilyID: Hashable, Sendable, BitwiseCopyable {
    package let rawValue: UInt32

    init(shard: Int, place: Int) {
        rawValue = UInt32(truncatingIfNeeded: shard) << 28 | UInt32(truncatingIfNeeded: place)
    }

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    var shard: Int { Int(rawValue >> 28) }
    var place: Int { Int(rawValue & (1 << 28 - 1)) }
}

/// Names one series that feeds a family: a `_bucket`, `_sum` or `_count`, or a native histogram.
package struct PartID: Hashable, Sendable, BitwiseCopyable {
    package let rawValue: UInt32

    init(shard: Int, place: Int) {
        rawValue = UInt32(truncatingIfNeeded: shard) << 28 | UInt32(truncatingIfNeeded: place)
    }

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    var shard: Int { Int(rawValue >> 28) }
    var place: Int { Int(rawValue & (1 << 28 - 1)) }
}

/// A value of a family's signal at the time of a scrape.
package struct SignalValue: Sendable, BitwiseCopyable {
    /// ``series`` of a signal that nobody bound yet.
    package static let unbound = UInt32.max
    /// ``series`` of a signal whose series is somebody else's: the values are not wanted.
    package static let unwanted = UInt32.max - 1

    package let family: FamilyID
    package let signal: HistogramSignal
    /// What ``HistogramFamilies/bind(_:of:to:)`` was given: the raw `SeriesID` of the signal's own series.
    package let series: UInt32
    package let time: Timestamp
    /// Finite.
    package let value: Double
}
