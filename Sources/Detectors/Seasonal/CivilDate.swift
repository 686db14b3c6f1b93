/// Dates of the Gregorian calendar as numbers of days.
enum CivilDate {
    /// Reads dates that are separated by `;` or `|`.
    /// - Returns: the days since 1970-01-01, ascending, each once.
    /// - Throws: for text that is no date of the calendar, with that text.
    static func days(in text: String, detector: String) throws(DetectorError) -> [Int] {
        var days: Set<Int> = []
        for part in text.split(whereSeparator: { ";|".contains($0) }) {
            let word = part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
            if word.isEmpty { continue }
            guard let day = day(String(word)) else {
                throw .badValue(
                    String(word), parameter: "holidays", detector: detector,
                    allowed: "dates of the calendar such as 2026-12-25, with ; between them")
            }
            days.insert(day)
        }
        return days.sorted()
    }

    /// The days from 1970-01-01 to a date written as 2026-12-25; nil for anything else and for dates that do not exist.
    private static func day(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard digits.count == 10, digits[4] == UInt8(ascii: "-"), digits[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for i in range {
                guard digits[i] >= 48, digits[i] <= 57 else { return nil }
                value = value * 10 + Int(digits[i] - 48)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            year >= 1970, (1...12).contains(month), day >= 1, day <= length(ofMonth: month, year: year)
        else { return nil }
        let before = year - 1
        let ofYears = 365 * year + before / 4 - before / 100 + before / 400
        let ofMonths = (1..<month).reduce(0) { $0 + length(ofMonth: $1, year: year) }
        return ofYears + ofMonths + day - 1 - daysToEpoch
    }

    /// 365 · 1970 and the leap days before that year.
    private static let daysToEpoch = 365 * 1970 + 1969 / 4 - 1969 / 100 + 1969 / 400

    private static func length(ofMonth month: Int, year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}
