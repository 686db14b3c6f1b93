/// A regular expression of a label matcher: RE2's syntax, and the whole value must match.
///
/// Expressions come from requests and rule files, values from any sender, so time must not explode: a backtracking
/// engine may not stand here (Swift's own `Regex` was measured: `(a+)+` against 20 letters, 30 s). This one walks all
/// alternatives at once, as RE2 does (Cox, "Regular Expression Matching Can Be Simple And Fast"), and common shapes are
/// compared without walking at all. `.` also stands for a newline, as in Prometheus 3 (model/labels/regexp.go).
/// - Complexity: O(length of the value × ``RegexProgram/instructionLimit``) at worst.
struct AnchoredRegex: Sendable {
    /// The longest expression that is read.
    static let limitBytes = 8_192

    private enum Form {
        /// `a|b|c`
        case literals([[UInt8]])
        /// `prefix.*suffix`, either part may be empty; `.+` asks for one character more.
        case around(prefix: [UInt8], atLeast: Int, suffix: [UInt8])
        case program(RegexProgram)
    }

    private let form: Form

    init(_ text: String) throws(SelectorError) {
        if text.utf8.count > Self.limitBytes {
            throw SelectorError(
                "a regular expression of \(text.utf8.count) bytes is longer than \(Self.limitBytes); shorten it"
            )
        }
        var parser = RegexParser(text)
        let node = try parser.expression()
        form =
            if let literals = node.literals {
                .literals(literals)
            } else if let (prefix, atLeast, suffix) = node.surroundings {
                .around(prefix: prefix, atLeast: atLeast, suffix: suffix)
            } else {
                .program(try RegexProgram(node, text: text))
            }
    }

    /// Whether the answer takes no more time than looking it up would.
    var isFast: Bool {
        switch form {
        case .literals(let literals): literals.count <= 8
        case .around: true
        case .program: false
        }
    }

    func matches(_ value: Span<UInt8>, scratch: inout RegexScratch) -> Bool {
        switch form {
        case .literals(let literals):
            return literals.contains { $0.count == value.count && value.hasBytes($0, at: 0) }
        case .around(let prefix, let atLeast, let suffix):
            return value.count >= prefix.count + suffix.count + atLeast
                && value.hasBytes(prefix, at: 0) && value.hasBytes(suffix, at: value.count - suffix.count)
        case .program(let program):
            return program.matches(value, scratch: &scratch)
        }
    }
}

extension Span<UInt8> {
    /// Whether `bytes`, which must fit, stand at a place.
    func hasBytes(_ bytes: [UInt8], at start: Int) -> Bool {
        for i in bytes.indices where self[start + i] != bytes[i] { return false }
        return true
    }
}

/// What a regular expression says, as a tree.
indirect enum RegexNode {
    case empty
    /// One character out of ranges that ascend and do not touch.
    case scalars([ClosedRange<UInt32>])
    case assertion(RegexAssertion)
    case sequence([RegexNode])
    case choice([RegexNode])
    case repetition(RegexNode, min: Int, max: Int?)

    static let anyScalar: [ClosedRange<UInt32>] = [0...0x10FFFF]

    /// The texts it stands for, where they are plain ones.
    var literals: [[UInt8]]? {
        guard case .choice(let choices) = self else { return literal.map { [$0] } }
        var literals: [[UInt8]] = []
        for choice in choices {
            guard let more = choice.literals else { return nil }
            literals += more
        }
        return literals
    }

    /// `prefix.*suffix` or `prefix.+suffix`.
    var surroundings: (prefix: [UInt8], atLeast: Int, suffix: [UInt8])? {
        let parts = if case .sequence(let parts) = self { parts } else { [self] }
        var prefix: [UInt8] = []
        var suffix: [UInt8] = []
        var wildcard: Int?
        for part in parts {
            if let literal = part.literal {
                if wildcard == nil { prefix += literal } else { suffix += literal }
            } else if wildcard == nil, case .repetition(.scalars(Self.anyScalar), let min, nil) = part, min <= 1 {
                wildcard = min
            } else {
                return nil
            }
        }
        return wildcard.map { (prefix, $0, suffix) }
    }

    private var literal: [UInt8]? {
        switch self {
        case .empty: return []
        case .scalars(let ranges):
            guard ranges.count == 1, ranges[0].count == 1, let scalar = Unicode.Scalar(ranges[0].lowerBound) else {
                return nil
            }
            return Array(UTF8.encode(scalar)!)
        case .sequence(let parts):
            var bytes: [UInt8] = []
            for part in parts {
                guard let literal = part.literal else { return nil }
                bytes += literal
            }
            return bytes
        case .assertion, .choice, .repetition: return nil
        }
    }
}

/// A condition on a place between two characters.
enum RegexAssertion {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary

    func holds(between left: UInt32?, and right: UInt32?) -> Bool {
        switch self {
        case .textStart: left == nil
        case .textEnd: right == nil
        case .lineStart: left == nil || left == 0x0A
        case .lineEnd: right == nil || right == 0x0A
        case .wordBoundary: Self.isWord(left) != Self.isWord(right)
        case .noWordBoundary: Self.isWord(left) == Self.isWord(right)
        }
    }

    private static func isWord(_ scalar: UInt32?) -> Bool {
        guard let scalar, scalar < 0x80 else { return false }
        let byte = UInt8(truncatingIfNeeded: scalar)
        return LabelName.isLegacyValid(byte, first: false)
    }
}
