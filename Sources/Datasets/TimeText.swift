internal import TimeSeries

/// What a plain number means as a time.
///
/// Told by magnitude from the first row, once for the whole input: counted in seconds, 10^11 is the year 5138; counted in
/// milliseconds it is 1973, and likewise a thousand and a million times finer.
enum UnixUnit: Equatable {
    case seconds, milliseconds, microseconds, nanoseconds

    init(ofMagnitude magnitude: Double) {
        self =
            magnitude < 1e11
            ? .seconds : magnitude < 1e14 ? .milliseconds : magnitude < 1e17 ? .microseconds : .nanoseconds
    }

    fileprivate var millisecondsNumerator: Int64 { self == .seconds ? 1000 : 1 }

    fileprivate var millisecondsDivisor: Int64 {
        switch self {
        case .seconds, .milliseconds: 1
        case .microseconds: 1_000
        case .nanoseconds: 1_000_000
        }
    }
}

/// Times as files write them: Unix time, or `YYYY-MM-DD[ HH:MM[:SS[.fff]]][zone]` (ISO 8601, RFC 3339).
///
/// Fractions are rounded to the nearest millisecond; without a zone a time is UTC. Only the years 1 to 9999 are times,
/// so that a number in the wrong unit is found out.
struct TimeText {
    /// Set by the first number that is read.
    private(set) var unit: UnixUnit?

    private static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Timestamp? {
        let range = ByteText.trimmed(bytes, range)
        // A date has a dash as its fifth byte, which no number has.
        if range.count >= 10, bytes[range.lowerBound + 4] == UInt8(ascii: "-") {
            return Self.readDate(bytes, range).map(Timestamp.init(milliseconds:))
        }
        return readNumber(bytes, range).map(Timestamp.init(milliseconds:))
    }

    private mutating func readNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var at = range.lowerBound
        let end = range.upperBound
        let isNegative = at < end && bytes[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var whole: Int64 = 0
        let start = at
        while at < end, bytes[at] &- 0x30 < 10 {
            if at - start == 18 { break }
            whole = whole * 10 + Int64(bytes[at] &- 0x30)
            at += 1
        }
        guard at == end || bytes[at] == UInt8(ascii: "."), at > start else {
            return readAnyNumber(bytes, range)
        }
        var microseconds: Int64 = 0
        if at < end {
            guard let fraction = Self.readFraction(bytes, at + 1, end) else { return readAnyNumber(bytes, range) }
            microseconds = fraction
        }
        let unit = self.unit ?? UnixUnit(ofMagnitude: Double(whole))
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: unit.millisecondsNumerator)
        if overflow { return nil }
        let signed = isNegative ? -scaled : scaled
        let milliseconds: Int64
        switch unit {
        case .seconds:
            milliseconds = signed + Self.rounded(isNegative ? -microseconds : microseconds, by: 1_000)
        case .milliseconds:
            milliseconds = signed + Self.rounded(isNegative ? -microseconds : microseconds, by: 1_000_000)
        case .microseconds, .nanoseconds:
            milliseconds = Self.rounded(signed, by: unit.millisecondsDivisor)
        }
        return accepted(milliseconds, unit)
    }

    /// Exponents and numbers of nineteen digits and more.
    private mutating func readAnyNumber(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        guard case .number(let value) = NumberText.read(bytes, range), value.isFinite else { return nil }
        let unit = self.unit ?? UnixUnit(ofMagnitude: value.magnitude)
        let scaled = (value * Double(unit.millisecondsNumerator) / Double(unit.millisecondsDivisor)).rounded()
        guard scaled.magnitude < 1e15 else { return nil }
        return accepted(Int64(scaled), unit)
    }

    private mutating func accepted(_ milliseconds: Int64, _ unit: UnixUnit) -> Int64? {
        guard Self.range.contains(milliseconds) else { return nil }
        self.unit = unit
        return milliseconds
    }

    /// To the nearest, halves upwards, so that later times never become earlier ones.
    private static func rounded(_ value: Int64, by divisor: Int64) -> Int64 {
        if divisor == 1 { return value }
        let (quotient, remainder) = (value + divisor / 2).quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Millionths from the digits of a fraction; those past the sixth only have to be digits.
    private static func readFraction(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int64? {
        var fraction: Int64 = 0
        var unit: Int64 = 100_000
        for at in start..<end {
            let digit = bytes[at] &- 0x30
            if digit > 9 { return nil }
            fraction += Int64(digit) * unit
            unit /= 10
        }
        return fraction
    }

    private static func readDate(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var at = range.lowerBound
        let end = range.upperBound
        func digits(_ count: Int) -> Int64? {
            guard at + count <= end else { return nil }
            var number: Int64 = 0
            for place in at..<at + count {
                let digit = bytes[place] &- 0x30
                if digit > 9 { return nil }
                number = number * 10 + Int64(digit)
            }
            at += count
            return number
        }
        func takes(_ byte: Character) -> Bool {
            guard at < end, bytes[at] == byte.asciiValue! else { return false }
            at += 1
            return true
        }
        guard let year = digits(4), takes("-"), let month = digits(2), takes("-"), let day = digits(2), year >= 1,
            (1...12).contains(month), day >= 1, day <= days(inMonth: month, of: year)
        else { return nil }
        var seconds = days(toYear: year, month: month, day: day) * 86_400
        var milliseconds: Int64 = 0
        if at == end { return seconds * 1000 }
        guard takes("T") || takes("t") || takes(" "), let hour = digits(2), takes(":"), let minute = digits(2),
            hour < 24,
            minute < 60
        else { return nil }
        seconds += hour * 3_600 + minute * 60
        if takes(":") {
            // A leap second is the first second of the next minute, as in Unix time.
            guard let second = digits(2), second <= 60 else { return nil }
            seconds += second
            if takes(".") || takes(",") {
                let start = at
                while at < end, bytes[at] &- 0x30 < 10 { at += 1 }
                guard at > start, let fraction = readFraction(bytes, start, at) else { return nil }
                milliseconds = rounded(fraction, by: 1_000)
            }
        }
        _ = takes(" ")
        if at < end, !takes("Z"), !takes("z") {
            let isWest = takes("-")
            guard isWest || takes("+"), let hours = digits(2), hours < 24 else { return nil }
            _ = takes(":")
            var offset = hours * 3_600
            if at < end {
                guard let minutes = digits(2), minutes < 60 else { return nil }
                offset += minutes * 60
            }
            seconds += isWest ? offset : -offset
        }
        guard at == end else { return nil }
        let time = seconds * 1000 + milliseconds
        return Self.range.contains(time) ? time : nil
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 (Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil; year 1 or later).
    private static func days(toYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
