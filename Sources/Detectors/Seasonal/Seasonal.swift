internal import RealModule

/// How far a value lies from a forecast that knows the time of day, against how far the series' values usually do.
///
/// The equations of ``Adaptive``, with three forecasters more: Holt's level and trend; the mean of this time of day;
/// and that mean moved by how far the last values lay from theirs. The forecast is again the mean of all six, each
/// weighted by the inverse cube of its recent loss, so that a series without a daily pattern loses nothing.
///
/// These are the equations and constants of detector R in the study of detection quality, section 6.2, to which they
/// are held on all of NAB. Added to them is one rule: a value that is further from the mean than a million times the
/// range is judged, but it is learned only where the next one is as far off. One absurd value would otherwise blind the
/// range, which forgets with a half-life of 20,000 samples, for months. No value of NAB is so far off.
///
/// The constants count steps (see ``Pace``): a sample, or a minute where samples come closer than that.
/// - Complexity: O(1), about 250 floating-point operations and no call; 336 bytes a series in `Float`.
struct Seasonal<Number: AdaptiveNumber>: Sendable {
    let gains = Gains()

    /// Samples of a series that are learned from before the first judgement.
    static var warmUp: UInt16 { 31 }

    /// Judges a value, then learns from it.
    ///
    /// - Parameters:
    ///   - slot: where in the day the value lies, and where to look while nothing is known there.
    ///   - step: the steps that this sample is worth, above 0 and at most 1.
    /// - Returns: the raw score, 0 or more, and the residual with its sign; nil while warming up.
    @inline(__always)
    func judge(
        _ value: Double, slot: DayPattern.Slot, step: Number, state: inout State
    ) -> (raw: Number, deviation: Number)? {
        let held = value.heldForFloat
        if state.seen == 0 {
            state.begin(at: held)
            return nil
        }
        let isWarm = state.seen >= Self.warmUp
        let v = Number(held - state.offset)
        let known = state.learnedBin(slot)
        let errors = state.errors(of: v, bin: known)
        let error = state.mixed(errors)
        let r = abs(error)
        let range = state.range
        let tiny = state.tiny
        let scale = state.scale.value + range * 0.001 + tiny
        let raw = r / scale * (scale / (range + tiny)).toThePower015

        if isWarm, state.putsOff(v, range: range, tiny: tiny) { return (raw, error) }
        let perSeen = 1 / Number(state.seen)
        let lossGain = larger(gains.loss * step, perSeen)
        state.scale.learn(
            r, range: range, seen: state.seen, perSeen: perSeen, warmUp: Self.warmUp,
            quantileGain: gains.quantile * step, meanGain: gains.loss * step, nonZeroGain: 0.01 * step)
        state.learn(losses: errors, gain: lossGain, isWarm: isWarm)
        state.learn(value: v, errors: errors, perSeen: perSeen, step: step, gains: gains)
        state.learn(value: v, bin: slot.bin, from: known, step: step, gains: gains)
        state.forecast = v - error
        state.seen &+= state.seen < .max ? 1 : 0
        // Rare: the values have left the offset far behind.
        if abs(state.mean) > 4 * state.range + 4_000 * tiny { state.recentre() }
        return isWarm ? (raw, error) : nil
    }

    /// How fast the means follow, per step: 1 - 2^(-1/h) for a half-life of h steps.
    struct Gains: Sendable {
        let fast = Number(gain(halfLife: 3))
        let slow = Number(gain(halfLife: 150))
        let loss = Number(gain(halfLife: 200))
        let quantile = Number(gain(halfLife: 2_000))
        let range = Number(gain(halfLife: 20_000))
        let level: Number = 0.3
        let trend: Number = 0.015
        let bin: Number = 0.02

        private static func gain(halfLife: Double) -> Double { 1 - Double.exp2(-1 / halfLife) }
    }

    /// What is expected at a slot, and within which bounds the raw score would be below `divisor`.
    func outlook(_ state: State, slot: DayPattern.Slot, divisor: Float) -> Outlook {
        let left = Int(max(state.seen, Self.warmUp) - state.seen)
        if state.seen == 0 { return .none(warmUpLeft: left) }
        let fromLast = state.mixed(state.errors(of: state.last, bin: state.learnedBin(slot)))
        let expected = state.offset + Double(state.last - fromLast)
        if left > 0 { return Outlook(expected: expected, lower: nil, upper: nil, warmUpLeft: left) }
        // The equation of the score, solved for the residual at which it is 1.
        let range = Double(state.range)
        let tiny = Double(state.tiny)
        let scale = Double(state.scale.value) + range * 0.001 + tiny
        let residual = Double(divisor) * Double.pow(scale, 0.85) * Double.pow(range + tiny, 0.15)
        return Outlook(expected: expected, lower: expected - residual, upper: expected + residual, warmUpLeft: 0)
    }

    /// The forecast that the last learned value was held against, its residual, how much each forecaster counts now,
    /// and the scales, in the unit of the signal; nothing before the first value.
    func reasons(_ state: State) -> [Reason] {
        if state.seen == 0 { return [] }
        let weights = state.weights()
        var total: Number = 0
        for i in weights.indices { total += weights[i] }
        let names = ["last value", "fast mean", "slow mean", "trend", "time of day", "time of day, moved"]
        return [
            Reason("forecast", state.offset + Double(state.forecast)),
            Reason("residual", Double(abs(state.last - state.forecast))),
            Reason("typical residual", Double(state.scale.mean)),
            Reason("tail residual", Double(state.scale.tail)),
            Reason("non-zero residual", Double(state.scale.nonZero)),
            Reason("scale", Double(state.scale.value)),
            Reason("range", Double(state.range)),
        ] + weights.indices.map { Reason("weight of \(names[$0])", Double(weights[$0] / total)) }
    }
}
