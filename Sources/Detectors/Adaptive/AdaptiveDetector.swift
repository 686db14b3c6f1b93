package import TimeSeries

/// ``Adaptive`` as it runs in production: in `Float`, 72 bytes a series.
package struct AdaptiveDetector: Detector {
    package static let description = DetectorDescription(
        name: "adaptive",
        purpose: """
            The default: spikes, drops and levels that stay where they should not, in series of every kind, at the least \
            cost. Knows no time of day.
            """,
        source: "detector R0 of our study of detection quality, section 6.1, with a slow baseline",
        warmUp: Adaptive<Float>.warmUp,
        parameters: [
            DetectorParameter(
                "baseline", .choice(["on", "off"], default: "on"),
                "Whether the distance from a slow mean is judged too; off is the study's detector R0 by itself.")
        ],
        familiarity: .confirming)

    package typealias State = Adaptive<Float>.State
    package let divisor: Float
    private let core: Adaptive<Float>

    package init(_ parameters: DetectorParameters) {
        self.init(parameters.word("baseline") == "on" ? .residualAndBaseline : .residual)
    }

    init(_ members: Adaptive<Float>.Members = .residualAndBaseline) {
        core = Adaptive(members)
        divisor = core.divisor
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        guard let judged = core.judge(sample.value, step: sample.step, state: &state) else { return .warmingUp }
        return Judgement(score: judged.raw, deviation: judged.deviation)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook { core.outlook(state) }
    package func reasons(_ state: State) -> [Reason] { core.reasons(state) }
}
