internal import Detectors
package import TimeSeries

/// How much a series must have been seen doing, and how lately, for more of it to be no news.
package struct FamiliarityFilter: Sendable, Equatable {
    /// A score is familiar while at least this many remembered episodes were about as strong. The user's dial: fewer
    /// means quieter. No score is familiar to an infinite budget.
    package var budget: Float
    /// The time in which a remembered episode fades to half of one, in seconds.
    package var halfLifeSeconds: Double

    package init(budget: Float = 8, halfLifeSeconds: Double = 7 * 86_400) {
        precondition(budget > 0, "the budget of the familiarity filter is \(budget), must be above 0")
        precondition(
            halfLifeSeconds > 0, "the half-life of the familiarity filter is \(halfLifeSeconds) s, must be above 0")
        self.budget = budget
        self.halfLifeSeconds = halfLifeSeconds
    }

    /// Eight episodes, half-life one week.
    package static let standard = FamiliarityFilter()
}

/// What a series does all the time is no anomaly of it: remembers the peaks of a series' past episodes and cuts scores
/// that are no stronger than what came often before.
///
/// An episode begins with a score of ``floor`` or more and ends with the tenth quiet sample in a row; then its peak is
/// remembered, also where its scores were cut. The peaks lie in 24 half-octave bins and fade with a half-life in sample
/// time. A score is cut to 0.99 while at least the budget of remembered episodes had a peak of at least 0.7 of it.
///
/// On the sawtooth of a garbage-collected heap this turns 104 false alarms a week into none (study of detection
/// quality, sections 5 and 6.4.2).
///
/// It is kept only for series that ever had an episode, and need not be called for a score below ``floor`` while it is
/// not ``isOpen``: such a call changes nothing.
/// - Complexity: O(24) additions for a score of ``floor`` or more, O(1) for others; 112 bytes.
package struct Familiarity: BitwiseCopyable, Sendable {
    /// The score at which an episode begins.
    package static var floor: Float { 0.5 }
    /// What a familiar score is cut to.
    package static var cut: Float { 0.99 }
    /// How strong past episodes must have been, against a score, to make it familiar.
    private static var likeness: Double { 0.7 }
    /// The quiet samples that end an episode.
    private static var quietSamples: UInt8 { 10 }
    /// How long weights may grow before they are scaled down, in half-lives: 2^16 leaves a `Float` all its digits.
    private static var rescaleAfter: Float { 16 }

    /// The remembered episodes by the half octave of their peak: bin 1 begins at ``floor``, the last has no upper end.
    ///
    /// Nothing fades in place. An episode is entered with the weight 2^(time since `reference`), in half-lives, and the
    /// budget is weighed alike, so that only what is newer grows: the same ratio, at the cost of one bin and not of 24.
    private var weights = InlineArray<24, Float>(repeating: 0)
    /// The moment at which an episode weighs 1.
    private var reference = Timestamp(milliseconds: .min)
    /// The highest score of the open episode; 0 while there is none.
    private var peak: Float = 0
    /// Quiet samples since the last that was not.
    private var quiet: UInt8 = 0

    package init() {}

    /// Whether an episode has begun that has not ended: then every score must be passed through ``filter(_:at:by:)``.
    package var isOpen: Bool { peak > 0 }

    /// Takes the series' next score and returns it, or 0.99 where it is higher but familiar.
    ///
    /// A score of NaN (the detector is warming up) counts as quiet and is returned as it is. A time that
    /// goes back is not an error; an episode that seems to end before the first weighs as much as the first.
    package mutating func filter(
        _ score: Float, at time: Timestamp, by filter: FamiliarityFilter = .standard
    ) -> Float {
        if score >= Self.floor {
            peak = max(peak, score)
            quiet = 0
            guard score > Self.cut else { return score }
            // The weight first: to know it may scale what is remembered.
            let weight = weight(at: time, filter)
            let alike = Self.bin(of: Double(score) * Self.likeness)
            return remembered(from: alike) >= filter.budget * weight ? Self.cut : score
        }
        guard isOpen else { return score }
        quiet += 1
        if quiet == Self.quietSamples {
            let weight = weight(at: time, filter)
            weights[Self.bin(of: Double(peak))] += weight
            peak = 0
        }
        return score
    }

    private func remembered(from bin: Int) -> Float {
        var sum: Float = 0
        for i in bin..<weights.count { sum += weights[i] }
        return sum
    }

    /// What an episode of this moment weighs. Moves the reference where that has become long ago.
    private mutating func weight(at time: Timestamp, _ filter: FamiliarityFilter) -> Float {
        if reference.milliseconds == .min { reference = time }
        let age = Float(max(0, time.seconds(since: reference)) / filter.halfLifeSeconds)
        if age < Self.rescaleAfter { return age.quickExp2 }
        let faded = age < 100 ? (-age).quickExp2 : 0
        for i in weights.indices { weights[i] *= faded }
        reference = time
        return 1
    }

    /// The half octave in which a score lies: two bins for each doubling from ``floor`` on.
    private static func bin(of score: Double) -> Int {
        let octaves = score / Double(floor)
        guard octaves >= 1 else { return 0 }
        guard octaves < 0x1p12 else { return 23 }
        return min(23, 1 + 2 * Int(octaves.exponent) + (octaves.significand >= 2.0.squareRoot() ? 1 : 0))
    }
}
