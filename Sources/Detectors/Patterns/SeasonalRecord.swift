internal import RealModule
package import TimeSeries

/// Range records of the departure from the time of day: how far it leaves the range that it had so far, against that range.
///
/// Each of the 96 quarters of an hour of the day has a mean T, of all its values at first and of about the last 50 later.
/// The departure y is the mean of v - T, half-life 4. Its range, greatest to least, is forgotten with a half-life of 4,000:
///
///     raw = max(y - high, low - y, 0) / (high - low + 1e-12 + 1e-6·|mean of y|)
///
/// as in ``Record``, of which it is the first feature with the time of day taken away: what recurs every day is no record,
/// and what is normal by day may be one at night. The first 301 values are learned from, not judged.
///
/// Two rules are added: the range is never less than a 1e-9th of T, so that rounding is no record, and an absurd departure,
/// or first value of a time of day, is learned as one of ten ranges. The constants count steps (see ``Pace``).
/// - Complexity: O(1), some thirty operations.
struct SeasonalRecord: Sendable {
    static var warmUp: Int { 301 }
    /// The quarters of an hour of a day.
    static var bins: Int { 96 }

    private static let halfLife = 4.0
    private let departureGain = -Double.expMinusOne(-Double.log(2) / halfLife)
    private let rangeGain = -Double.expMinusOne(-Double.log(2) / 4_000)
    private let binGain = 0.02

    /// What is learned of one series: 1,008 bytes.
    struct State: BitwiseCopyable, Sendable {
        /// The mean of each quarter of an hour of the day, and how many values it has seen; that stays at its limit, where
        /// the inverse is below each gain it is compared with.
        var means = InlineArray<96, Double>(repeating: 0)
        var meansSeen = InlineArray<96, UInt16>(repeating: 0)
        var departure = 0.0
        /// Of the departure: mean, greatest, least, and last value less the bound that it went past.
        var level = 0.0
        var high = 0.0
        var low = 0.0
        var excess = 0.0
        var lastBin: UInt8 = 0
        /// Values so far; stays at its limit too.
        var seen: UInt32 = 0
    }

    /// Judges a value, then learns from it.
    /// - Parameters:
    ///   - bin: the quarter of an hour of the day.
    ///   - step: what the sample is worth: see ``Pace``.
    /// - Returns: the raw score, and the value less what was expected, NaN where this time of day was not seen before; nil
    ///   while warming up.
    @inline(__always)
    func judge(_ value: Double, bin: Int, step: Double, state: inout State) -> (raw: Double, deviation: Double)? {
        let limit = Soundness.valueLimit
        let v = max(-limit, min(limit, value))
        let isWarm = state.seen >= UInt32(Self.warmUp)
        let count = state.meansSeen[bin]
        // The first value of a time of day is its own forecast.
        let mean = count == 0 ? first(v, state) : state.means[bin]
        let deviation = v - mean - state.departure
        let r = believed(deviation, mean, state)

        let g = step == 1 ? departureGain : Double.oneLessPower(step / Self.halfLife)
        let next = count < .max ? count + 1 : count
        state.meansSeen[bin] = next
        state.means[bin] = Soundness.flushed(mean + larger(binGain * step, 1 / Double(next)) * (r + state.departure))
        let y = Soundness.flushed(state.departure + g * r)
        state.departure = y
        state.lastBin = UInt8(truncatingIfNeeded: bin)
        state.seen &+= state.seen < 1 << 24 ? 1 : 0

        let gr = rangeGain * step
        state.level = Soundness.flushed(state.level + larger(gr, 1 / Double(state.seen)) * (y - state.level))
        state.high = Soundness.flushed(state.high - gr * (state.high - state.level))
        state.low = Soundness.flushed(state.low + gr * (state.level - state.low))
        let above = y - state.high
        let below = state.low - y
        state.excess = above > 0 ? above : below > 0 ? -below : 0
        let raw = abs(state.excess) / range(state, mean)
        state.high = larger(state.high, y)
        state.low = smaller(state.low, y)
        return isWarm ? (raw, count == 0 ? .nan : deviation) : nil
    }

