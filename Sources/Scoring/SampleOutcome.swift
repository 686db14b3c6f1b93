/// What became of a sample. Each is counted: nothing that was received vanishes without a reason.
package enum SampleOutcome: Int, Sendable, CaseIterable {
    case scored
    case warmingUp
    case baseline
    case notFinite
    case stale
    case duplicate
    case late
    case tooOld
    case tooFarAhead
    case ownSeries
    case histogramPart
    case invalidSeries
    case labelLimit
    case seriesLimit
    /// Of native histograms alone: buckets past the limit are scored as they are.
    case histogramLimit

    /// The `outcome` label of the metric.
    package var outcome: String {
        switch self {
        case .scored: "scored"
        case .warmingUp, .baseline: "learned"
        case .histogramPart: "gathered"
        case .notFinite, .duplicate, .late, .tooOld, .tooFarAhead, .ownSeries: "ignored"
        case .stale: "ended"
        case .invalidSeries, .labelLimit, .seriesLimit, .histogramLimit: "refused"
        }
    }

    /// The `reason` label of the metric.
    package var reason: String {
        switch self {
        case .scored: "judged"
        case .warmingUp: "warming_up"
        case .baseline: "first_of_rate"
        case .notFinite: "not_finite"
        case .stale: "stale_marker"
        case .duplicate: "duplicate"
        case .late: "out_of_order"
        case .tooOld: "too_old"
        case .tooFarAhead: "too_far_ahead"
        case .ownSeries: "own_series"
        case .histogramPart: "part_of_histogram"
        case .invalidSeries: "invalid_series"
        case .labelLimit: "label_limit"
        case .seriesLimit: "series_limit"
        case .histogramLimit: "histogram_limit"
        }
    }
}

/// How many samples of a request had which outcome.
package struct OutcomeCounts: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: SampleOutcome.allCases.count)

    package init() {}

    package subscript(outcome: SampleOutcome) -> Int {
        get { counts[outcome.rawValue] }
        set { counts[outcome.rawValue] = newValue }
    }

    package var total: Int { counts.reduce(0, +) }
}
