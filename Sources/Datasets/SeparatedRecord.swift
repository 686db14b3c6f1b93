/// One record of separated values (RFC 4180), as ranges of the input's bytes.
struct SeparatedRecord {
    enum Fault: Equatable {
        case tooLong(limit: Int)
        case openQuote
        case afterQuote
    }

    /// What stands between the separators, without quotes.
    private(set) var fields: [Range<Int>] = []
    private(set) var hasQuotes = false
    /// Behind the record and its end of line.
    private(set) var end = 0
    /// How many ends of line the record takes.
    private(set) var lines = 1
    private(set) var fault: Fault?

    /// Reads the record that begins at `start`; nil where it is a blank line.
    ///
    /// After a fault the record is one line of text, so that an open quote costs its own line and not what follows.
    mutating func read(_ bytes: Span<UInt8>, from start: Int, separator: UInt8, limit: Int) {
        fields.removeAll(keepingCapacity: true)
        hasQuotes = false
        fault = nil
        lines = 1
        var at = start
        let bound = min(bytes.count, start + limit + 1)
        while true {
            var first = at
            while first < bound, bytes[first] == 0x20 { first += 1 }
            if first < bound, bytes[first] == UInt8(ascii: "\"") {
                hasQuotes = true
                guard let close = closingQuote(bytes, first + 1, bound) else {
                    return fail(bytes, start, bound < bytes.count ? .tooLong(limit: limit) : .openQuote)
                }
                fields.append(first + 1..<close)
                at = close + 1
                while at < bound, bytes[at] == 0x20 || bytes[at] == 0x0D { at += 1 }
                if at < bound, bytes[at] != separator, bytes[at] != 0x0A { return fail(bytes, start, .afterQuote) }
            } else {
                let field = at
                while at < bound, bytes[at] != separator, bytes[at] != 0x0A { at += 1 }
                let isLast = at == bound || bytes[at] == 0x0A
                let close = isLast && at > field && bytes[at - 1] == 0x0D ? at - 1 : at
                fields.append(field..<close)
            }
            if at < bound, bytes[at] == separator {
                at += 1
                continue
            }
            if at == bound, bound < bytes.count { return fail(bytes, start, .tooLong(limit: limit)) }
            end = min(at + 1, bytes.count)
            return
        }
    }

    private mutating func fail(_ bytes: Span<UInt8>, _ start: Int, _ fault: Fault) {
        self.fault = fault
        lines = 1
        end = min(ByteText.endOfLine(bytes, from: start) + 1, bytes.count)
    }

    private mutating func closingQuote(_ bytes: Span<UInt8>, _ start: Int, _ bound: Int) -> Int? {
        var at = start
        while at < bound {
            if bytes[at] == 0x0A { lines += 1 }
            if bytes[at] == UInt8(ascii: "\"") {
                guard at + 1 < bound, bytes[at + 1] == UInt8(ascii: "\"") else { return at }
                at += 1
            }
            at += 1
        }
        return nil
    }

    /// A line with nothing but spaces.
    func isBlank(_ bytes: Span<UInt8>) -> Bool {
        fault == nil && fields.count == 1 && !hasQuotes && ByteText.trimmed(bytes, fields[0]).isEmpty
    }

    /// A field as text: doubled quotes are one.
    func text(_ bytes: Span<UInt8>, _ field: Int) -> String {
        let text = String(decoding: ByteText.array(bytes, ByteText.trimmed(bytes, fields[field])), as: UTF8.self)
        guard hasQuotes, text.utf8.contains(UInt8(ascii: "\"")) else { return text }
        var plain = ""
        var isSecond = false
        for scalar in text.unicodeScalars {
            isSecond = scalar == "\"" && !isSecond
            if scalar != "\"" || isSecond { plain.unicodeScalars.append(scalar) }
        }
        return plain
    }
}

extension SeparatedRecord.Fault {
    var reason: String {
        switch self {
        case .tooLong(let limit): "the line is longer than \(limit) bytes"
        case .openQuote: "a quote is not closed"
        case .afterQuote: "there is text after a closing quote"
        }
    }
}
