internal import Detectors
package import TimeSeries

/// What a series does all the time is no anomaly of it: remembers the peaks of a series' past episodes and cuts scores
/// that are no news.
///
/// An episode begins with a score of ``floor`` or more and ends after ten quiet steps (see `Pace`); then its peak is
/// remembered, also where its scores were cut. The peaks lie in half-octave bins and fade with a half-life in sample time.
/// A score is cut to 0.99 while the remembered episodes that were about as strong weigh as much as the budget of the
/// ``FamiliarityFilter``.
///
/// On the sawtooth of a garbage-collected heap this turns 104 false alarms a week into none (study of detection
/// quality, sections 5 and 6.4.2).
///
/// It is kept only for series that ever had an episode, and need not be called for a score below ``floor`` while it is
/// not ``isOpen``: such a call changes nothing.
/// - Complexity: O(21) additions for a score of ``floor`` or more, O(1) for others; 96 bytes.
package struct Familiarity: BitwiseCopyable, Sendable {
    /// The score at which an episode begins.
    package static var floor: Float { 0.5 }
    /// What a familiar score is cut to.
    package static var cut: Float { 0.99 }
    /// The quiet steps that end an episode.
    private static var quietSteps: Float { 10 }
    /// What a step counts in `quiet`.
    private static var quietPerStep: Float { 64 }
    /// How long weights may grow before they are scaled down, in half-lives: 2^16 leaves a `Float` all its digits.
    private static var rescaleAfter: Float { 16 }

    /// The remembered episodes by the half octave of their peak: the first begins at ``floor``, the last has no upper end.
    ///
    /// Nothing fades in place. An episode is entered with the weight 2^(time since `reference`), in half-lives, and the
    /// budget is weighed alike, so that only what is newer grows: the same ratio, at the cost of one bin and not of all.
    private var weights = InlineArray<21, Float>(repeating: 0)
    /// The moment at which an episode weighs 1, in seconds since 1970; 0 before the first.
    private var reference: UInt32 = 0
    /// Samples of the open episode that were not quiet; stays at the greatest.
    private var count: UInt16 = 0
    /// The quiet steps since the last sample that was not, in 64ths.
    private var quiet: UInt16 = 0
    /// Samples in a row that were not quiet; stays at the greatest.
    private var run: UInt8 = 0
    /// The bin of the highest score of the open episode, plus one; 0 while there is none.
    private var peak: UInt8 = 0

    package init() {}

    /// Whether an episode has begun that has not ended: then every score must be passed through
    /// ``filter(_:interval:at:by:)``.
    package var isOpen: Bool { peak > 0 }

    /// Takes the series' next score and returns it, or 0.99 where it is higher but familiar.
    ///
    /// A score of NaN (the detector is warming up) counts as quiet and is returned as it is. A time that
    /// goes back is not an error; an episode that seems to end before the first weighs as much as the first.
    /// - Parameter interval: the usual distance of the series' samples in seconds; 0 where it is not known.
    package mutating func filter(
        _ score: Float, interval: Float, at time: Timestamp, by filter: FamiliarityFilter = .standard
    ) -> Float {
        if score >= Self.floor {
            if quiet > 0 { run = 0 }
            quiet = 0
            run &+= run < .max ? 1 : 0
            count &+= count < .max ? 1 : 0
            peak = max(peak, UInt8(truncatingIfNeeded: Self.bin(of: score) + 1))
            guard score > Self.cut else { return score }
            // The weight first: to know it may scale what is remembered.
            let weight = weight(at: time, filter)
            let alike = run > filter.unconfirmedSamples ? Self.bin(of: score * filter.likeness) : 0
            return remembered(from: alike) >= filter.budget * weight ? Self.cut : score
        }
        guard isOpen else { return score }
        let step = Pace.step(interval: interval)
        quiet &+= UInt16(max(1, (step * Self.quietPerStep).rounded()))
        if Float(quiet) >= Self.quietSteps * Self.quietPerStep {
            let weight = weight(at: time, filter)
            weights[Int(peak) - 1] += weight * filter.weight(ofEpisode: Float(count), interval: interval)
            peak = 0
            count = 0
            run = 0
            quiet = 0
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
        let now = UInt32(clamping: time.milliseconds / 1000)
        if reference == 0 { reference = max(now, 1) }
        let age = Float((now > reference ? Double(now - reference) : 0) / filter.halfLifeSeconds)
        if age < Self.rescaleAfter { return age.quickExp2 }
        let faded = age < 100 ? (-age).quickExp2 : 0
        for i in weights.indices { weights[i] *= faded }
        reference = now
        return 1
    }

    /// The half octave in which a score lies: two bins for each doubling from ``floor`` on, the first for all below too.
    private static func bin(of score: Float) -> Int {
        let octaves = score / floor
        guard octaves >= 1 else { return 0 }
        guard octaves < 0x1p12 else { return 20 }
        return min(20, 2 * Int(octaves.exponent) + (octaves.significand >= Float(2).squareRoot() ? 1 : 0))
    }
}
