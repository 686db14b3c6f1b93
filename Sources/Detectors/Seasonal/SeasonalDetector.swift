package import TimeSeries

/// Which of the 48 bins of a series a moment belongs to.
struct DayPattern: Sendable {
    /// Where a value is learned, and where the forecast looks while nothing was learned there.
    struct Slot: Sendable, BitwiseCopyable, Equatable {
        var bin: Int
        var other: Int
    }

    /// Whether Saturdays, Sundays and holidays have bins of their own.
    ///
    /// Both take the same 48 bins: every half-hour of all days, or every hour of working days and of days off. One
    /// pattern for all days is the default, since separate ones gain nothing that can be measured: on the study's
    /// series of months event F1 is 0.548 with one against 0.550 with two and VUS-PR 0.426 against 0.417, on NAB the
    /// standard score 41.6 against 41.8 (all with the familiarity filter), and weekly traffic alarms with neither.
    let separatesRestDays: Bool

    @inline(__always)
    func slot(_ reading: CivilClock.Reading) -> Slot {
        if !separatesRestDays {
            let bin = reading.part(of: 48)
            return Slot(bin: bin, other: bin)
        }
        let hour = reading.part(of: 24)
        return reading.isRestDay ? Slot(bin: hour + 24, other: hour) : Slot(bin: hour, other: hour + 24)
    }
}

/// ``Seasonal`` as it runs in production: in `Float`, 336 bytes a series.
package struct SeasonalDetector: Detector {
    package static let description = DetectorDescription(
        name: "seasonal",
        purpose: """
            As adaptive without its slow baseline, but knows the time of day: finds what is usual by day but not at \
            night, and forgives what recurs every day. Takes five times the memory.
            """,
        source: "detector R of our study of detection quality, section 6.2", warmUp: Int(Seasonal<Float>.warmUp),
        parameters: CalendarParameters.all)

    package struct State: BitwiseCopyable, Sendable { var core = Seasonal<Float>.State() }
    package let divisor: Float = 6
    private let core = Seasonal<Float>()
    private let clock: CivilClock
    private let pattern: DayPattern

    package init(_ parameters: DetectorParameters) throws(DetectorError) {
        let calendar = try CalendarParameters(parameters, detector: Self.description.name)
        clock = calendar.clock
        pattern = DayPattern(separatesRestDays: calendar.separatesRestDays)
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let slot = pattern.slot(clock.reading(at: sample.time))
        guard let judged = core.judge(sample.value, slot: slot, step: sample.step, state: &state.core) else {
            return .warmingUp
        }
        return Judgement(score: judged.raw, deviation: judged.deviation)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        core.outlook(state.core, slot: pattern.slot(clock.reading(at: time)), divisor: divisor)
    }

    package func reasons(_ state: State) -> [Reason] { core.reasons(state.core) }
}
