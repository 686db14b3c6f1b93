package import TimeSeries

/// How far a value lies outside a band between two quantiles of the past.
///
///     raw = max(lower - v, v - upper, 0) / (upper - lower)
///
/// The quantiles are P² estimates. P² never forgets, so there are two generations: the one that judges is between one
/// and two windows old, the other is learned beside it and takes over when it is one window old. Values are learned from
/// as if they were at most 20 widths outside the band, which the paper has not: one absurd value would otherwise pull
/// the markers for a generation.
///
/// The divisor is 0.5: half a width beyond the band. For normal values and the default quantiles that is 4.7 standard
/// deviations.
/// - Complexity: O(1); 264 bytes.
package struct QuantileBand: Detector {
    package static let description = DetectorDescription(
        name: "quantile",
        purpose: """
            Values outside the band in which a series usually is, whatever the shape of its distribution. Knows no time \
            of day, and sees nothing inside the band.
            """,
        source: "Jain and Chlamtac 1985 (P²); river stats.Quantile", warmUp: 100,
        parameters: [
            DetectorParameter("lower", .number(0.001...0.5, default: 0.01), "share of values below the band"),
            DetectorParameter("upper", .number(0.5...0.999, default: 0.99), "share of values below its upper end"),
            DetectorParameter(
                "window", .whole(200...1_000_000, default: 1_440), "values after which the band is learned afresh"),
            DetectorParameter(
                "margin", .number(0...100, default: 0.5), "band widths beyond the band that are anomalous"),
        ])

    private static var warmUp: Int { 100 }
    /// What is learned from is at most so many widths outside the band.
    private static var clip: Double { 20 }

    package let divisor: Float
    private let lower: Double
    private let upper: Double
    private let window: Int32

    package init(_ parameters: DetectorParameters) throws(DetectorError) {
        lower = parameters["lower"]
        upper = parameters["upper"]
        window = Int32(parameters.whole("window"))
        divisor = max(Float(parameters["margin"]), 1e-6)
        if lower == upper {
            throw .conflict(detector: Self.description.name, "lower and upper are both \(lower); a band needs two")
        }
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var lower = P2Quantile()
        fileprivate var upper = P2Quantile()
        fileprivate var nextLower = P2Quantile()
        fileprivate var nextUpper = P2Quantile()
        fileprivate var score: Float = .nan
    }

    private struct Band {
        let lower: Double
        let upper: Double
        let width: Double

        @inline(__always)
        init(_ state: State, _ detector: QuantileBand) {
            let low = state.lower.estimate(detector.lower)
            lower = low
            // The two are estimated apart, and could cross by a little.
            upper = max(low, state.upper.estimate(detector.upper))
            width = max(upper - lower, 1e-12 + 1e-9 * max(abs(lower), abs(upper)))
        }
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let value = sample.value.heldForFloat
        guard state.lower.count >= Int32(Self.warmUp) else {
            learn(value, &state)
            return .warmingUp
        }
        let band = Band(state, self)
        let reach = Self.clip * band.width
        learn(max(band.lower - reach, min(band.upper + reach, value)), &state)
        state.score = Float(max(band.lower - value, value - band.upper, 0) / band.width)
        return Judgement(score: state.score, deviation: Float(value - (band.lower + band.upper) / 2))
    }

    @inline(__always)
    private func learn(_ value: Double, _ state: inout State) {
        if state.lower.count >= window {
            state.nextLower.add(value, lower)
            state.nextUpper.add(value, upper)
            if state.nextLower.count >= window {
                state.lower = state.nextLower
                state.upper = state.nextUpper
                state.nextLower = P2Quantile()
                state.nextUpper = P2Quantile()
                return
            }
        }
        state.lower.add(value, lower)
        state.upper.add(value, upper)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        let left = max(0, Self.warmUp - Int(state.lower.count))
        if state.lower.count == 0 { return .none(warmUpLeft: left) }
        let band = Band(state, self)
        let margin = Double(divisor) * band.width
        return Outlook(
            expected: (band.lower + band.upper) / 2, lower: left > 0 ? nil : band.lower - margin,
            upper: left > 0 ? nil : band.upper + margin, warmUpLeft: left)
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        let band = Band(state, self)
        return [
            Reason("widths outside the band", Double(state.score)),
            Reason("lower quantile", band.lower),
            Reason("upper quantile", band.upper),
            Reason("values in the estimate", Double(state.lower.count)),
        ]
    }
}
