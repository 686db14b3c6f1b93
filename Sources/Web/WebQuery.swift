/// The query of a request, decoded when it is asked for: most requests of the data path never ask.
package struct WebQuery: Sendable, Equatable {
    /// The query as it was sent, without the question mark.
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// Names and values in the order in which they were sent, repeated names kept; `+` and `%xx` are decoded.
    ///
    /// A `%` without two hexadecimal digits stands for itself, and bytes that are not UTF-8 become U+FFFD, so every query can be read.
    /// - Complexity: O(length of the query), which the header limit bounds.
    package var items: [(name: String, value: String)] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decode(sides[0]), sides.count == 2 ? Self.decode(sides[1]) : "")
        }
    }

    /// All values of one name, such as `match[]`.
    package func values(of name: String) -> [String] {
        text.isEmpty ? [] : items.filter { $0.name == name }.map(\.value)
    }

    /// The first value of one name; nil when the name is not there.
    package func value(of name: String) -> String? {
        text.isEmpty ? nil : items.first { $0.name == name }?.value
    }

    private static func decode(_ coded: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(coded.count)
        var at = coded.startIndex
        while at != coded.endIndex {
            let byte = coded[at]
            coded.formIndex(after: &at)
            if byte == UInt8(ascii: "%"), let value = hexByte(coded[at...]) {
                bytes.append(value)
                coded.formIndex(&at, offsetBy: 2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexByte(_ coded: Substring.UTF8View.SubSequence) -> UInt8? {
        let digits = coded.prefix(2).map(hexDigit)
        guard digits.count == 2, let high = digits[0], let low = digits[1] else { return nil }
        return high << 4 | low
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
