import Datasets
import Detectors
import Scoring

/// One metric of an input, scored row after row by the stages that received samples take.
///
/// `detect` writes and `evaluate` judges what this says, so that the two cannot differ.
struct MetricScorer: ~Copyable {
    private let file: SeriesFile
    private let values: [Double]
    private var scorer: SeriesScorer

    /// - Throws: where the policy names a detector that cannot be had.
    init(_ file: SeriesFile, metric: Int, _ policy: DetectionPolicy, signal: SignalFlag) throws(DetectorError) {
        self.file = file
        values = file.metrics[metric].values
        scorer = try SeriesScorer(policy, signal: signal.choice(metricName: file.metrics[metric].name))
    }

    /// Judges a row, then learns from it. Rows come in order; a malformed one has no score and teaches nothing.
    mutating func score(row: Int) -> ScoreRow {
        if file.isMalformed(row) { return .none }
        return ScoreRow(value: values[row], scorer.score(values[row], at: file.times[row]))
    }
}

extension ScoreRow {
    fileprivate init(value: Double, _ sample: ScoredSample) {
        self.init(
            value: value, score: sample.column, smoothed: Double(sample.smoothed), onset: sample.isOnset ? 1 : 0,
            expected: sample.outlook.expected ?? .nan, lower: sample.outlook.lower ?? .nan,
            upper: sample.outlook.upper ?? .nan)
    }
}
