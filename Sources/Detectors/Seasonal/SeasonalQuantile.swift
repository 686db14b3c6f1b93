package import TimeSeries

/// How far a value lies outside the usual values of its time of day, against how wide apart those are.
///
/// Each half-hour of the day, of working days and of days off if asked for, has a low quantile, a median and a high
/// quantile of its own, each followed by stochastic approximation (Robbins and Monro, "A Stochastic Approximation
/// Method", 1951; in the form of Tierney, "A space-efficient recursive procedure for estimating a quantile", 1983): a
/// value above moves it up by p steps, one below down by 1 - p. The steps shrink from large ones to a twentieth of
/// the usual deviation, so that the pattern can change. As long as a half-hour has seen fewer than 24 values, it is
/// judged together with its neighbours, the same time on the other kind of day, and all values.
///
/// The score is the distance outside, over half the distance of the two quantiles and five times how far the values
/// that lie outside usually do so, lest every series with a heavy tail alarm: 1 is about 4.9 standard deviations of a
/// normal distribution with the default quantiles of 5 and 95 %. `quantile_online` of VictoriaMetrics' vmanomaly is
/// built on the same idea, with larger sketches.
/// - Complexity: O(1), about 60 floating-point operations, a few more while young; 1,304 bytes a series.
package struct SeasonalQuantile: Detector {
    package static let description = DetectorDescription(
        name: "seasonal_quantile",
        purpose: """
            What is usual at each half-hour of the day, in quantiles: for skewed series and for those whose spread \
            changes with the hour. Knows nothing of recent values, so a change of level alarms until it is learned.
            """,
        source: """
            Tierney, A space-efficient recursive procedure for estimating a quantile, 1983; compare quantile_online of \
            VictoriaMetrics vmanomaly
            """,
        warmUp: 2_880,
        parameters: [
            DetectorParameter(
                "quantile", .number(0.01...0.25, default: 0.05),
                "the share of values below the low quantile, and of those above the high one")
        ] + CalendarParameters.all)

    package struct State: BitwiseCopyable, Sendable {
        /// Half-hours of working days or all days, then those of days off; values as distances from `offset`.
        var sketches = InlineArray<96, QuantileSketch>(repeating: QuantileSketch())
        var sketchSeen = InlineArray<96, UInt8>(repeating: 0)
        /// Of all values.
        var all = QuantileSketch()
        /// The usual distance from the median of the time of day.
        var spread: Float = 0
        /// How far the values that lie outside usually do so.
        var excess: Float = 0
        /// How many values went into `excess`, up to 50.
        var outsideSeen: UInt8 = 0
        var offset = 0.0
        /// The time of the first value, in milliseconds.
        var began: Int64 = 0
        var seen: UInt32 = 0
        var lastDeviation: Float = 0
        var lastScale: Float = 0
    }

    /// In milliseconds: two days, so that each time of day was seen twice.
    private static let warmUp: Int64 = 172_800_000
    /// Values of a sketch from which on it is judged by alone.
    private static let grownUp: UInt8 = 24

    package let divisor: Float = 1
    private let share: Float
    private let clock: CivilClock
    private let separatesRestDays: Bool

    package init(_ parameters: DetectorParameters) throws(DetectorError) {
        let calendar = try CalendarParameters(parameters, detector: Self.description.name)
        share = Float(parameters["quantile"])
        clock = calendar.clock
        separatesRestDays = calendar.separatesRestDays
    }

    package func makeState() -> State { State() }

    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let value = sample.value.heldForFloat
        let place = place(at: sample.time)
        if state.seen == 0 {
            state.offset = value
            state.began = sample.time.milliseconds
        }
        let v = Float(value - state.offset)
        let usual = usual(state, place)
        let tiny = tiny(state)
        let scale = scale(state, usual, tiny)
        let outside = larger(0, larger(usual.low - v, v - usual.high))
        let isWarm = isWarm(state, at: sample.time)
        state.lastDeviation = v - usual.middle
        state.lastScale = scale
        if isWarm {
            learn(outside: outside, width: usual.high - usual.low, tiny: tiny, step: sample.step, state: &state)
        }
        learn(v, place: place, usual: usual, tiny: tiny, step: sample.step, state: &state)
        return isWarm ? Judgement(score: outside / scale, deviation: v - usual.middle) : .warmingUp
    }

    @inline(__always)
    private func isWarm(_ state: State, at time: Timestamp) -> Bool {
        state.seen >= 31 && time.milliseconds.subtractingReportingOverflow(state.began).partialValue >= Self.warmUp
    }

    @inline(__always)
    private func place(at time: Timestamp) -> Int {
        let reading = clock.reading(at: time)
        return reading.part(of: 48) + (separatesRestDays && reading.isRestDay ? 48 : 0)
    }

    /// What counts as no change in values of this size.
    @inline(__always)
    private func tiny(_ state: State) -> Float { 1e-12 + 1e-9 * abs(Float(state.offset) + state.all.middle) }

    /// What distances outside are held against.
    @inline(__always)
    private func scale(_ state: State, _ usual: QuantileSketch, _ tiny: Float) -> Float {
        0.5 * (usual.high - usual.low) + 5 * state.excess + 0.05 * state.spread + tiny
    }

    /// The quantiles to judge by.
    @inline(__always)
    private func usual(_ state: State, _ place: Int) -> QuantileSketch {
        state.sketchSeen[place] >= Self.grownUp ? state.sketches[place] : pooled(state, place)
    }

    /// The mean of the sketch, those beside it, and that of all values, by what each has seen.
    @inline(never)
    private func pooled(_ state: State, _ place: Int) -> QuantileSketch {
        let kind = place / 48 * 48
        let time = place - kind
        let other = separatesRestDays ? 48 - kind : kind
        var sum = QuantileSketch()
        var weight: Float = 0
        func add(_ sketch: QuantileSketch, _ share: Float) {
            sum.add(sketch, weight: share)
            weight += share
        }
        add(state.all, 2)
        add(state.sketches[place], Float(state.sketchSeen[place]))
        for beside in stride(from: 47, through: 49, by: 2) {
            let neighbour = kind + (time + beside) % 48
            add(state.sketches[neighbour], 0.25 * Float(state.sketchSeen[neighbour]))
        }
        if other != kind { add(state.sketches[other + time], 0.1 * Float(state.sketchSeen[other + time])) }
        sum.divide(by: weight)
        // Neighbours tell how wide apart the quantiles are; where they lie, a few values of its own tell better.
        if state.sketchSeen[place] > 0 { sum.move(by: state.sketches[place].middle - sum.middle) }
        return sum
    }

    /// Learns how far outside values lie, and forgets it slowly while none does.
    @inline(__always)
    private func learn(outside: Float, width: Float, tiny: Float, step: Float, state: inout State) {
        guard outside > 0 else {
            state.excess = larger(0x1p-100, state.excess * (1 - 0.0001 * step))
            return
        }
        state.outsideSeen = min(50, state.outsideSeen + 1)
        let limit = larger(larger(4 * state.excess, 2 * width), larger(50 * state.spread, 0x1p20 * tiny))
        state.excess += larger(0.02 * step, 1 / Float(state.outsideSeen)) * (smaller(outside, limit) - state.excess)
    }

    @inline(__always)
    private func learn(
        _ v: Float, place: Int, usual: QuantileSketch, tiny: Float, step: Float, state: inout State
    ) {
        state.seen &+= state.seen < .max ? 1 : 0
        // Of a series without any deviation yet, no unit of measurement explains a change by more than that.
        let limit = state.spread > tiny ? 8 * state.spread : 0x1p40 * tiny
        let deviation = smaller(abs(v - usual.middle), limit)
        state.spread += larger(0.01 * step, 1 / Float(state.seen)) * (deviation - state.spread)
        state.spread = larger(state.spread, 0x1p-100)

        let count = state.sketchSeen[place]
        if count == 0 { state.sketches[place] = QuantileSketch(at: v) }
        state.sketchSeen[place] = count < .max ? count + 1 : count
        // A grown-up sketch minds its own width, lest the night be judged by the day.
        let width = (usual.high - usual.low) * 0.45
        let scale = count < Self.grownUp ? state.spread : larger(smaller(width, 4 * state.spread), 0.02 * state.spread)
        let gain = larger(0.05 * step, 4 / (4 + Float(count)))
        state.sketches[place].learn(v, share: share, step: 1.5 * gain * scale)
        let gainOfAll = larger(0.01 * step, 4 / (4 + Float(min(state.seen, 4_096))))
        state.all.learn(
            v, share: share, step: 1.5 * gainOfAll * larger(state.spread, 0.25 * (state.all.high - state.all.low)))
        if abs(state.all.middle) > 0x1p14 * (state.spread + tiny) { recentre(&state) }
    }

    /// Moves the offset to the median, so that `Float` keeps its digits for what changes.
    @inline(never)
    private func recentre(_ state: inout State) {
        let distance = state.all.middle
        state.offset += Double(distance)
        state.all.move(by: -distance)
        for i in state.sketches.indices { state.sketches[i].move(by: -distance) }
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        guard state.seen > 0 else { return .none(warmUpLeft: Self.description.warmUp) }
        let usual = usual(state, place(at: time))
        let expected = state.offset + Double(usual.middle)
        guard isWarm(state, at: time) else {
            return Outlook(expected: expected, lower: nil, upper: nil, warmUpLeft: warmUpLeft(state, at: time))
        }
        let width = Double(divisor * scale(state, usual, tiny(state)))
        return Outlook(
            expected: expected, lower: state.offset + Double(usual.low) - width,
            upper: state.offset + Double(usual.high) + width, warmUpLeft: 0)
    }

    /// At the spacing that the values had so far.
    private func warmUpLeft(_ state: State, at time: Timestamp) -> Int {
        let elapsed = max(1, time.seconds - Double(state.began) / 1_000)
        let left = (Double(Self.warmUp) / 1_000 - elapsed) * Double(state.seen) / elapsed
        return max(1, 31 - Int(min(31, state.seen)), Int(min(1e9, max(0, left))))
    }

    package func reasons(_ state: State) -> [Reason] {
        guard state.seen > 0 else { return [] }
        return [
            Reason("deviation from the median", Double(state.lastDeviation)),
            Reason("scale", Double(state.lastScale)), Reason("typical deviation", Double(state.spread)),
            Reason("typical distance outside", Double(state.excess)),
            Reason("median of all", state.offset + Double(state.all.middle)),
        ]
    }
}
