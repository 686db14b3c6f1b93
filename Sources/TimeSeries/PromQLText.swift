/// The words of PromQL text, taken one after another.
struct PromQLText {
    private let scalars: [Unicode.Scalar]
    private var at = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    /// The character that comes next, counted from 1.
    var column: Int { at + 1 }
    var peek: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    func error(_ reason: String) -> SelectorError { SelectorError(reason, column: column) }

    mutating func skipSpace() {
        while let next = peek, next == " " || next == "\t" || next == "\n" || next == "\r" { at += 1 }
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        at += 1
        return true
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, with colons too in a metric name; nil where none begins here.
    mutating func identifier(colons: Bool) -> String? {
        var name = ""
        while let next = peek, next.isASCII,
            (colons && next == ":")
                || LabelName.isLegacyValid(UInt8(truncatingIfNeeded: next.value), first: name.isEmpty)
        {
            name.unicodeScalars.append(next)
            at += 1
        }
        return name.isEmpty ? nil : name
    }

    mutating func operation() -> LabelMatcher.Operation? {
        if take("=") { return take("~") ? .matchesRegex : .equal }
        guard peek == "!", at + 1 < scalars.count else { return nil }
        switch scalars[at + 1] {
        case "=":
            at += 2
            return .notEqual
        case "~":
            at += 2
            return .matchesNotRegex
        default: return nil
        }
    }

    /// A quoted text; nil where none begins here.
    mutating func string() throws(SelectorError) -> String? {
        guard let quote = peek, quote == "\"" || quote == "'" || quote == "`" else { return nil }
        let start = column
        at += 1
        var bytes: [UInt8] = []
        while true {
            guard let next = peek, quote == "`" || next != "\n" else {
                throw SelectorError("the text is not closed; end it with \(quote)", column: start)
            }
            at += 1
            if next == quote { break }
            if next == "\\", quote != "`" {
                try escape(quote: quote, to: &bytes)
            } else {
                bytes.append(contentsOf: UTF8.encode(next)!)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SelectorError(#"the text is not UTF-8; check its \x and octal escapes"#, column: start)
        }
        return text
    }

    /// What follows a backslash (go: strconv.Unquote, which Prometheus' strutil copies).
    private mutating func escape(quote: Unicode.Scalar, to bytes: inout [UInt8]) throws(SelectorError) {
        guard let letter = peek else { throw error("the text ends after a backslash; close it") }
        at += 1
        switch letter {
        case "a": bytes.append(0x07)
        case "b": bytes.append(0x08)
        case "f": bytes.append(0x0C)
        case "n": bytes.append(0x0A)
        case "r": bytes.append(0x0D)
        case "t": bytes.append(0x09)
        case "v": bytes.append(0x0B)
        case "\\", quote: bytes.append(UInt8(truncatingIfNeeded: letter.value))
        case "x": bytes.append(UInt8(truncatingIfNeeded: try number(digits: 2, radix: 16)))
        case "0"..."7":
            at -= 1
            let value = try number(digits: 3, radix: 8)
            guard value < 256 else { throw error("an octal escape is past 255; write a smaller one") }
            bytes.append(UInt8(value))
        case "u", "U":
            guard let scalar = Unicode.Scalar(try number(digits: letter == "u" ? 4 : 8, radix: 16)) else {
                throw error("the escape names no character; write a scalar up to 10FFFF")
            }
            bytes.append(contentsOf: UTF8.encode(scalar)!)
        default:
            throw error(#"\\#(letter) is no escape; write \\\#(letter) for a backslash, or use backticks"#)
        }
    }

    private mutating func number(digits: Int, radix: UInt32) throws(SelectorError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let next = peek, next.isASCII, let digit = Character(next).hexDigitValue, digit < radix else {
                throw error("an escape needs \(digits) digits of base \(radix)")
            }
            value = value << (radix == 8 ? 3 : 4) | UInt32(digit)
            at += 1
        }
        return value
    }

    /// A text in double quotes, so that reading it gives the same text.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
