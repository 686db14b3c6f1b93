/// Decimal numbers as files write them.
enum NumberText {
    enum Reading: Equatable {
        case number(Double)
        /// Nothing at all, `NaN` or `null`.
        case missing
        case unreadable

        /// NaN for what is missing, nil for what is unreadable.
        var value: Double? {
            switch self {
            case .number(let value): value
            case .missing: .nan
            case .unreadable: nil
            }
        }
    }

    /// Reads all of a range: `12`, `-1.5e3`, `+.5`, `inf`, `NaN`, `null` or nothing; spaces around it do not count.
    ///
    /// The result is the nearest Double. Numbers beyond what a Double can say are unreadable, not infinite.
    static func read(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Reading {
        let range = ByteText.trimmed(bytes, range)
        var at = range.lowerBound
        let end = range.upperBound
        if at == end { return .missing }
        let isNegative = bytes[at] == UInt8(ascii: "-")
        if isNegative || bytes[at] == UInt8(ascii: "+") { at += 1 }

        // At most 19 digits fit a UInt64; the exponent says where the point stands.
        var mantissa: UInt64 = 0
        var digits = 0
        var significant = 0
        var exponent = 0
        var hasPoint = false
        while at < end {
            let digit = bytes[at] &- 0x30
            if digit < 10 {
                digits += 1
                if significant > 0 || digit > 0 { significant += 1 }
                if significant <= 19 { mantissa = mantissa &* 10 &+ UInt64(digit) }
                if hasPoint { exponent -= 1 }
            } else if bytes[at] == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                break
            }
            at += 1
        }
        if digits == 0 { return word(bytes, range) }
        if at < end {
            guard bytes[at] | 0x20 == UInt8(ascii: "e"), let written = readExponent(bytes, at + 1, end) else {
                return .unreadable
            }
            exponent += written
        }
        if significant <= 19, let magnitude = exact(mantissa, exponent) {
            return .number(isNegative ? -magnitude : magnitude)
        }
        let text = String(decoding: ByteText.array(bytes, range), as: UTF8.self)
        guard let value = Double(text), value.isFinite else { return .unreadable }
        return .number(value)
    }

    private static func readExponent(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        var at = start
        var isNegative = false
        if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
            isNegative = bytes[at] == UInt8(ascii: "-")
            at += 1
        }
        if at == end { return nil }
        var exponent = 0
        while at < end {
            let digit = bytes[at] &- 0x30
            if digit > 9 { return nil }
            exponent = min(exponent * 10 + Int(digit), 1_000_000)
            at += 1
        }
        return isNegative ? -exponent : exponent
    }

    private static func word(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Reading {
        // A sign before `nan` means nothing, and `null` takes none.
        var start = range.lowerBound
        let isNegative = bytes[start] == UInt8(ascii: "-")
        let isSigned = isNegative || bytes[start] == UInt8(ascii: "+")
        if isSigned { start += 1 }
        let word = start..<range.upperBound
        if ByteText.matches(bytes, word, "nan") { return .missing }
        if ByteText.matches(bytes, word, "null"), !isSigned { return .missing }
        if ByteText.matches(bytes, word, "inf") || ByteText.matches(bytes, word, "infinity") {
            return .number(isNegative ? -.infinity : .infinity)
        }
        return .unreadable
    }

    private static let powersOfTen: [19 of UInt64] = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ]

    /// The nearest Double to `mantissa * 10 ^ exponent`, nil where this needs more than 128 bits.
    ///
    /// Small ones are one exact division (Clinger 1990, "How to read floating point numbers accurately"). The others
    /// are divided as whole numbers: the quotient keeps 64 bits or more, its remainder only has to be known as zero or not.
    private static func exact(_ mantissa: UInt64, _ exponent: Int) -> Double? {
        if mantissa == 0 { return 0 }
        guard -18 <= exponent, exponent <= 18 else { return nil }
        if exponent >= 0 {
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: powersOfTen[exponent])
            // A conversion from a whole number rounds to nearest, ties to even.
            return overflow ? nil : Double(product)
        }
        let divisor = powersOfTen[-exponent]
        if mantissa <= 1 << 53, exponent >= -15 { return Double(mantissa) / Double(divisor) }
        let shift = UInt128(mantissa).leadingZeroBitCount
        let (quotient, remainder) = (UInt128(mantissa) << UInt128(shift)).quotientAndRemainder(
            dividingBy: UInt128(divisor))
        let excess = max(0, 64 - quotient.leadingZeroBitCount)
        var top = UInt64(truncatingIfNeeded: quotient >> UInt128(excess))
        if remainder != 0 || (quotient & ((1 << UInt128(excess)) - 1)) != 0 { top |= 1 }
        return Double(sign: .plus, exponent: excess - shift, significand: Double(top))
    }

    /// Appends the shortest text that reads back as the same number, without a needless `.0`; `NaN` for any NaN.
    static func append(_ value: Double, to text: inout [UInt8]) {
        if value.isNaN { return text.append(contentsOf: "NaN".utf8) }
        if value.magnitude < 1e15, value == value.rounded(.towardZero), value.sign == .plus || value != 0 {
            return append(whole: Int64(value), to: &text)
        }
        text.append(contentsOf: value.description.utf8)
        if text.count >= 2, text[text.count - 1] == UInt8(ascii: "0"), text[text.count - 2] == UInt8(ascii: ".") {
            text.removeLast(2)
        }
    }

    private static func append(whole: Int64, to text: inout [UInt8]) {
        if whole < 0 { text.append(UInt8(ascii: "-")) }
        var rest = whole.magnitude
        let start = text.count
        repeat {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        text[start...].reverse()
    }
}
