/// What a detector says of one value.
package struct Judgement: Sendable, BitwiseCopyable, Equatable {
    /// How unusual the value is: 0 or more, never NaN but while warming up. Raw from a detector, over its divisor from a
    /// bank, where above 1 is anomalous.
    package var score: Float
    /// The value less what was expected, in the unit of the signal: its sign is the direction. NaN where the detector
    /// expects no value in particular.
    package var deviation: Float

    @inlinable @inline(__always)
    package init(score: Float, deviation: Float) {
        self.score = score
        self.deviation = deviation
    }

    /// No judgement yet.
    @inlinable @inline(__always)
    package static var warmingUp: Judgement { Judgement(score: .nan, deviation: .nan) }

    @inlinable @inline(__always)
    package var isWarmingUp: Bool { score.isNaN }
}

/// A raw score over its detector's divisor: above 1 is anomalous, for every detector and every series.
package enum CalibratedScore {
    /// Higher scores are cut to this. The first change of a series that was constant has a score of many millions,
    /// which says nothing more and would flatten every graph and mean.
    package static var limit: Float { 1_000 }
}
