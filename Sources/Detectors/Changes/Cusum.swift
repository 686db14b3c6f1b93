package import TimeSeries

/// Two-sided tabular CUSUM on whitened residuals.
///
///     up = max(0, up + z - k),   down = max(0, down - z - k),   raw = max(up, down)
///
/// The alarm is at h; then both sums begin at 0 and the mean at the value. z comes from ``Whitening``, clipped to ±4, so
/// that no value raises an alarm alone. The textbook's h = 5 gives a false alarm every 465 normal samples, that is 22 a
/// week of minutes; with the default of 10 it is 0.3 a week on the study's white noise.
/// - Complexity: O(1); 68 bytes a series.
package struct Cusum: Detector {
    package static let description = DetectorDescription(
        name: "cusum",
        purpose: """
            Small lasting changes of level in series with a steady level. Ignores spikes; on seasonal series it sees only \
            what is quicker than the season.
            """,
        source: "Page 1954; Montgomery, Statistical Quality Control, 9.1.2", warmUp: Whitening.warmUp,
        parameters: [
            DetectorParameter(
                "k", .number(0...3, default: 0.5), "slack, in standard deviations: half the change to find"),
            DetectorParameter("h", .number(1...1_000, default: 10), "sum that is anomalous, in standard deviations"),
        ])

    package let divisor: Float
    private let slack: Float
    private let gains = Whitening.Gains()

    package init(_ parameters: DetectorParameters) {
        slack = Float(parameters["k"])
        divisor = Float(parameters["h"])
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var whitening = Whitening()
        fileprivate var sums = CusumSums()
        fileprivate var score: Float = .nan
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let isWarm = state.whitening.isWarm
        let (z, deviation) = state.whitening.next(sample.value, gains)
        guard isWarm else { return .warmingUp }
        state.sums.add(max(-4, min(4, z)), slack: slack)
        let raw = state.sums.greatest
        state.score = raw
        let judgement = Judgement(score: raw, deviation: Whitening.directed(deviation, up: state.sums.isUp))
        if raw > divisor {
            state.sums = CusumSums()
            state.whitening.begin(at: sample.value)
        }
        return judgement
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook { state.whitening.outlook() }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        return [
            Reason("sum", Double(state.score)), Reason("upward sum", Double(state.sums.up)),
            Reason("downward sum", Double(state.sums.down)),
        ] + state.whitening.reasons()
    }
}

/// The two sums of a CUSUM over given numbers.
struct CusumSums: BitwiseCopyable, Sendable {
    private(set) var up: Float = 0
    private(set) var down: Float = 0

    var greatest: Float { max(up, down) }
    var isUp: Bool { up >= down }

    @inline(__always)
    mutating func add(_ z: Float, slack: Float) {
        up = max(0, up + z - slack)
        down = max(0, down - z - slack)
    }
}
