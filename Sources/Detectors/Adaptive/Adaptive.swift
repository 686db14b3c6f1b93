internal import RealModule

/// The detector that every series gets: how far a value lies from a forecast, against how far its values usually do.
///
/// Three forecasters run side by side: the last value, a fast mean and a slow mean. The forecast is their mean, each
/// weighted by the inverse cube of its recent loss, so that the one that suits the series speaks almost alone. The
/// residual is held against a scale that minds the tail (against a plain mean, every burst of a bursty series would
/// alarm), and a little against the range of the series, so that a small change of a very steady series is no large
/// anomaly:
///
///     residual = (r / (σ + ρ/1000))^0.85 · (r / ρ)^0.15,    σ = max(s, u/1.96, z/2)
///
/// with r the residual, s its mean, u its 95 % quantile, z the mean of those residuals that are not about zero, and ρ
/// the range. The same equation judges the distance e from the slow mean by a slower scale, σ' = max(s', u'/1.96, σ), so
/// that a level that stays where it should not be is seen after the forecast has followed it:
///
///     baseline = ((e / (σ' + ρ/1000))^0.85 · (e / ρ)^0.15 / 4.6)^1.5
///
/// The larger of `residual / 5.4` and `baseline` is the score. By itself (``Members/residual``) the first is divided by 6.
/// Half-lives count steps (see ``Pace``). The first 31 samples are learned from, not judged.
///
/// The first member is detector R0 of the study of detection quality, section 6.1, the second its slow baseline (section 4,
/// "gap to close"), with the constants at which the synthetic and labelled sets of that study have the fewest false alarms
/// at the same recall. Here a product of powers is taken as (r/A) · (A/B)^0.15, with A the first divisor and B the second:
/// the same number, with one power in place of two.
/// - Complexity: O(1), about 200 floating-point operations and no call; 72 bytes a series.
package struct Adaptive<Number: AdaptiveNumber>: Sendable {
    /// Which of the two members judge.
    enum Members: Sendable {
        case residual
        case residualAndBaseline
    }

    let members: Members
    let gains = Gains()

    /// Samples of a series that are learned from before the first judgement.
    package static var warmUp: Int { 31 }
    /// The distance from the slow mean, as raw score, at which the baseline's score is 1.
    static var baselineDivisor: Number { 4.6 }

    init(_ members: Members = .residualAndBaseline) {
        self.members = members
    }

    /// The raw residual at which a value is anomalous.
    var divisor: Number { members == .residual ? 6 : 5.4 }

    /// Judges a value, then learns from it.
    ///
    /// - Parameter step: what the sample counts, see ``Pace``: above 0, at most 1.
    /// - Returns: the raw score, 0 or more, infinity where it is more than a `Number` can say, and the deviation from what
    ///   the stronger member expected; nil while warming up. A value that is NaN is neither judged nor learned, and also
    ///   gives nil.
    @inline(__always)
    func judge(_ value: Double, step: Number = 1, state: inout State) -> (raw: Number, deviation: Number)? {
        if value.isNaN { return nil }
        let held = value.heldForFloat
        if state.seen == 0 {
            state.begin(at: held)
            return nil
        }
        let isWarm = state.seen >= UInt16(Self.warmUp)
        let v = Number(held - state.offset)
        // A mean of the errors, not the error of a mean: in `Float`, a difference of large numbers would lose what
        // matters.
        let errors = (last: v - state.last, fast: v - state.fast, slow: v - state.slow)
        let error = ForecastWeights(state).mean(errors.last, errors.fast, errors.slow)
        let range = state.range
        let tiny = state.tiny
        let floor = range * 0.001 + tiny
        let perRange = 1 / (range + tiny)
        var judged = (raw: Self.raw(abs(error), scale: state.scale + floor, perRange: perRange), deviation: error)
        if members == .residualAndBaseline {
            let raw = Self.raw(abs(errors.slow), scale: state.slowScale + floor, perRange: perRange)
            let baseline = divisor * Self.baselineScore(raw)
            if baseline > judged.raw { judged = (baseline, errors.slow) }
        }

        if isWarm, state.isBeyondMeasure(v), !state.isDoubting {
            state.isDoubting = true
            return judged
        }
        state.isDoubting = false
        // The counter has stopped where one more value in so many is nothing.
        let perSeen = state.seen == .max ? 0 : 1 / Number(state.seen)
        let gains = gains.scaled(by: step)
        state.learn(
            residual: abs(error), distance: abs(errors.slow), range: range, perSeen: perSeen, isWarm: isWarm,
            gains: gains)
        state.learn(errors: errors, gain: larger(gains.loss, perSeen), isWarm: isWarm)
        state.learn(value: v, errors: errors, perSeen: perSeen, gains: gains)
        state.lastError = error
        state.seen &+= state.seen < .max ? 1 : 0
        // Rare: the values have left the offset far behind.
        if abs(state.mean) > 4 * state.range + 4_000 * tiny { state.recentre() }
        return isWarm ? judged : nil
    }

    @inline(__always)
    private static func raw(_ r: Number, scale: Number, perRange: Number) -> Number {
        r / scale * (scale * perRange).toThePower015
    }

    /// The power of 1.5 that keeps small distances small, beside a residual that is taken as it is.
    @inline(__always)
    private static func baselineScore(_ raw: Number) -> Number {
        let share = raw * (1 / baselineDivisor)
        return share * share.squareRoot()
    }

    /// How fast the means follow, per sample: 1 - 2^(-1/h) for a half-life of h samples.
    struct Gains: Sendable {
        var fastMean = Number(gain(halfLife: 3))
        var slowMean = Number(gain(halfLife: 150))
        var loss = Number(gain(halfLife: 200))
        var quantile = Number(gain(halfLife: 2_000))
        var range = Number(gain(halfLife: 20_000))
        var nonZero: Number = 0.01

        private static func gain(halfLife: Double) -> Double { 1 - Double.exp2(-1 / halfLife) }

        /// The gains of a sample that counts less than a step. All but the first are so small that they scale with it: the
        /// error is below half a per cent of the gain.
        @inline(__always)
        func scaled(by step: Number) -> Gains {
            if step == 1 { return self }
            var scaled = self
            // 1 - 2^(-step/3), to five digits.
            let x = step * 0.231_049_06
            scaled.fastMean = x * (1 - x * (0.5 - x * (1 / 6 - x * (1 / 24))))
            scaled.slowMean *= step
            scaled.loss *= step
            scaled.quantile *= step
            scaled.range *= step
            scaled.nonZero *= step
            return scaled
        }
    }
}

