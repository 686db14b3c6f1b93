package import TimeSeries

/// Fixed bounds, with a distance that a value must come back before it is normal again.
///
/// With both bounds the score is the distance from their middle over half their distance, so 1 at either bound. With one
/// it is 1 at the bound and changes by 1 over the size of the bound (for an upper bound above 0: v / upper); where the
/// bound is 0, over the clear distance, or over 1. Outside, and until a value is inside by more than `clear`, the score
/// is above 1. Without any bound it is 0.
///
/// The deviation is the way to the value at which an episode ends; NaN while there is none.
/// - Complexity: O(1); 8 bytes a series.
package struct Threshold: Detector {
    package static let description = DetectorDescription(
        name: "threshold",
        purpose: """
            A limit that is known beforehand: a full disk, an error budget, a certificate's last days. Learns nothing.
            """,
        source: "static bounds with hysteresis, as in a Schmitt trigger", warmUp: 0,
        parameters: [
            DetectorParameter("lower", .text(default: "none"), "the least normal value, or none; in the series' unit"),
            DetectorParameter("upper", .text(default: "none"), "the greatest normal value, or none"),
            DetectorParameter(
                "clear", .number(0...1e300, default: 0), "how far inside a value must come for an episode to end"),
        ], invariances: [])

    package let divisor: Float = 1
    private let lower: Double
    private let upper: Double
    private let clear: Double
    /// The distance from the middle, or from a single bound, over which the score changes by 1.
    private let unit: Double

    /// - Throws: where a bound is no finite number, and where an episode could never end.
    package init(_ parameters: DetectorParameters) throws(DetectorError) {
        let low = try Self.bound("lower", parameters)
        let high = try Self.bound("upper", parameters)
        lower = low ?? -.infinity
        upper = high ?? .infinity
        clear = parameters["clear"]
        switch (low, high) {
        case (let low?, let high?):
            guard low < high else {
                throw .conflict(detector: Self.description.name, "lower=\(low) must be below upper=\(high)")
            }
            unit = high / 2 - low / 2
            guard clear < unit * 2 else {
                throw .conflict(
                    detector: Self.description.name,
                    "clear=\(clear) leaves nothing between lower=\(low) and upper=\(high) where an episode could end")
            }
        case (let bound?, nil), (nil, let bound?): unit = bound != 0 ? abs(bound) : (clear > 0 ? clear : 1)
        case (nil, nil): unit = 1
        }
    }

    private static func bound(_ name: String, _ parameters: DetectorParameters) throws(DetectorError) -> Double? {
        let text = parameters.word(name)
        if text == "none" { return nil }
        guard let bound = Double(text), bound.isFinite else {
            throw .badValue(text, parameter: name, detector: description.name, allowed: "a number or none")
        }
        return bound
    }

    package struct State: BitwiseCopyable, Sendable {
        /// 1 above the upper bound and not yet back, -1 below the lower, else 0.
        fileprivate var side: Int8 = 0
        fileprivate var score: Float = .nan
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let value = sample.value
        if value > upper {
            state.side = 1
        } else if value < lower {
            state.side = -1
        } else if state.side > 0 ? value < upper - clear || clear == 0 : value > lower + clear || clear == 0 {
            state.side = 0
        }
        let distance = Float(raw(value))
        // Exactly at a bound is inside, and rounding must not say otherwise.
        state.score = state.side == 0 ? min(distance, 1) : max(distance, Float(1).nextUp)
        let end = state.side > 0 ? upper - clear : lower + clear
        let way = Float((value - end).heldForFloat)
        return Judgement(score: state.score, deviation: state.side == 0 ? .nan : way)
    }

    @inline(__always)
    private func raw(_ value: Double) -> Double {
        // Halves, so that nothing overflows.
        if lower.isFinite && upper.isFinite { return abs(value / 2 - (lower / 4 + upper / 4)) / (unit / 2) }
        if upper.isFinite { return max(0, 1 + (value / 2 - upper / 2) / (unit / 2)) }
        if lower.isFinite { return max(0, 1 + (lower / 2 - value / 2) / (unit / 2)) }
        return 0
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        Outlook(
            expected: nil, lower: lower.isFinite ? lower : nil, upper: upper.isFinite ? upper : nil, warmUpLeft: 0)
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        return [
            Reason("distance", Double(state.score)),
            Reason("side", Double(state.side)),
        ]
    }
}
