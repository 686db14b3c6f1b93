internal import RealModule
package import TimeSeries

/// The detector that every series gets: how far a value lies from a forecast, against how far its values usually do.
///
/// Three forecasters run side by side: the last value, a fast mean and a slow mean. The forecast is their mean, each
/// weighted by the inverse cube of its recent loss, so that the one that suits the series speaks almost alone. The
/// residual is held against a scale that minds the tail (against a plain mean, every burst of a bursty series would
/// alarm), and a little against the range of the series, so that a small change of a very steady series is no large
/// anomaly:
///
///     raw = (r / (σ + ρ/1000))^0.85 · (r / ρ)^0.15,    σ = max(s, u/1.96, z/2)
///
/// with r the residual, s its mean, u its 95 % quantile, z the mean of those residuals that are not about zero, and ρ
/// the range. A raw score of 6 is anomalous. All half-lives count samples, not seconds. The first 31 samples are
/// learned from, not judged.
///
/// The equations, and the measurements behind the constants, are those of detector R0 in the study of detection
/// quality, section 6.1. Here the score is taken as (r/A) · (A/B)^0.15, with A the first divisor and B the second: the
/// same number, with one power in place of two.
/// - Complexity: O(1), about 150 floating-point operations and no call; 64 bytes a series.
package struct Adaptive<Number: AdaptiveNumber>: Sendable {
    let gains = Gains()

    /// Samples of a series that are learned from before the first judgement.
    package static var warmUp: Int { 31 }

    package init() {}

    /// Judges a value, then learns from it.
    ///
    /// - Returns: the raw score, 0 or more, infinity where it is more than a `Number` can say, and the residual with its
    ///   sign; nil while warming up. A value that is NaN is neither judged nor learned, and also gives nil.
    @inline(__always)
    func judge(_ value: Double, state: inout State) -> (raw: Number, deviation: Number)? {
        if value.isNaN { return nil }
        let held = max(-State.valueLimit, min(State.valueLimit, value))
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
        let r = abs(error)
        let range = state.range
        let tiny = state.tiny
        let scale = state.scale + range * 0.001 + tiny
        let raw = r / scale * (scale / (range + tiny)).toThePower015

        let perSeen = 1 / Number(state.seen)
        state.learn(residual: r, range: range, perSeen: perSeen, isWarm: isWarm, gains: gains)
        state.learn(errors: errors, gain: larger(gains.loss, perSeen), isWarm: isWarm)
        state.learn(value: v, errors: errors, perSeen: perSeen, gains: gains)
        state.forecast = v - error
        state.seen &+= state.seen < .max ? 1 : 0
        // Rare: the values have left the offset far behind.
        if abs(state.mean) > 4 * state.range + 4_000 * tiny { state.recentre() }
        return isWarm ? (raw, error) : nil
    }

    /// How fast the means follow, per sample: 1 - 2^(-1/h) for a half-life of h samples.
    struct Gains: Sendable {
        let fastMean = Number(gain(halfLife: 3))
        let slowMean = Number(gain(halfLife: 150))
        let loss = Number(gain(halfLife: 200))
        let quantile = Number(gain(halfLife: 2_000))
        let range = Number(gain(halfLife: 20_000))

        private static func gain(halfLife: Double) -> Double { 1 - Double.exp2(-1 / halfLife) }
    }
}

/// ``Adaptive`` as it runs in production: in `Float`, 64 bytes a series.
package struct AdaptiveDetector: Detector {
    package static let description = DetectorDescription(
        name: "adaptive",
        purpose: """
            The default: spikes, drops and changes of level in series of every kind, seasonal or not. Knows no time of day.
            """,
        source: "detector R0 of our study of detection quality, section 6.1", warmUp: Adaptive<Float>.warmUp)

    package typealias State = Adaptive<Float>.State
    package let divisor: Float = 6
    private let core = Adaptive<Float>()

    package init(_ parameters: DetectorParameters) {}
    package init() {}

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        guard let judged = core.judge(sample.value, state: &state) else { return .warmingUp }
        return Judgement(score: judged.raw, deviation: judged.deviation)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook { core.outlook(state, divisor: divisor) }
    package func reasons(_ state: State) -> [Reason] { core.reasons(state) }
}

/// How much each forecaster's word counts: the inverse cube of its recent loss, against that of the best.
///
/// A forecaster that is a million times worse than the best counts as a million times worse: all beyond is the same
/// nothing, and the cubes stay inside a `Float` whatever the unit of the series.
struct ForecastWeights<Number: AdaptiveNumber> {
    private let last: Number
    private let fast: Number
    private let slow: Number

    @inline(__always)
    init(_ state: Adaptive<Number>.State) {
        let last = state.lastLoss + 1e-12
        let fast = state.fastLoss + 1e-12
        let slow = state.slowLoss + 1e-12
        let best = smaller(last, smaller(fast, slow))
        let worst = best * 0x1p20
        self.last = Self.cubed(best / smaller(last, worst))
        self.fast = Self.cubed(best / smaller(fast, worst))
        self.slow = Self.cubed(best / smaller(slow, worst))
    }

    @inline(__always)
    func mean(_ ofLast: Number, _ ofFast: Number, _ ofSlow: Number) -> Number {
        (last * ofLast + fast * ofFast + slow * ofSlow) / (last + fast + slow)
    }

    @inline(__always)
    private static func cubed(_ x: Number) -> Number { x * x * x }
}
