/// One JSON object on a line, as ranges of the input's bytes; objects and arrays inside it are skipped.
struct FlatObject {
    struct Member: Equatable {
        /// Between its quotes, escapes as they stand.
        var key: Range<Int>
        /// A string without its quotes.
        var value: Range<Int>
        /// An object or an array.
        var isNested = false
    }

    private(set) var members: [Member] = []
    /// Why the text is no object, or nil.
    private(set) var fault: String?

    /// Values other than strings are not looked at: reading them as numbers does that.
    mutating func read(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        members.removeAll(keepingCapacity: true)
        fault = nil
        var at = range.lowerBound
        let end = range.upperBound
        func skipBlanks() { while at < end, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0D { at += 1 } }
        func takes(_ byte: UInt8) -> Bool {
            skipBlanks()
            guard at < end, bytes[at] == byte else { return false }
            at += 1
            return true
        }
        /// Behind the opening quote; leaves `at` behind the closing one.
        func string() -> Range<Int>? {
            let start = at
            while at < end, bytes[at] != 0x22 { at += bytes[at] == 0x5C ? 2 : 1 }
            if at >= end { return nil }
            at += 1
            return start..<at - 1
        }
        guard takes(0x7B) else { return fault = "the line is no JSON object" }
        if !takes(0x7D) {
            while true {
                guard takes(0x22), let key = string(), takes(0x3A) else {
                    return fault = "a key of the object is broken"
                }
                skipBlanks()
                let start = at
                if takes(0x22) {
                    guard let text = string() else { return fault = "a string is not closed" }
                    members.append(Member(key: key, value: text))
                } else if at < end, bytes[at] == 0x7B || bytes[at] == 0x5B {
                    var depth = 0
                    repeat {
                        switch bytes[at] {
                        case 0x22:
                            at += 1
                            if string() == nil { return fault = "a string is not closed" }
                            continue
                        case 0x7B, 0x5B: depth += 1
                        case 0x7D, 0x5D: depth -= 1
                        default: break
                        }
                        at += 1
                    } while depth > 0 && at < end
                    if depth > 0 { return fault = "a bracket is not closed" }
                    members.append(Member(key: key, value: start..<at, isNested: true))
                } else {
                    while at < end, bytes[at] != 0x2C, bytes[at] != 0x7D { at += 1 }
                    let value = ByteText.trimmed(bytes, start..<at)
                    if value.isEmpty { return fault = "a key of the object has no value" }
                    members.append(Member(key: key, value: value))
                }
                if takes(0x2C) { continue }
                if takes(0x7D) { break }
                return fault = "the object is not closed"
            }
        }
        skipBlanks()
        if at < end { fault = "there is text after the object" }
    }
}
