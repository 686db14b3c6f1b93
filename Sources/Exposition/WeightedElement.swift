/// One element of a header such as `text/plain;version="0.0.4";q=0.5, */*` (RFC 9110, sections 5.6.1 and 12.4.2).
struct WeightedElement {
    /// In small letters.
    let value: String
    /// Names and values in small letters, without quotes; `q` is not among them.
    let parameters: [String: String]
    /// From 0, not acceptable, to 1.
    let quality: Double

    /// Reads a header; an element whose quality cannot be read is left out.
    static func list(_ header: String) -> [WeightedElement] {
        split(header.lowercased().utf8, at: UInt8(ascii: ",")).compactMap(WeightedElement.init)
    }

    private init?(_ text: Substring.UTF8View) {
        var parts = Self.split(text, at: UInt8(ascii: ";")).map(Self.trimmed)
        value = parts.isEmpty ? "" : parts.removeFirst()
        if value.isEmpty { return nil }
        var parameters: [String: String] = [:]
        var quality = 1.0
        for part in parts {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = Self.trimmed(part[..<equals].utf8)
            let value = Self.unquoted(Self.trimmed(part[part.index(after: equals)...].utf8))
            if name == "q" {
                guard let number = Double(value), (0...1).contains(number) else { return nil }
                quality = number
            } else {
                parameters[name] = value
            }
        }
        self.parameters = parameters
        self.quality = quality
    }

    /// The parts between separators that do not stand in quotes.
    private static func split(_ text: some BidirectionalCollection<UInt8>, at separator: UInt8) -> [Substring.UTF8View]
    {
        var parts: [[UInt8]] = [[]]
        var isQuoted = false
        var isEscaped = false
        for byte in text {
            if byte == separator, !isQuoted {
                parts.append([])
                continue
            }
            parts[parts.count - 1].append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
        }
        return parts.map { Substring(String(decoding: $0, as: UTF8.self)).utf8 }
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let front = text.drop(while: isSpace)
        guard let last = front.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(Substring(front[...last]))
    }

    private static func unquoted(_ text: String) -> String {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        var plain = ""
        var isEscaped = false
        for scalar in text.unicodeScalars.dropFirst().dropLast() {
            if scalar == "\\", !isEscaped {
                isEscaped = true
            } else {
                plain.unicodeScalars.append(scalar)
                isEscaped = false
            }
        }
        return plain
    }
}
