/// One line of an exposition, read strictly: nothing is skipped or left over, no label name comes twice.
struct ParsedLine {
    struct Refusal: Error { let rest: String }

    private(set) var metric = ""
    private(set) var labels: [String: String] = [:]
    private(set) var value = ""

    init(_ line: String, quotedNames: Bool = true) throws {
        var rest = Substring(line).unicodeScalars
        func refuse() -> Refusal { Refusal(rest: String(Substring(rest))) }
        func take(_ scalar: Unicode.Scalar) throws {
            guard rest.first == scalar else { throw refuse() }
            rest.removeFirst()
        }
        func word(colons: Bool) throws -> String {
            let end =
                rest.firstIndex { next in
                    !(("a"..."z").contains(next) || ("A"..."Z").contains(next) || ("0"..."9").contains(next)
                        || next == "_"
                        || colons && next == ":")
                } ?? rest.endIndex
            let word = rest[..<end]
            guard let first = word.first, !("0"..."9").contains(first) else { throw refuse() }
            rest = rest[end...]
            return String(Substring(word))
        }
        func quoted() throws -> String {
            try take("\"")
            var text = ""
            while let next = rest.popFirst(), next != "\"" {
                guard next != "\n" else { throw refuse() }
                guard next == "\\" else {
                    text.unicodeScalars.append(next)
                    continue
                }
                switch rest.popFirst() {
                case "n": text += "\n"
                case "\\": text += "\\"
                case "\"": text += "\""
                default: throw refuse()
                }
            }
            return text
        }
        metric = try word(colons: true)
        if rest.first == "{" {
            try take("{")
            while rest.first != "}" {
                if !labels.isEmpty { try take(",") }
                let name = quotedNames && rest.first == "\"" ? try quoted() : try word(colons: false)
                try take("=")
                let value = try quoted()
                guard labels.updateValue(value, forKey: name) == nil else { throw refuse() }
            }
            try take("}")
        }
        try take(" ")
        value = String(Substring(rest))
        guard Double(value) != nil else { throw refuse() }
    }
}
