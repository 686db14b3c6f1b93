package import Detectors
package import TimeSeries

/// One series by itself, through the very stages that a received series takes: a sample has the same score whichever way
/// it came in.
package struct SeriesScorer: ~Copyable {
    private var shard: ScoringShard
    private var batch = SampleBatch()
    private let names = MetricNames()

    /// - Parameter signal: what is looked at; `.valueByDefault` lets the series' behaviour decide.
    /// - Throws: where the policy names a detector that cannot be had.
    package init(_ policy: DetectionPolicy, signal: SignalChoice = .valueByMetadata) throws(DetectorError) {
        shard = try ScoringShard(DetectionPlan(default: policy))
        shard.begin(row: 0, nameID: MetricNames.unnamed, choice: signal, lane: 0, arrival: 1)
    }

    /// Judges a sample, then learns from it.
    package mutating func score(_ value: Double, at time: Timestamp) -> ScoredSample {
        let outlook = shard.outlook(row: 0, at: time)
        batch.fill(row: 0, in: 0, time: time, value: value)
        var counts = OutcomeCounts()
        shard.score(&batch, shard: 0, now: time, names: names, &counts)
        let outcome = SampleOutcome.allCases.first { counts[$0] > 0 } ?? .notFinite
        return shard.scored(row: 0, outcome, outlook)
    }

    /// All that is known of the series.
    package var explanation: SeriesExplanation? { shard.explain(row: 0) }
}

/// What became of one sample.
package struct ScoredSample: Sendable {
    package let outcome: SampleOutcome
    /// Nil while warming up, and for a sample that was not judged.
    package let score: Float?
    package let smoothed: Float
    /// Whether the sample began an anomaly after a rest.
    package let isOnset: Bool
    /// What was expected of the sample before it came.
    package let outlook: Outlook

    /// The score in a column of numbers: 0 while warming up; NaN for a sample that was not judged, because it is not finite or
    /// not later than the one before.
    package var column: Double {
        if let score { return Double(score) }
        return outcome == .warmingUp || outcome == .baseline ? 0 : .nan
    }
}
