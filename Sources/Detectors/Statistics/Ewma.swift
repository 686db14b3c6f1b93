internal import RealModule
package import TimeSeries

/// Standard deviations from an exponentially weighted mean.
///
///     raw = |v - mean| / sd
///     mean += g (v - mean),   variance = (1 - g) (variance + g (v - mean)²)
///
/// with the weights of pandas' `ewm(halflife, adjust=True)`: g = 1/W, W = 1 + 2^(-1/halflife) W, so that the first
/// values count alike. The variance is that of `ewm(...).var(bias=True)`.
///
/// Added to the textbook: a value is learned from as if it were at most 100 standard deviations away. Otherwise one
/// absurd value would hide everything for hundreds of half-lives.
/// - Complexity: O(1); 32 bytes a series.
package struct Ewma: Detector {
    package static let description = DetectorDescription(
        name: "ewma",
        purpose: """
            Spikes and drops against a level that moves slowly. As with zscore, heavy tails alarm all the time.
            """,
        source: "Roberts 1959; pandas ewm(halflife, adjust=True).mean() and .var(bias=True)", warmUp: warmUp,
        parameters: [
            DetectorParameter(
                "half_life", .number(2...100_000, default: 60),
                "steps (samples, or minutes where samples come closer) after which a value counts half"),
            DetectorParameter("threshold", .number(0.5...100, default: 3), "standard deviations that are anomalous"),
        ])

    private static var warmUp: Int { 30 }
    /// What is learned from is at most so many standard deviations away.
    static var clip: Double { 100 }

    package let divisor: Float
    private let halfLife: Double
    /// The part of the weights that a sample leaves, where it is a whole step.
    private let kept: Double

    package init(_ parameters: DetectorParameters) {
        halfLife = parameters["half_life"]
        kept = Double.exp2(-1 / halfLife)
        divisor = Float(parameters["threshold"])
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var mean = 0.0
        fileprivate var variance = 0.0
        /// W: the sum of the weights.
        fileprivate var weight = 0.0
        fileprivate var score: Float = .nan
        fileprivate var seen: UInt16 = 0

        fileprivate var scale: Double { max(variance.squareRoot(), 1e-12 + 1e-9 * abs(mean)) }
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let value = sample.value.heldForFloat
        let isWarm = state.seen >= UInt16(Self.warmUp)
        let deviation = value - state.mean
        let scale = state.scale
        let score = Float(abs(deviation) / scale)

        let step = sample.step
        let weight = 1 + (step == 1 ? kept : Double.exp2(-Double(step) / halfLife)) * state.weight
        let gain = 1 / weight
        let limit = isWarm ? Self.clip * scale : .greatestFiniteMagnitude
        let learned = max(-limit, min(limit, deviation))
        state.mean += gain * learned
        state.variance = (1 - gain) * (state.variance + gain * learned * learned)
        state.weight = weight
        state.seen &+= isWarm ? 0 : 1
        guard isWarm else { return .warmingUp }
        state.score = score
        return Judgement(score: score, deviation: Float(deviation))
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        let left = Self.warmUp - Int(state.seen)
        if state.seen == 0 { return .none(warmUpLeft: left) }
        return band(around: state.mean, scale: state.scale, warmUpLeft: left)
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        return [
            Reason("z", Double(state.score)),
            Reason("mean", state.mean),
            Reason("standard deviation", state.variance.squareRoot()),
        ]
    }
}
