internal import RealModule
package import TimeSeries

/// The mean of the last few values against a long mean of those before.
///
///     raw = |short - long| / max(1.2533 mean|short - long|, 1.2533 mean|v - long| / √short)
///
/// The long mean and both scales have weights of the half-life `long`, and are learned from values that have left the
/// short window. The first scale is how far the two means usually are apart, so that waves, bursts and autocorrelation
/// are part of it; the second what independent values would give. In the short mean a value is at most six standard
/// deviations from the long one, so that one spike is no shift; learning is clipped as ``ClippedSpread`` says.
/// - Complexity: O(short); 584 bytes a series.
package struct LevelShift: Detector {
    package static let description = DetectorDescription(
        name: "level_shift",
        purpose: """
            Changes of level that last for some samples, while they last, in steady and in slowly waving series. Ignores \
            lone spikes, and gets used to a new level after about two half-lives.
            """,
        source: "the study of detection quality, section 3, \"level shift\"; compare ADTK LevelShiftAD", warmUp: 72,
        parameters: [
            DetectorParameter("short", .whole(2...64, default: 12), "values in the short mean"),
            DetectorParameter("long", .whole(10...100_000, default: 240), "half-life of the long mean, in samples"),
            DetectorParameter("threshold", .number(0.5...100, default: 5), "standard deviations that are anomalous"),
        ])

    private static var settling: Int { 60 }

    package let divisor: Float
    private let short: Int
    private let kept: Float
    private let perRootShort: Float

    package init(_ parameters: DetectorParameters) {
        short = parameters.whole("short")
        kept = Float(Double.exp2(-1 / parameters["long"]))
        perRootShort = 1 / Float(short).squareRoot()
        divisor = Float(parameters["threshold"])
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var recent = InlineArray<64, Double>(repeating: 0)
        fileprivate var long = 0.0
        fileprivate var weight: Float = 0
        fileprivate var shortSpread = ClippedSpread()
        fileprivate var spread = ClippedSpread()
        fileprivate var shortMean: Float = 0
        fileprivate var score: Float = .nan
        fileprivate var next: UInt8 = 0
        fileprivate var filled: UInt8 = 0
        fileprivate var settled: UInt8 = 0

        fileprivate var tiny: Float { Float(1e-12 + 1e-9 * abs(long)) }
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let value = sample.value.heldForFloat
        let place = Int(state.next)
        let left = state.recent[place]
        state.recent[place] = value
        state.next = place + 1 == short ? 0 : state.next + 1
        guard Int(state.filled) == short else {
            state.filled += 1
            return .warmingUp
        }
        let isWarm = Int(state.settled) >= Self.settling
        // What has just left the window is the newest part of the past.
        learn(left, isWarm, &state)

        let tiny = state.tiny
        let limit = isWarm ? Double(ClippedSpread.clip * state.spread.deviation(tiny)) : .greatestFiniteMagnitude
        var sum = 0.0
        for i in 0..<short { sum += max(-limit, min(limit, state.recent[i] - state.long)) }
        let shift = Float(sum / Double(short))
        let raw = abs(shift) / scale(state)
        state.shortMean = shift
        state.shortSpread.learn(abs(shift), gain: 1 / state.weight, tiny: tiny, isWarm: isWarm)
        guard isWarm else {
            state.settled += 1
            return .warmingUp
        }
        state.score = raw
        return Judgement(score: raw, deviation: Float(value - state.long))
    }

    @inline(__always)
    private func learn(_ value: Double, _ isWarm: Bool, _ state: inout State) {
        if state.weight == 0 { state.long = value }
        state.weight = 1 + kept * state.weight
        let gain = 1 / state.weight
        let tiny = state.tiny
        let deviation = Float(value - state.long)
        let limit = isWarm ? state.spread.limit(tiny) : .greatestFiniteMagnitude
        state.long += Double(gain * max(-limit, min(limit, deviation)))
        state.spread.learn(abs(deviation), gain: gain, tiny: tiny, isWarm: isWarm)
    }

    @inline(__always)
    private func scale(_ state: State) -> Float {
        max(state.shortSpread.deviation(state.tiny), state.spread.deviation(state.tiny) * perRootShort)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        let left = short - Int(state.filled) + Self.settling - Int(state.settled)
        return Outlook(
            expected: state.weight == 0 ? nil : state.long, lower: nil, upper: nil, warmUpLeft: max(0, left))
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        return [
            Reason("shift over scale", Double(state.score)),
            Reason("short mean", state.long + Double(state.shortMean)),
            Reason("long mean", state.long),
            Reason("scale", Double(scale(state))),
        ]
    }
}
