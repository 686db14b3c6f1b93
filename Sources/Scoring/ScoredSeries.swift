package import Detectors
package import TimeSeries

/// A whole series with what came of each of its samples, in columns.
package struct ScoredSeries: Sendable {
    /// See ``ScoredSample/column``.
    package private(set) var scores: [Double] = []
    package private(set) var smoothed: [Double] = []
    package private(set) var onsets: [Bool] = []
    /// What was expected of each sample before it came; NaN where nothing was, like the bounds.
    package private(set) var expected: [Double] = []
    package private(set) var lower: [Double] = []
    package private(set) var upper: [Double] = []

    package init() {}

    /// Scores a series from its beginning.
    /// - Throws: where the policy names a detector that cannot be had.
    package init(
        times: [Timestamp], values: [Double], _ policy: DetectionPolicy, signal: SignalChoice = .valueByMetadata
    ) throws(DetectorError) {
        precondition(times.count == values.count, "\(times.count) times for \(values.count) values")
        reserve(values.count)
        var scorer = try SeriesScorer(policy, signal: signal)
        for i in values.indices { append(scorer.score(values[i], at: times[i])) }
    }

    private mutating func reserve(_ count: Int) {
        scores.reserveCapacity(count)
        smoothed.reserveCapacity(count)
        onsets.reserveCapacity(count)
        expected.reserveCapacity(count)
        lower.reserveCapacity(count)
        upper.reserveCapacity(count)
    }

    /// Takes what came of the next sample.
    package mutating func append(_ sample: ScoredSample) {
        scores.append(sample.column)
        smoothed.append(Double(sample.smoothed))
        onsets.append(sample.isOnset)
        expected.append(sample.outlook.expected ?? .nan)
        lower.append(sample.outlook.lower ?? .nan)
        upper.append(sample.outlook.upper ?? .nan)
    }
}
