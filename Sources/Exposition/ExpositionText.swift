internal import TimeSeries

/// The spelling of names, values and numbers that both text forms share.
enum ExpositionText {
    /// Appends bytes as they are; this is as fast as appending a slice of an array.
    static func append(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        text.append(addingCapacity: bytes.count) { room in
            for i in bytes.indices { room.append(bytes[i]) }
        }
    }

    /// Appends a label's value, or a quoted name, as it stands between double quotes.
    ///
    /// What is not UTF-8 becomes U+FFFD: a scraper refuses everything for one such byte.
    static func append(escaped value: Span<UInt8>, to text: inout [UInt8]) {
        var all: UInt8 = 0
        var needsEscape = false
        for i in value.indices {
            all |= value[i]
            needsEscape = needsEscape || isSpecial(value[i])
        }
        if all >= 0x80, !isUTF8(value) {
            for byte in String(decodingUTF8: value).utf8 { append(escaped: byte, to: &text) }
        } else if needsEscape {
            for i in value.indices { append(escaped: value[i], to: &text) }
        } else {
            append(value, to: &text)
        }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
    }

    private static func append(escaped byte: UInt8, to text: inout [UInt8]) {
        if isSpecial(byte) { text.append(UInt8(ascii: "\\")) }
        text.append(byte == UInt8(ascii: "\n") ? UInt8(ascii: "n") : byte)
    }

    private static func isUTF8(_ bytes: Span<UInt8>) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes)
            return true
        } catch {
            return false
        }
    }

    /// A name that older scrapers read, from which the original can be told: `U__`, then `__` for each `_` and `_HEX_`
    /// for each character that is not allowed (prometheus/common:model/metric.go, EscapeName).
    ///
    /// A colon is escaped too; it was allowed in metric names only, and this is for label names.
    static func escapedName(_ name: Span<UInt8>) -> [UInt8] {
        var escaped = Array("U__".utf8)
        for (i, scalar) in String(decodingUTF8: name).unicodeScalars.enumerated() {
            if scalar == "_" {
                escaped.append(contentsOf: "__".utf8)
            } else if scalar.isASCII, LabelName.isLegacyValid(UInt8(truncatingIfNeeded: scalar.value), first: i == 0) {
                escaped.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                escaped.append(contentsOf: "_\(String(scalar.value, radix: 16))_".utf8)
            }
        }
        return escaped
    }

    /// Appends a number: the shortest text that reads as the same value. OpenMetrics writes whole ones as `1.0`, text
    /// as `1`.
    static func append(_ value: Double, _ syntax: ExpositionFormat.Syntax, to text: inout [UInt8]) {
        if value.isNaN {
            text.append(contentsOf: "NaN".utf8)
        } else if value.isInfinite {
            text.append(contentsOf: (value < 0 ? "-Inf" : "+Inf").utf8)
        } else {
            let number = value.description
            let isShortened = syntax == .text && number.hasSuffix(".0")
            text.append(contentsOf: number.utf8.dropLast(isShortened ? 2 : 0))
        }
    }
}
