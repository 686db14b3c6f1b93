/// A moment on the calendar in UTC.
struct CivilTime: Equatable {
    let year: Int
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int
    /// Seconds since midnight.
    let second: Int

    /// From epoch seconds.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    init(epochSeconds: Int) {
        let days = epochSeconds.flooredDivision(by: 86_400)
        second = epochSeconds - days * 86_400
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Epoch seconds of the midnight that begins a month; months beyond 12 run into the next year.
    static func epochSeconds(year: Int, month: Int) -> Int {
        let months = year * 12 + month - 1
        let year = months.flooredDivision(by: 12)
        let month = months - year * 12 + 1
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredDivision(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * 86_400
    }

    /// As 2014-04-01.
    var date: String { "\(year)-\(Self.two(month))-\(Self.two(day))" }
    /// As 14:05.
    var clock: String { "\(Self.two(second / 3_600)):\(Self.two(second / 60 % 60))" }
    /// As 14:05:30.
    var clockWithSeconds: String { "\(clock):\(Self.two(second % 60))" }
    /// As Apr 1.
    var monthAndDay: String { "\(monthName) \(day)" }

    var monthName: String {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}

extension Int {
    /// Division that rounds towards negative infinity, so that days before 1970 begin at midnight too.
    func flooredDivision(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
