internal import RealModule
package import TimeSeries

/// Half-space trees on the last four values: see ``HalfSpaceForest``.
///
/// Values are taken as their place in the range of the series, which is forgotten with a half-life of 20,000; one outside
/// of it stands at most half a range beyond.
package struct HalfSpaceTreesDetector: Detector {
    package static let description = DetectorDescription(
        name: "half_space_trees",
        purpose: """
            Values and short shapes in parts of the range that were empty in the window before; coarse, weak on a single \
            series in our study, 10 KB a series.
            """,
        source: "Tan, Ting and Liu, IJCAI 2011; river:river/anomaly/hst.py", warmUp: 250,
        parameters: [
            DetectorParameter("window", .whole(50...250, default: 250), "samples that masses are counted over"),
            DetectorParameter("seed", .whole(0...1_000_000, default: 1), "of the random splits"),
            DetectorParameter(
                "threshold", .number(0.5...1, default: 0.99),
                "raw score, from 0 to 1, that is anomalous; 0.99 gives about one alarm a week on NAB"),
        ])

    /// What is learned of one series: 10,240 bytes of masses, and the range.
    package struct State: BitwiseCopyable, Sendable {
        var masses = HalfSpaceForest.Masses()
        var point = SIMD4<Float>(repeating: 0.5)
        var level = 0.0
        var high = 0.0
        var low = 0.0
        var raw: Float = 0
        var seen: UInt32 = 0
    }

    package let divisor: Float
    private let forest: HalfSpaceForest
    private let gain = -Double.expMinusOne(-Double.log(2) / 20_000)

    package init(_ parameters: DetectorParameters) {
        divisor = Float(parameters["threshold"])
        forest = HalfSpaceForest(seed: UInt64(parameters["seed"]), window: parameters.whole("window"))
    }

    package func makeState() -> State { State() }

    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let limit = Soundness.valueLimit
        let held = max(-limit, min(limit, sample.value))
        if state.seen == 0 { (state.level, state.high, state.low) = (held, held, held) }
        let tiny = 1e-12 + 1e-9 * abs(state.level)
        let range = state.high - state.low + 2 * tiny
        let place = Float((held - state.low + tiny) / range)
        let point = SIMD4(smaller(larger(place, -0.5), 1.5), state.point[0], state.point[1], state.point[2])
        state.point = point
        // A change that is no more than rounding is none.
        let isSame = state.high - state.low <= tiny && abs(held - state.level) <= tiny
        let v = state.seen < 31 ? held : Soundness.learned(held, low: state.low, high: state.high, tiny: tiny)
        state.seen &+= state.seen < 1 << 24 ? 1 : 0
        state.level += max(gain, 1 / Double(state.seen)) * (v - state.level)
        state.high = max(v, state.high - gain * (state.high - state.level))
        state.low = min(v, state.low + gain * (state.level - state.low))
        let raw = forest.judge(point, &state.masses)
        state.raw = isSame && !raw.isNaN ? 0 : raw
        return Judgement(score: state.raw, deviation: .nan)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        .none(warmUpLeft: max(0, forest.window - Int(state.seen)))
    }

    package func reasons(_ state: State) -> [Reason] {
        if !state.masses.isWarm || state.raw.isNaN { return [] }
        return [
            Reason("emptiness of the parts", Double(state.raw)), Reason("place in the range", Double(state.point[0])),
            Reason("highest", state.high), Reason("lowest", state.low),
        ]
    }
}
