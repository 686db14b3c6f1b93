/// The peak hold and the vote of several detectors on one series.
///
/// A score is held: it sinks by half in `hold` steps unless a higher one comes, so that detectors that see the same event
/// a little apart in time still agree; scores above 5 count as 5, so that none is held for long. The vote is the
/// need-th largest of the held scores: above 1 where that many members are. These are `decayed` and `vote` of the study
/// of detection quality, section 6.3.
struct Vote<Number: AdaptiveNumber>: Sendable {
    static var cap: Number { 5 }

    /// What is held after a score. A member that is warming up says nothing, which counts as 0.
    @inline(__always)
    static func held(_ before: Number, score: Number, keep: Number) -> Number {
        let kept = before * keep
        let capped = score < cap ? score : score.isNaN ? 0 : cap
        // Far below all that shows, but no subnormal number.
        return larger(capped, kept < 0x1p-60 ? 0 : kept)
    }

    /// The need-th largest of a range of numbers.
    /// - Complexity: O(count²), for at most 16.
    @inline(__always)
    static func largest(_ need: Int, of numbers: Span<Number>, in range: Range<Int>) -> Number {
        for i in range {
            let candidate = numbers[i]
            var above = 0
            var equal = 0
            for j in range {
                above += numbers[j] > candidate ? 1 : 0
                equal += numbers[j] == candidate ? 1 : 0
            }
            if above < need, above + equal >= need { return candidate }
        }
        return 0
    }
}
