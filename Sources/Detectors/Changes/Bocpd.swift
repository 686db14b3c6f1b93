package import TimeSeries

/// Bayesian online change point detection on whitened residuals.
///
/// The raw score is the probability that the current run has from 3 to `recent` samples, from ``RunLengths``: a change
/// that at least three samples bear out, for one or two are as likely an outlier. 0.5 is anomalous, so the greatest score
/// is 2. The probability of run length 0 itself, which papers
/// plot, is always the hazard in this recursion; NAB's bayesChangePt takes how much shorter the most probable run became,
/// which like this rises where a short run displaces a long one. z comes from ``Whitening``, clipped to ±8. The prior of a
/// run is kappa 0.1, alpha 1, beta 1: a mean some three standard deviations wide.
/// - Complexity: O(199); 2.5 KB a series.
package struct Bocpd: Detector {
    package static let description = DetectorDescription(
        name: "bocpd",
        purpose: """
            Changes of level or of noise, with a probability as the score. Heavy tails look like changes to it; costly.
            """,
        source: "Adams and MacKay 2007 (arXiv 0710.3742); numenta/NAB:nab/detectors/bayes_changept", warmUp: warmUp,
        parameters: [
            DetectorParameter(
                "hazard", .number(2...1_000_000, default: 250), "samples from one change to the next, on average"),
            DetectorParameter("recent", .whole(3...50, default: 10), "samples within which a change is news"),
        ])

    private static var warmUp: Int { Whitening.warmUp + settling }
    /// Before that many numbers every run is short.
    private static var settling: Int { 60 }

    /// Samples that a run must have to be believed.
    private static var least: Int { 3 }

    package let divisor: Float = 0.5
    private let prior: RunLengths.Prior
    private let recent: Int
    private let gains = Whitening.Gains()

    package init(_ parameters: DetectorParameters) {
        prior = RunLengths.Prior(hazard: 1 / parameters["hazard"])
        recent = parameters.whole("recent")
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var whitening = Whitening()
        fileprivate var runs: RunLengths
        fileprivate var score: Float = .nan
        fileprivate var settled: UInt8 = 0
    }

    package func makeState() -> State { State(runs: RunLengths(prior)) }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let isWarm = state.whitening.isWarm
        let (z, deviation) = state.whitening.next(sample.value, gains)
        guard isWarm else { return .warmingUp }
        state.runs.add(max(-8, min(8, z)), prior)
        guard Int(state.settled) >= Self.settling else {
            state.settled += 1
            return .warmingUp
        }
        state.score = state.runs.mass(Self.least...recent)
        return Judgement(score: state.score, deviation: deviation)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        var outlook = state.whitening.outlook()
        outlook.warmUpLeft += Self.settling - Int(state.settled)
        return outlook
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        let length = state.runs.mostProbable
        return [
            Reason("probability of a recent change", Double(state.score)),
            Reason("most probable run length", Double(length)),
            Reason("mean of that run, in standard deviations", Double(state.runs.mean(of: length))),
        ] + state.whitening.reasons()
    }
}
