package import TimeSeries

/// ADWIN on whitened residuals: whether the window has a place before and after which the means differ.
///
/// The raw score is the greatest difference of means over its bound, from ``AdaptiveWindow``, tested every `clock`
/// samples and held between the tests; after a change it is 0 until the next test, and the baseline's mean begins at the
/// value. z comes from ``Whitening``, clipped to ±4.
/// - Complexity: O(1) amortised, O(log window) every `clock` samples; 1.3 KB a series.
package struct Adwin: Detector {
    package static let description = DetectorDescription(
        name: "adwin",
        purpose: """
            Lasting changes of level with a guarantee for false alarms and no size to set: quick for large changes, \
            patient for small ones. Ignores spikes, and comes up to 32 samples late.
            """,
        source: "Bifet and Gavaldà 2007; online-ml/river:river/drift/adwin_c.pyx", warmUp: Whitening.warmUp,
        parameters: [
            DetectorParameter("delta", .number(1e-12...0.5, default: 0.002), "greatest probability of a false alarm"),
            DetectorParameter("clock", .whole(1...1_024, default: 32), "samples from one test to the next"),
        ])

    package let divisor: Float = 1
    private let delta: Double
    private let clock: UInt16
    private let gains = Whitening.Gains()

    package init(_ parameters: DetectorParameters) {
        delta = parameters["delta"]
        clock = UInt16(parameters.whole("clock"))
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var whitening = Whitening()
        fileprivate var window = AdaptiveWindow()
        fileprivate var score: Float = .nan
        fileprivate var held: Float = 0
        fileprivate var sinceTest: UInt16 = 0
        fileprivate var isUp = true
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let isWarm = state.whitening.isWarm
        let (z, deviation) = state.whitening.next(sample.value, gains)
        guard isWarm else { return .warmingUp }
        state.window.add(Double(max(-4, min(4, z))))
        state.sinceTest += 1
        state.score = state.held
        if state.sinceTest == clock {
            state.sinceTest = 0
            let found = state.window.test(delta: delta)
            state.score = Float(found.statistic)
            state.isUp = found.isUp
            state.held = state.score > 1 ? 0 : state.score
            if state.score > 1 { state.whitening.begin(at: sample.value) }
        }
        return Judgement(score: state.score, deviation: Whitening.directed(deviation, up: state.isUp))
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook { state.whitening.outlook() }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        return [
            Reason("difference over its bound", Double(state.score)), Reason("window", state.window.width),
            Reason("mean of the window", state.window.mean),
        ] + state.whitening.reasons()
    }
}
