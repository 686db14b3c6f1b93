package import TimeSeries

/// What is looked at of a series, and how that was decided.
///
/// A raw counter says nothing: what a person would look at is how fast it grows. Metadata decides where there is some;
/// otherwise the name suggests, and what the series does may overrule it.
package enum SignalChoice: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// Nothing speaks against taking the value as it is.
    case valueByDefault
    /// Metadata says that it is no counter.
    case valueByMetadata
    /// The name promised a counter, but it falls too often without starting over.
    case valueByBehaviour
    /// Metadata says that it counts (counter, or a part of a histogram or summary), or the sender says since when it does.
    case rateByMetadata
    /// The name ends like a counter's: `_total`, `_bucket`, `_count`, `_sum`.
    case rateByName
    /// It rose for long and never fell.
    case rateByBehaviour
    /// A histogram's bucket, or a native histogram: nothing by itself, its family is looked at.
    case partOfHistogram
    /// What was worked out from a histogram family.
    case valueOfHistogram

    /// Whether the signal is the increase a second.
    package var isRate: Bool {
        switch self {
        case .valueByDefault, .valueByMetadata, .valueByBehaviour, .partOfHistogram, .valueOfHistogram: false
        case .rateByMetadata, .rateByName, .rateByBehaviour: true
        }
    }

    /// Whether behaviour may still change it.
    package var isDeclared: Bool {
        switch self {
        case .valueByMetadata, .rateByMetadata, .partOfHistogram, .valueOfHistogram: true
        case .valueByDefault, .valueByBehaviour, .rateByName, .rateByBehaviour: false
        }
    }

    /// Whether a histogram family decided it.
    package var isOfHistogram: Bool { self == .partOfHistogram || self == .valueOfHistogram }

    /// Why, for a person who asks.
    package var reason: String {
        switch self {
        case .valueByDefault: "no metadata, and the name does not end like a counter's"
        case .valueByMetadata: "metadata says that it does not count"
        case .valueByBehaviour: "it falls too often for a counter"
        case .rateByMetadata: "metadata says that it counts"
        case .rateByName: "no metadata, and the name ends like a counter's"
        case .rateByBehaviour: "no metadata, and it rose for long without falling"
        case .partOfHistogram: "a part of a histogram, whose signals are scored instead"
        case .valueOfHistogram: "worked out from a histogram"
        }
    }

    /// Decides from the metric's name and what metadata says of it.
    ///
    /// A family's type speaks of the family: of a histogram's or summary's series, those with a counter's suffix count, the
    /// quantiles do not; and `_created` is a time, whatever the family is.
    package init(metricName: String, type: MetricType) {
        let suffix = CounterSuffix(metricName)
        switch type {
        case .counter: self = metricName.hasSuffix("_created") ? .valueByMetadata : .rateByMetadata
        case .histogram, .summary: self = suffix == nil || suffix == .total ? .valueByMetadata : .rateByMetadata
        case .gauge, .gaugeHistogram, .info, .stateset: self = .valueByMetadata
        case .unknown: self = suffix == nil ? .valueByDefault : .rateByName
        }
    }
}

/// The endings that mark a cumulative series.
enum CounterSuffix: String, CaseIterable {
    case total = "_total"
    case bucket = "_bucket"
    case count = "_count"
    case sum = "_sum"

    init?(_ metricName: String) {
        guard let suffix = Self.allCases.first(where: { metricName.hasSuffix($0.rawValue) }) else { return nil }
        self = suffix
    }

    /// Whether families of a type have series with this ending.
    func isPart(of type: MetricType) -> Bool {
        switch type {
        case .counter: self == .total
        case .histogram, .gaugeHistogram, .summary: self != .total
        case .gauge, .info, .stateset, .unknown: false
        }
    }

    /// The name of the family that a series of this name belongs to.
    static func family(of metricName: String) -> String? {
        CounterSuffix(metricName).map { String(metricName.dropLast($0.rawValue.count)) }
    }
}
