internal import Detectors

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
