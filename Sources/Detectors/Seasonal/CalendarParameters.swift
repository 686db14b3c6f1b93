/// The parameters by which detectors with a daily pattern are told what a day is.
struct CalendarParameters {
    static let timezone = DetectorParameter(
        "timezone", .text(default: "UTC"),
        "the zone whose clock the daily pattern follows, through daylight saving: UTC, Europe/Berlin, ...")

    /// In the order in which they are shown.
    static let all = [
        timezone,
        DetectorParameter(
            "weekend", .choice(["same", "separate"], default: "same"),
            "same: one pattern for all days; separate: one for Monday to Friday, one for weekends and holidays"),
        DetectorParameter(
            "holidays", .text(default: ""),
            "dates that count as weekend, such as 2026-12-25;2027-01-01; wants weekend=separate"),
    ]

    let clock: CivilClock
    let separatesRestDays: Bool

    /// - Throws: for a zone or a date that does not exist, and for holidays that would have no effect.
    init(_ parameters: DetectorParameters, detector: String) throws(DetectorError) {
        let holidays = parameters.word("holidays")
        separatesRestDays = parameters.word("weekend") == "separate"
        clock = try CivilClock(zone: parameters.word("timezone"), holidays: holidays, detector: detector)
        if !separatesRestDays, !holidays.isEmpty {
            throw .conflict(
                detector: detector, "holidays have no effect with weekend=same; add weekend=separate or leave them out")
        }
    }
}