    /// What a record is held against.
    @inline(__always)
    private func range(_ state: State, _ mean: Double) -> Double {
        larger(state.high - state.low + 1e-12 + 1e-6 * abs(state.level), 1e-9 * abs(mean))
    }

    /// An absurd value counts for ten ranges, else its trace would be the range for weeks.
    @inline(__always)
    private func believed(_ deviation: Double, _ mean: Double, _ state: State) -> Double {
        let range = state.high - state.low
        if state.seen < 31 || range <= 1e-12 + 1e-9 * abs(mean) || abs(deviation) <= range * Soundness.absurdRanges() {
            return deviation
        }
        return deviation > 0 ? 10 * range : -10 * range
    }

    /// What the first value of a time of day is held against: itself, or what the time before leads to if it is absurd.
    @inline(__always)
    private func first(_ v: Double, _ state: State) -> Double {
        let before = state.means[Int(state.lastBin)]
        let jump = believed(v - before, before, state)
        return jump == v - before ? v : before + jump
    }

    /// The values at which the raw score would be `divisor`, by the range as it is now; nothing is forgotten of it until
    /// then.
    func outlook(_ state: State, bin: Int, divisor: Double) -> Outlook {
        let left = max(0, Self.warmUp - Int(state.seen))
        if state.meansSeen[bin] == 0 { return .none(warmUpLeft: left) }
        let mean = state.means[bin]
        let expected = mean + state.departure
        if left > 0 { return Outlook(expected: expected, lower: nil, upper: nil, warmUpLeft: left) }
        let width = divisor * range(state, mean)
        return Outlook(
            expected: expected, lower: expected + (state.low - width - state.departure) / departureGain,
            upper: expected + (state.high + width - state.departure) / departureGain, warmUpLeft: 0)
    }

    /// The parts of the last score, in the unit of the signal.
    func reasons(_ state: State) -> [Reason] {
        if state.seen == 0 { return [] }
        return [
            Reason("departure from the time of day", state.departure), Reason("excess over the record", state.excess),
            Reason("highest departure", state.high), Reason("lowest departure", state.low),
        ]
    }
}

/// ``SeasonalRecord`` as it runs in production: in `Double`, as ``RecordDetector`` does.
package struct SeasonalRecordDetector: Detector {
    package static let description = DetectorDescription(
        name: "seasonal_record",
        purpose: """
            Departures from what is usual at the time of day beyond all of the last days; for metrics of five minutes and \
            slower, a good member of a vote. Chatty until it has seen a few days.
            """,
        source: "our study of detection quality, section 6.3: E1, less the time of day as detector R learns it",
        warmUp: SeasonalRecord.warmUp,
        parameters: [
            DetectorParameter(
                "threshold", .number(0.001...10, default: 0.04), "part of the range that is anomalous beyond it"),
            CalendarParameters.timezone,
        ])

    package struct State: BitwiseCopyable, Sendable { var core = SeasonalRecord.State() }
    package let divisor: Float
    private let core = SeasonalRecord()
    private let clock: CivilClock

    package init(_ parameters: DetectorParameters) throws(DetectorError) {
        divisor = Float(parameters["threshold"])
        clock = try CivilClock(zone: parameters.word("timezone"), detector: Self.description.name)
    }

    package func makeState() -> State { State() }

    @inline(__always)
    private func bin(at time: Timestamp) -> Int { clock.reading(at: time).part(of: SeasonalRecord.bins) }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let judged = core.judge(
            sample.value, bin: bin(at: sample.time), step: Double(sample.step), state: &state.core)
        guard let judged else { return .warmingUp }
        return Judgement(score: Float(judged.raw), deviation: Float(judged.deviation))
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        core.outlook(state.core, bin: bin(at: time), divisor: Double(divisor))
    }

    package func reasons(_ state: State) -> [Reason] { core.reasons(state.core) }
}
