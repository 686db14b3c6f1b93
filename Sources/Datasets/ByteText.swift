/// Questions about pieces of text that are bytes.
enum ByteText {
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Without the spaces and tabs around it.
    @inline(__always)
    static func trimmed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Equal but for large letters; `word` is ASCII in small letters.
    static func matches(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        let letters = word.description.utf8
        guard range.count == letters.count else { return false }
        var at = range.lowerBound
        for letter in letters {
            let byte = bytes[at]
            let small = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            if small != letter { return false }
            at += 1
        }
        return true
    }

    static func array(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for at in range { copy.append(bytes[at]) }
        return copy
    }

    /// The text for a message: at most 40 bytes, what is no UTF-8 repaired, control characters left out.
    static func quoted(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        let isLong = range.count > 40
        let shown = isLong ? range.lowerBound..<range.lowerBound + 40 : range
        let text = String(decoding: array(bytes, shown), as: UTF8.self)
        let plain = String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
        return "\"\(plain)\(isLong ? "…" : "")\""
    }

    /// Where the line that holds `start` ends: its newline or the end of the bytes.
    @inline(__always)
    static func endOfLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at < bytes.count, bytes[at] != 0x0A { at += 1 }
        return at
    }
}
