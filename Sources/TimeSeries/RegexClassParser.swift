/// Reads what stands for one character: `[a-z_]`, `[^[:digit:]]`, `\d`, `\x41`, `\.`.
struct RegexClassParser {
    typealias Ranges = [ClosedRange<UInt32>]
    typealias Complaint = (String) -> SelectorError

    let ignoresCase: Bool

    /// A class, whose `[` was taken already.
    mutating func ranges(
        in scalars: [Unicode.Scalar], at: inout Int, _ error: Complaint
    ) throws(SelectorError) -> Ranges {
        var ranges: Ranges = []
        let isNegative = at < scalars.count && scalars[at] == "^"
        if isNegative { at += 1 }
        var isFirst = true
        while true {
            guard at < scalars.count else { throw error(#"a "[" is not closed; write "]", or \[ for the character"#) }
            if scalars[at] == "]", !isFirst { break }
            isFirst = false
            if let named = try posixClass(in: scalars, at: &at, error) {
                ranges += named
                continue
            }
            let low = try member(in: scalars, at: &at, error)
            guard at + 1 < scalars.count, scalars[at] == "-", scalars[at + 1] != "]" else {
                ranges += low
                continue
            }
            at += 1
            let high = try member(in: scalars, at: &at, error)
            guard let first = low.single, let last = high.single, first <= last else {
                throw error("a range of a class does not ascend from one character to another; write it as [a-z]")
            }
            ranges.append(first...last)
        }
        at += 1
        if ignoresCase {
            guard let both = Self.bothCases(ranges) else {
                throw error("a range of a class is too wide for (?i); write both cases instead")
            }
            ranges = both
        }
        return isNegative ? Self.inverted(ranges) : Self.merged(ranges)
    }

    private mutating func member(
        in scalars: [Unicode.Scalar], at: inout Int, _ error: Complaint
    ) throws(SelectorError) -> Ranges {
        if scalars[at] == "\\" { return try set(in: scalars, at: &at, error) }
        at += 1
        return [scalars[at - 1].value...scalars[at - 1].value]
    }

    /// An escape outside of a class.
    mutating func escape(
        in scalars: [Unicode.Scalar], at: inout Int, _ error: Complaint
    ) throws(SelectorError) -> Ranges {
        let ranges = try set(in: scalars, at: &at, error)
        return ignoresCase && ranges.single != nil ? Self.bothCases(ranges) ?? ranges : ranges
    }

    private func set(
        in scalars: [Unicode.Scalar], at: inout Int, _ error: Complaint
    ) throws(SelectorError) -> Ranges {
        guard at + 1 < scalars.count else {
            throw error(#"a backslash ends the expression; write \\ for the character"#)
        }
        let letter = scalars[at + 1]
        if let perl = Self.perlClass(letter) {
            at += 2
            return perl
        }
        let value: UInt32
        switch letter {
        case "a": value = 0x07
        case "f": value = 0x0C
        case "n": value = 0x0A
        case "r": value = 0x0D
        case "t": value = 0x09
        case "v": value = 0x0B
        case "x": return try hexadecimal(in: scalars, at: &at, error)
        case "0": return octal(in: scalars, at: &at)
        case "1"..."7" where at + 2 < scalars.count && ("0"..."7").contains(scalars[at + 2]):
            return octal(in: scalars, at: &at)
        case "1"..."9":
            throw error(#"\\#(letter) would be a backreference, which RE2 does not have; write the text again"#)
        case "p", "P": throw error(#"\\#(letter) is not supported; write the characters, such as [a-zA-Z]"#)
        case "a"..."z", "A"..."Z": throw error(#"\\#(letter) is no escape of RE2; write \\\#(letter) for a backslash"#)
        default:
            guard letter.isASCII else { throw error(#"\\#(letter) is no escape of RE2; leave the backslash out"#) }
            value = letter.value
        }
        at += 2
        return [value...value]
    }

    private func octal(in scalars: [Unicode.Scalar], at: inout Int) -> Ranges {
        var value: UInt32 = 0
        at += 1
        for _ in 0..<3 where at < scalars.count && ("0"..."7").contains(scalars[at]) {
            value = value * 8 + scalars[at].value - 48
            at += 1
        }
        return [value...value]
    }

    private func hexadecimal(
        in scalars: [Unicode.Scalar], at: inout Int, _ error: Complaint
    ) throws(SelectorError) -> Ranges {
        at += 2
        let braces = at < scalars.count && scalars[at] == "{"
        if braces { at += 1 }
        var digits = ""
        let mostDigits = braces ? 8 : 2
        while at < scalars.count, scalars[at].isASCII, Character(scalars[at]).isHexDigit, digits.count < mostDigits {
            digits.unicodeScalars.append(scalars[at])
            at += 1
        }
        let isClosed = braces ? at < scalars.count && scalars[at] == "}" : digits.count == 2
        guard isClosed, let value = UInt32(digits, radix: 16), value <= 0x10FFFF else {
            throw error(#"write \x with two hexadecimal digits, or \x{...} up to 10FFFF"#)
        }
        if braces { at += 1 }
        return [value...value]
    }

    private func posixClass(
        in scalars: [Unicode.Scalar], at: inout Int, _ error: Complaint
    ) throws(SelectorError) -> Ranges? {
        guard scalars[at...].starts(with: "[:".unicodeScalars) else { return nil }
        var end = at + 2
        while end + 1 < scalars.count, scalars[end] != ":" || scalars[end + 1] != "]" { end += 1 }
        guard end + 1 < scalars.count else { return nil }
        var name = ""
        name.unicodeScalars.append(contentsOf: scalars[at + 2..<end])
        let isNegative = name.hasPrefix("^")
        guard let ranges = Self.posix[isNegative ? String(name.dropFirst()) : name] else {
            throw error("[:\(name):] is no class of RE2; write one such as [:alpha:] or [:digit:]")
        }
        at = end + 2
        return isNegative ? Self.inverted(ranges) : ranges
    }

    private static func perlClass(_ letter: Unicode.Scalar) -> Ranges? {
        switch letter {
        case "d": [0x30...0x39]
        case "D": inverted([0x30...0x39])
        case "s": [0x09...0x0A, 0x0C...0x0D, 0x20...0x20]
        case "S": inverted([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
        case "w": [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
        case "W": inverted([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
        default: nil
        }
    }

    private static let posix: [String: Ranges] = [
        "alnum": [0x30...0x39, 0x41...0x5A, 0x61...0x7A], "alpha": [0x41...0x5A, 0x61...0x7A], "ascii": [0...0x7F],
        "blank": [0x09...0x09, 0x20...0x20], "cntrl": [0...0x1F, 0x7F...0x7F], "digit": [0x30...0x39],
        "graph": [0x21...0x7E], "lower": [0x61...0x7A], "print": [0x20...0x7E],
        "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E], "space": [0x09...0x0D, 0x20...0x20],
        "upper": [0x41...0x5A], "word": [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A],
        "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66],
    ]

    /// The ranges in order, with those that touch made one.
    static func merged(_ ranges: Ranges) -> Ranges {
        var merged: Ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    private static func inverted(_ ranges: Ranges) -> Ranges {
        var inverted: Ranges = []
        var from: UInt32 = 0
        for range in merged(ranges) {
            if range.lowerBound > from { inverted.append(from...range.lowerBound - 1) }
            from = range.upperBound + 1
        }
        if from <= 0x10FFFF { inverted.append(from...0x10FFFF) }
        return inverted
    }

    /// The ranges with each letter's other case; nil where a range past ASCII is wider than 2,000 characters.
    static func bothCases(_ ranges: Ranges) -> Ranges? {
        var both = ranges
        for range in ranges {
            if range == 0...0x10FFFF { continue }
            guard range.upperBound < 0x80 || range.count <= 2_000 else { return nil }
            for value in range {
                guard let properties = Unicode.Scalar(value)?.properties else { continue }
                for mapping in [properties.lowercaseMapping, properties.uppercaseMapping] {
                    let mapped = mapping.unicodeScalars
                    if mapped.count == 1, let scalar = mapped.first { both.append(scalar.value...scalar.value) }
                }
            }
        }
        return merged(both)
    }
}

extension [ClosedRange<UInt32>] {
    /// The character, where there is exactly one.
    fileprivate var single: UInt32? { count == 1 && self[0].count == 1 ? self[0].lowerBound : nil }
}
