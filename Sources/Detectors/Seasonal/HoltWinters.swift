package import TimeSeries

/// Additive triple exponential smoothing with a band that breathes with the season.
///
/// Level a, trend b and seasonal deviation c follow the series; the forecast is their sum, and its usual absolute error
/// d is kept for each part of the season:
///
///     a = α(y - c) + (1 - α)(a + b)    b = β(a - a') + (1 - β)b    c = γ(y - a) + (1 - γ)c    d = γ|y - ŷ| + (1 - γ)d
///
/// A score of 1 is an error of `delta` times d. This is Brutlag, "Aberrant Behavior Detection in Time Series for
/// Network Monitoring", LISA 2000 (RRDtool's HWPREDICT); c and d are kept for 96 equal slots of the season, so that any
/// spacing of samples will do. Where several samples fall into a slot, γ is divided among them. The first season gives
/// the first c, the second the first d; judged is from the third on.
///
/// Added to the paper: what is learned of one value is at most sixteen times the usual error; and d counts as no less
/// than a twentieth of the usual error of the whole season, or half of it as long as a slot has seen fewer than ten
/// values, lest two equal values make a band without width.
/// - Complexity: O(1), about 60 floating-point operations; 920 bytes a series.
package struct HoltWinters: Detector {
    package static let description = DetectorDescription(
        name: "holt_winters",
        purpose: """
            Holt-Winters forecasting with Brutlag's band, for strongly seasonal series with steady noise. Wants two \
            seasons before the first score; alarms often where noise has heavy tails, and after a change of level.
            """,
        source: "Brutlag, Aberrant Behavior Detection in Time Series for Network Monitoring, LISA 2000", warmUp: 2_880,
        parameters: [
            DetectorParameter(
                "season", .duration(600...2_678_400, default: 86_400), "how long it takes until the pattern recurs"),
            DetectorParameter("alpha", .number(0.0001...1, default: 0.1), "how fast the level follows, per sample"),
            DetectorParameter("beta", .number(0...1, default: 0.0035), "how fast the trend follows, per sample"),
            DetectorParameter(
                "gamma", .number(0.0001...1, default: 0.1), "how fast pattern and band follow, per season"),
            DetectorParameter(
                "delta", .number(0.5...100, default: 3), "the width of the band, in usual errors of the forecast"),
            CalendarParameters.timezone,
        ])

    package struct State: BitwiseCopyable, Sendable {
        /// How far the values of each slot lie from the level; in the first season from `level`'s first value.
        var seasonal = InlineArray<96, Float>(repeating: 0)
        /// The usual absolute error in each slot.
        var deviation = InlineArray<96, Float>(repeating: 0)
        /// Values of this stage that each slot has seen, up to 255.
        var slotSeen = InlineArray<96, UInt8>(repeating: 0)
        var level = 0.0
        var trend = 0.0
        /// What `seasonal` counts from in the first season.
        var origin = 0.0
        /// The usual absolute error of all slots.
        var spread = 0.0
        /// When the season in which the stage began did so, in milliseconds by the clock.
        var began: Int64 = 0
        var lastError: Float = 0
        /// Values of this stage.
        var seen: UInt32 = 0
        var stage = Stage.empty
    }

    enum Stage: UInt8, BitwiseCopyable, Sendable {
        case empty, learningPattern, learningBand, ready
    }

    private static let slots = 96
    /// One value counts for at most so many usual errors.
    private static let clip = 16.0

    package let divisor: Float
    private let alpha: Double
    private let beta: Double
    private let gamma: Double
    private let clock: CivilClock
    /// In milliseconds.
    private let season: Int64
    private let slotsPerSecond: Double

    package init(_ parameters: DetectorParameters) throws(DetectorError) {
        divisor = Float(parameters["delta"])
        alpha = parameters["alpha"]
        beta = parameters["beta"]
        gamma = parameters["gamma"]
        season = Int64(parameters["season"] * 1_000)
        slotsPerSecond = Double(Self.slots) / parameters["season"]
        clock = try CivilClock(zone: parameters.word("timezone"), detector: Self.description.name)
    }

    package func makeState() -> State { State() }

    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let y = sample.value.heldForFloat
        let now = clock.milliseconds(at: sample.time)
        let slot = slot(now)
        advance(&state, to: now, value: y)
        state.seen &+= state.seen < .max ? 1 : 0
        if state.slotSeen[slot] < .max { state.slotSeen[slot] += 1 }
        guard state.stage != .learningPattern else {
            learnPattern(y, slot: slot, state: &state)
            return .warmingUp
        }
        let error = y - forecast(state, slot: slot)
        let scale = scale(state, slot: slot)
        learn(y, error: error, scale: scale, slot: slot, interval: sample.interval, state: &state)
        guard state.stage == .ready else { return .warmingUp }
        return Judgement(score: Float(abs(error) / scale), deviation: Float(error))
    }

    @inline(__always)
    private func slot(_ now: Int64) -> Int {
        let phase = now % season
        return Int((phase < 0 ? phase + season : phase) * Int64(Self.slots) / season)
    }

    @inline(__always)
    private func forecast(_ state: State, slot: Int) -> Double {
        state.level + state.trend + Double(state.seasonal[slot])
    }

    /// What counts as no error at this level.
    @inline(__always)
    private func tiny(_ state: State) -> Double { 1e-12 + 1e-9 * abs(state.level) }

    @inline(__always)
    private func scale(_ state: State, slot: Int) -> Double {
        let least = state.slotSeen[slot] < 10 ? 0.5 : 0.05
        return max(Double(state.deviation[slot]), least * state.spread) + tiny(state)
    }

    @inline(__always)
    private func stageIsOver(_ state: State, at now: Int64) -> Bool { now - state.began >= season && state.seen >= 16 }

    /// Begins the next stage where its time has come.
    private func advance(_ state: inout State, to now: Int64, value y: Double) {
        if state.stage == .empty {
            state = State()
            state.level = y
            state.origin = y
            state.began = now
            state.stage = .learningPattern
            return
        }
        guard state.stage != .ready, stageIsOver(state, at: now) else { return }
        if state.stage == .learningPattern {
            let distance = Float(state.origin - state.level)
            for i in 0..<Self.slots { state.seasonal[i] = state.slotSeen[i] > 0 ? state.seasonal[i] + distance : 0 }
            state.slotSeen = InlineArray(repeating: 0)
            state.seen = 0
            state.began = now
            state.stage = .learningBand
        } else {
            state.stage = .ready
        }
    }

    /// Takes the means of the slots and of the whole season.
    private func learnPattern(_ y: Double, slot: Int, state: inout State) {
        let error = y - state.level
        let limit = state.spread > tiny(state) && state.seen > 10 ? Self.clip * state.spread : .infinity
        let held = max(-limit, min(limit, error))
        state.spread += (abs(held) - state.spread) / Double(state.seen)
        let value = Float(state.level + held - state.origin)
        state.seasonal[slot] += (value - state.seasonal[slot]) / Float(state.slotSeen[slot])
        state.level += held / Double(state.seen)
    }

    @inline(__always)
    private func learn(
        _ y: Double, error: Double, scale: Double, slot: Int, interval: Float, state: inout State
    ) {
        // Of a series without any error yet, no unit of measurement explains a change by more than that.
        let usual = max(scale, state.spread)
        let limit = state.spread > tiny(state) ? Self.clip * usual : 0x1p40 * tiny(state)
        let held = max(-limit, min(limit, error))
        // With y = forecast + held, the equations above are these.
        let level = state.level + state.trend + alpha * held
        let gamma = gamma * min(1, interval > 0 ? Double(interval) * slotsPerSecond : 1)
        state.trend += beta * (level - state.level - state.trend)
        state.level = level
        state.seasonal[slot] += Float(gamma * (1 - alpha) * held)
        let gain = max(gamma, 1 / Double(state.slotSeen[slot]))
        state.deviation[slot] += Float(gain * (abs(held) - Double(state.deviation[slot])))
        state.spread += max(0.01, 1 / Double(max(1, state.seen))) * (abs(held) - state.spread)
        state.lastError = Float(error)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        let now = clock.milliseconds(at: time)
        let slot = slot(now)
        switch state.stage {
        case .empty: return .none(warmUpLeft: Self.description.warmUp)
        case .learningPattern:
            return Outlook(
                expected: state.level, lower: nil, upper: nil, warmUpLeft: warmUpLeft(state, at: now, seasons: 2))
        case .learningBand where !stageIsOver(state, at: now):
            return Outlook(
                expected: forecast(state, slot: slot), lower: nil, upper: nil,
                warmUpLeft: warmUpLeft(state, at: now, seasons: 1))
        case .learningBand, .ready:
            return band(around: forecast(state, slot: slot), scale: scale(state, slot: slot), warmUpLeft: 0)
        }
    }

    /// At the spacing that this stage's values had.
    private func warmUpLeft(_ state: State, at now: Int64, seasons: Int64) -> Int {
        let elapsed = Double(max(1, now - state.began))
        let left = Double(seasons) * Double(season) - elapsed
        return max(1, Int(min(1e9, left * Double(max(1, state.seen)) / elapsed)))
    }

    package func reasons(_ state: State) -> [Reason] {
        guard state.stage != .empty else { return [] }
        return [
            Reason("level", state.level), Reason("trend", state.trend), Reason("error", Double(state.lastError)),
            Reason("typical error", state.spread),
        ]
    }
}
