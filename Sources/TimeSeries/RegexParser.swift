/// Reads RE2's syntax (github.com/google/re2/wiki/Syntax; golang: regexp/syntax) into a tree.
///
/// What RE2 refuses is refused too: backreferences, looking around, possessive repeats. `\p{...}` is not taken.
struct RegexParser {
    /// The deepest nesting of groups.
    private static let depthLimit = 100
    private static let repeatLimit = 1_000

    private let text: String
    private let scalars: [Unicode.Scalar]
    private var at = 0
    private var depth = 0
    private var flags = Flags()

    private struct Flags {
        var ignoresCase = false
        var multiline = false
        var dotIsAll = true
    }

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    mutating func expression() throws(SelectorError) -> RegexNode {
        let node = try choice()
        if peek != nil { throw error(#"a ")" has no "("; write \) for the character"#) }
        return node
    }

    private var peek: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

    private func peek(_ word: String) -> Bool { scalars[at...].starts(with: word.unicodeScalars) }

    private mutating func take(_ word: String) -> Bool {
        guard peek(word) else { return false }
        at += word.unicodeScalars.count
        return true
    }

    private func error(_ reason: String) -> SelectorError {
        SelectorError("the regular expression \(PromQLText.quoted(text)), character \(at + 1): \(reason)")
    }

    private mutating func choice() throws(SelectorError) -> RegexNode {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.depthLimit { throw error("groups are nested deeper than \(Self.depthLimit); flatten them") }
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(SelectorError) -> RegexNode {
        var parts: [RegexNode] = []
        while let next = peek, next != "|", next != ")" {
            if take(#"\Q"#) {
                while peek != nil, !take(#"\E"#) {
                    parts.append(literal(scalars[at]))
                    at += 1
                }
                // A repeat after the quoted text is one of its last character.
                if let last = parts.popLast() { parts.append(try repetition(of: last)) }
                continue
            }
            let part = try atom()
            let repeated = try repetition(of: part)
            if case .empty = repeated { continue }
            parts.append(repeated)
        }
        return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func repetition(of part: RegexNode) throws(SelectorError) -> RegexNode {
        guard let (min, max) = try repeatCounts() else { return part }
        _ = take("?")
        if try repeatCounts() != nil {
            throw error("a repeat of a repeat, such as a** or a*+, is not allowed; put the first in a group")
        }
        if case .empty = part { return .empty }
        return .repetition(part, min: min, max: max)
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}` or `{2,5}`; nil where none stands here.
    private mutating func repeatCounts() throws(SelectorError) -> (min: Int, max: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek == "{" else { return nil }
        let start = at
        at += 1
        guard let min = number() else { at = start; return nil }
        var max: Int? = min
        if take(",") {
            max = nil
            if peek != "}" {
                guard let limit = number() else { at = start; return nil }
                max = limit
            }
        }
        guard take("}") else { at = start; return nil }
        if min > Self.repeatLimit || max ?? 0 > Self.repeatLimit {
            throw error("a repeat count is past \(Self.repeatLimit); write a smaller one")
        }
        if let max, max < min { throw error("a repeat's upper count \(max) is below its lower \(min); swap them") }
        return (min, max)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let next = peek, ("0"..."9").contains(next) {
            value = Swift.min((value ?? 0) * 10 + Int(next.value - 48), 1_000_000)
            at += 1
        }
        return value
    }

    private mutating func atom() throws(SelectorError) -> RegexNode {
        if take("(") { return try group() }
        if take("[") {
            var parser = RegexClassParser(ignoresCase: flags.ignoresCase)
            return .scalars(try parser.ranges(in: scalars, at: &at, error))
        }
        if take(".") { return .scalars(flags.dotIsAll ? RegexNode.anyScalar : [0...9, 0xB...0x10FFFF]) }
        if take("^") { return .assertion(flags.multiline ? .lineStart : .textStart) }
        if take("$") { return .assertion(flags.multiline ? .lineEnd : .textEnd) }
        if peek == "\\" { return try escape() }
        let start = at
        if try repeatCounts() != nil {
            at = start
            throw error(#"a repeat has nothing before it; write \\#(scalars[at]) for the character, .* for anything"#)
        }
        at += 1
        return literal(scalars[start])
    }

    private mutating func group() throws(SelectorError) -> RegexNode {
        let outer = flags
        if take("?") {
            if take("P<") || (peek == "<" && !peek("<=") && !peek("<!") && take("<")) {
                while let next = peek, next != ">" {
                    guard next == "_" || next.properties.isAlphabetic || next.properties.numericType != nil else {
                        break
                    }
                    at += 1
                }
                guard take(">") else { throw error("a group's name is not closed; write (?P<name>...)") }
            } else if try takeFlags() {
                return .empty
            }
        }
        let node = try choice()
        guard take(")") else { throw error(#"a "(" is not closed; write ")" or \( for the character"#) }
        flags = outer
        return node
    }

    /// `i`, `m`, `s`, `U` and their negations; true where they are meant for the rest of the enclosing group.
    private mutating func takeFlags() throws(SelectorError) -> Bool {
        var value = true
        while let next = peek {
            at += 1
            switch next {
            case "i": flags.ignoresCase = value
            case "m": flags.multiline = value
            case "s": flags.dotIsAll = value
            case "U": break  // Greed does not change whether the whole matches.
            case "-" where value: value = false
            case ":": return false
            case ")": return true
            default:
                at -= 1
                throw error("(?\(next) is not in RE2's syntax, which has no looking around; use a second matcher")
            }
        }
        throw error("a group is not closed; write )")
    }

    private mutating func escape() throws(SelectorError) -> RegexNode {
        if take(#"\A"#) { return .assertion(.textStart) }
        if take(#"\z"#) { return .assertion(.textEnd) }
        if take(#"\b"#) { return .assertion(.wordBoundary) }
        if take(#"\B"#) { return .assertion(.noWordBoundary) }
        var parser = RegexClassParser(ignoresCase: flags.ignoresCase)
        return .scalars(try parser.escape(in: scalars, at: &at, error))
    }

    private func literal(_ scalar: Unicode.Scalar) -> RegexNode {
        let alone = [scalar.value...scalar.value]
        return .scalars(flags.ignoresCase ? RegexClassParser.bothCases(alone) ?? alone : alone)
    }
}
