internal import RealModule
package import TimeSeries

/// Range records: how far a smooth feature of a series leaves the range it had so far, against that range.
///
/// The feature y is a fast mean (half-life 4), or the standard deviation about it (half-life 24). Its range, greatest to
/// least, is forgotten with a half-life of 4,000:
///
///     raw = max(y - high, low - y, 0) / (high - low + 1e-12 + 1e-6·|mean of y|)
///
/// It is E1 and E2 of the study of detection quality, section 6.3. The first 61 values are learned from, not judged.
/// - Complexity: O(1), some twenty operations.
package struct Record<Number: PatternNumber>: Sendable {
    package enum Feature: Sendable { case mean, spread }

    let feature: Feature
    private let halfLife: Number
    private let featureGain: Number
    private let rangeGain: Number

    static var warmUp: Int { 61 }

    /// - Parameters:
    ///   - halfLife: of the feature, in steps.
    ///   - memory: the half-life of its range, in steps.
    package init(_ feature: Feature, halfLife: Double, memory: Double = 4_000) {
        self.feature = feature
        self.halfLife = Number(halfLife)
        featureGain = Number(-Double.expMinusOne(-Double.log(2) / halfLife))
        rangeGain = Number(-Double.expMinusOne(-Double.log(2) / memory))
    }

    /// What is learned of one series: in `Double`, 68 bytes.
    package struct State: BitwiseCopyable, Sendable {
        /// What is added to `mean`, and for the mean as feature to `level`, `high` and `low`, to have them in the unit of
        /// the signal.
        var offset = 0.0
        var mean: Number = 0
        var variance: Number = 0
        /// Of the feature: mean, greatest, least, and last value less the bound that it went past.
        var level: Number = 0
        var high: Number = 0
        var low: Number = 0
        var excess: Number = 0
        /// Values so far; stays at its limit, where the inverse is below each gain it is compared with.
        var seen: UInt32 = 0
    }

    /// Judges a value, then learns from it.
    /// - Parameter step: what the sample is worth: see ``Pace``.
    /// - Returns: the raw score, and the value less the fast mean before it; nil while warming up.
    @inline(__always)
    func judge(_ value: Double, step: Number, state: inout State) -> (raw: Number, deviation: Number)? {
        let limit = Soundness.valueLimit
        if state.seen == 0 { state.offset = max(-limit, min(limit, value)) }
        let v = Number(max(-limit, min(limit, value - state.offset)))
        let isWarm = state.seen >= UInt32(Self.warmUp)
        state.seen &+= state.seen < 1 << 24 ? 1 : 0
        let g = step == 1 ? featureGain : Number.oneLessPower(step / halfLife)
        let gr = rangeGain * step

        let deviation = v - state.mean
        let tiny = smallest(state)
        var r = deviation
        if isWarm, state.high - state.low > tiny {
            // An absurd value counts for ten ranges, else its trace would be the range for weeks.
            let most = larger(state.high - state.low, state.variance.squareRoot())
            let far = most * Soundness.absurdRanges()
            if abs(r) > far { r = r > 0 ? 10 * most : -10 * most }
        }
        state.variance = (1 - g) * (state.variance + g * r * r)
        state.variance = state.variance < 0x1p-110 ? 0 : state.variance
        state.mean = Soundness.flushed(state.mean + g * r)
        let y = feature == .mean ? state.mean : state.variance.squareRoot()
        state.level = Soundness.flushed(state.level + larger(gr, 1 / Number(state.seen)) * (y - state.level))
        state.high = Soundness.flushed(state.high - gr * (state.high - state.level))
        state.low = Soundness.flushed(state.low + gr * (state.level - state.low))
        let range = state.high - state.low + 1e-12 + 1e-6 * abs(state.level + origin(state))
        let above = y - state.high
        let below = state.low - y
        state.excess = above > 0 ? above : below > 0 ? -below : 0
        let raw = abs(state.excess) / range
        state.high = larger(state.high, y)
        state.low = smaller(state.low, y)
        if abs(state.mean) > 4 * (state.high - state.low) + 4_000 * tiny { recentre(&state) }
        return isWarm ? (raw, deviation) : nil
    }

    /// What is added to the feature to have it in the unit of the signal.
    @inline(__always)
    private func origin(_ state: State) -> Number { feature == .mean ? Number(state.offset) : 0 }

    /// What counts as no range.
    @inline(__always)
    private func smallest(_ state: State) -> Number { 1e-12 + 1e-6 * abs(state.level + origin(state)) }

    @inline(never)
    private func recentre(_ state: inout State) {
        let shift = state.mean
        state.offset += Double(shift)
        state.mean = 0
        if feature == .mean {
            state.level -= shift
            state.high -= shift
            state.low -= shift
        }
    }

    /// The values at which the raw score would be `divisor`, by the range as it is now; nothing is forgotten of it until
    /// then.
    func outlook(_ state: State, divisor: Double) -> Outlook {
        let left = max(0, Self.warmUp - Int(state.seen))
        if state.seen == 0 { return .none(warmUpLeft: left) }
        let mean = Double(state.mean)
        let expected = state.offset + mean
        if left > 0 { return Outlook(expected: expected, lower: nil, upper: nil, warmUpLeft: left) }
        let range = Double(state.high - state.low) + Double(smallest(state))
        let (high, low) = (Double(state.high) + divisor * range, Double(state.low) - divisor * range)
        let g = Double(featureGain)
        switch feature {
        case .mean:
            return Outlook(
                expected: expected, lower: expected + (low - mean) / g, upper: expected + (high - mean) / g,
                warmUpLeft: 0)
        case .spread:
            let r = (max(0, high * high / (1 - g) - Double(state.variance)) / g).squareRoot()
            return Outlook(expected: expected, lower: expected - r, upper: expected + r, warmUpLeft: 0)
        }
    }

    /// The parts of the last score, in the unit of the signal.
    func reasons(_ state: State) -> [Reason] {
        if state.seen == 0 { return [] }
        let origin = feature == .mean ? state.offset : 0
        return [
            Reason("excess over the record", Double(state.excess)),
            Reason("highest", origin + Double(state.high)),
            Reason("lowest", origin + Double(state.low)),
        ]
    }
}