/// How much each forecaster's word counts: the inverse cube of its recent loss, against that of the best.
///
/// A forecaster that is a million times worse than the best counts as a million times worse: all beyond is the same
/// nothing, and the cubes stay inside a `Float` whatever the unit of the series. The inverses of three numbers stand to one
/// another as the products of the other two: so there is one division, not three.
struct ForecastWeights<Number: AdaptiveNumber> {
    private let last: Number
    private let fast: Number
    private let slow: Number

    @inline(__always)
    init(_ state: Adaptive<Number>.State) {
        let last = state.lastLoss + 1e-12
        let fast = state.fastLoss + 1e-12
        let slow = state.slowLoss + 1e-12
        let perBest = 1 / smaller(last, smaller(fast, slow))
        let worst: Number = 0x1p20
        let timesLast = smaller(last * perBest, worst)
        let timesFast = smaller(fast * perBest, worst)
        let timesSlow = smaller(slow * perBest, worst)
        self.last = Self.cubed(timesFast * timesSlow)
        self.fast = Self.cubed(timesLast * timesSlow)
        self.slow = Self.cubed(timesLast * timesFast)
    }

    @inline(__always)
    func mean(_ ofLast: Number, _ ofFast: Number, _ ofSlow: Number) -> Number {
        let perSum = 1 / (last + fast + slow)
        // The shares first: a weight times an error could be too large for a `Float`.
        return (last * perSum) * ofLast + (fast * perSum) * ofFast + (slow * perSum) * ofSlow
    }

    @inline(__always)
    private static func cubed(_ x: Number) -> Number { x * x * x }
}
