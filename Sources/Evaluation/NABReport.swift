/// What the Numenta benchmark says of one detector.
package struct NABReport: Sendable {
    package let detector: String
    package let threshold: Double
    /// Rows that an alarm silences the next; 0 when every row above the threshold was an alarm.
    package let onsetRest: Int
    package let seriesCount: Int
    package let windows: Int
    package let weeks: Double
    /// Standard, low-FP and low-FN, in this order.
    package let results: [NABResult]
    /// At the threshold asked for.
    package let fixed: NABCounts
    /// At the best threshold of the standard profile.
    package let best: NABCounts
    /// Each series at the threshold asked for, in the order given.
    package let perSeries: [(name: String, counts: NABCounts)]
}

/// Scores a detector as the Numenta benchmark does, at its best threshold and at a fixed one.
///
/// - Parameters:
///   - series: All series of the benchmark, or any subset; all are judged by one threshold.
///   - onsetRest: Rows for which an alarm silences the next (see `onsetScores`), 0 for the benchmark as published.
///   - threshold: The score from which on a row is an alarm.
/// - Throws: `EvaluationError.outOfRange`.
/// - Complexity: O(rows log rows).
package func evaluateNAB(
    detector: String, series: [EvaluatedSeries], onsetRest: Int = 90, threshold: Double = 1
) throws(EvaluationError) -> NABReport {
    guard onsetRest >= 0 else {
        throw .outOfRange(option: "onset rest", value: Double(onsetRest), allowed: "0 or more rows")
    }
    guard threshold.isFinite else {
        throw .outOfRange(option: "threshold", value: threshold, allowed: "a finite number")
    }
    var onsets: [EvaluatedSeries] = []
    for one in series {
        onsets.append(
            try EvaluatedSeries(one.series, scores: onsetScores(one.scores, threshold: threshold, rest: onsetRest)))
    }
    let scorer = NABScorer(onsets)
    let results = NABProfile.all.map { scorer.result($0, threshold: threshold) }
    return NABReport(
        detector: detector, threshold: threshold, onsetRest: onsetRest, seriesCount: series.count,
        windows: scorer.windows, weeks: scorer.weeks, results: results,
        fixed: scorer.counts(threshold: threshold), best: scorer.counts(threshold: results[0].bestThreshold),
        perSeries: series.indices.map { (series[$0].series.name, scorer.counts(ofSeries: $0, threshold: threshold)) })
}