/// ``Record`` as it runs in production: in `Double`, because a score is a small difference over a small part of a range,
/// and in `Float` it was wrong by up to a hundredth on NAB.
package struct RecordDetector: Detector {
    package static let description = DetectorDescription(
        name: "record",
        purpose: """
            Levels (or, with feature=spread, local spreads) beyond all that was seen for days, for 72 bytes a series; \
            chatty alone on data of a minute, a good member of a vote.
            """,
        source: "detectors E1 and E2 of our study of detection quality, section 6.3", warmUp: Record<Double>.warmUp,
        parameters: [
            DetectorParameter("feature", .choice(["mean", "spread"], default: "mean"), "what must leave its range"),
            DetectorParameter(
                "half_life", .number(0...1_000, default: 0),
                "of the feature, in steps (a step is a sample, or a minute where samples come closer); "
                    + "0 means 4 for the mean and 24 for the spread"),
            DetectorParameter(
                "threshold", .number(0...10, default: 0),
                "part of the range that is anomalous beyond it; 0 means 0.018 for the mean and 0.0156 for the spread"),
        ], invariances: [.scale])

    package typealias State = Record<Double>.State
    package let divisor: Float
    private let core: Record<Double>

    package init(_ parameters: DetectorParameters) {
        let isMean = parameters.word("feature") == "mean"
        let halfLife = parameters["half_life"]
        let threshold = parameters["threshold"]
        divisor = Float(threshold > 0 ? max(threshold, 0.001) : isMean ? 0.018 : 0.0156)
        core = Record(isMean ? .mean : .spread, halfLife: halfLife > 0 ? max(halfLife, 1) : isMean ? 4 : 24)
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        guard let judged = core.judge(sample.value, step: Double(sample.step), state: &state) else { return .warmingUp }
        return Judgement(score: Float(judged.raw), deviation: Float(judged.deviation))
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        core.outlook(state, divisor: Double(divisor))
    }

    package func reasons(_ state: State) -> [Reason] { core.reasons(state) }
}
