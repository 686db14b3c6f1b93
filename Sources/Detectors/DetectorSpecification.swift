/// A detector with its parameters, as a user writes it: `zscore`, `zscore(window=100)`,
/// `ensemble(need=2, adaptive, zscore(window=100))`.
package struct DetectorSpecification: Sendable, Hashable, CustomStringConvertible {
    package var name: String
    /// What the user gave, by parameter name.
    package var parameters: [String: String]
    /// The detectors that an ensemble is made of.
    package var members: [DetectorSpecification]

    /// Deeper nesting than this is refused, and more members.
    static let depthLimit = 3
    static let memberLimit = 16

    package init(_ name: String, parameters: [String: String] = [:], members: [DetectorSpecification] = []) {
        self.name = name
        self.parameters = parameters
        self.members = members
    }

    /// Reads one detector.
    package init(parsing text: String) throws(DetectorError) {
        var parser = SpecificationParser(text)
        self = try parser.detector(depth: 0)
        try parser.end()
    }

    /// Reads detectors that are separated by commas.
    package static func list(parsing text: String) throws(DetectorError) -> [DetectorSpecification] {
        var parser = SpecificationParser(text)
        var list = [try parser.detector(depth: 0)]
        while parser.take(",") { list.append(try parser.detector(depth: 0)) }
        try parser.end()
        return list
    }

    /// The text that reads back as this, parameters in order of their names.
    package var description: String {
        let parts = parameters.keys.sorted().map { "\($0)=\(parameters[$0] ?? "")" } + members.map(\.description)
        return parts.isEmpty ? name : "\(name)(\(parts.joined(separator: ", ")))"
    }
}

private struct SpecificationParser {
    private let text: String
    private let characters: [Character]
    private var at = 0

    init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    mutating func detector(depth: Int) throws(DetectorError) -> DetectorSpecification {
        guard depth < DetectorSpecification.depthLimit else {
            throw expected("no more than \(DetectorSpecification.depthLimit) detectors inside one another")
        }
        var result = DetectorSpecification(try word("the name of a detector"))
        guard take("(") else { return result }
        if take(")") { return result }
        repeat {
            let start = at
            let name = try word("a parameter or a detector")
            if take("=") {
                let value = value()
                guard !value.isEmpty else { throw expected("a value for \(name)") }
                guard result.parameters.updateValue(value, forKey: name) == nil else {
                    throw expected("each parameter once, but \(name) came twice")
                }
            } else {
                at = start
                result.members.append(try detector(depth: depth + 1))
                guard result.members.count <= DetectorSpecification.memberLimit else {
                    throw expected("at most \(DetectorSpecification.memberLimit) detectors in an ensemble")
                }
            }
        } while take(",")
        guard take(")") else { throw expected("\",\" or \")\"") }
        return result
    }

    mutating func end() throws(DetectorError) {
        skipSpaces()
        guard at == characters.count else { throw expected("the end") }
    }

    mutating func take(_ character: Character) -> Bool {
        skipSpaces()
        guard at < characters.count, characters[at] == character else { return false }
        at += 1
        return true
    }

    private mutating func word(_ what: String) throws(DetectorError) -> String {
        skipSpaces()
        let start = at
        while at < characters.count,
            characters[at].isASCII,
            characters[at].isLetter || characters[at].isNumber || "_-.".contains(characters[at])
        {
            at += 1
        }
        guard at > start else { throw expected(what) }
        return String(characters[start..<at])
    }

    /// Up to the next comma or closing bracket.
    private mutating func value() -> String {
        skipSpaces()
        let start = at
        while at < characters.count, !",()".contains(characters[at]) { at += 1 }
        var end = at
        while end > start, characters[end - 1].isWhitespace { end -= 1 }
        return String(characters[start..<end])
    }

    private mutating func skipSpaces() {
        while at < characters.count, characters[at].isWhitespace { at += 1 }
    }

    private func expected(_ what: String) -> DetectorError { .syntax(text, at: at, expected: what) }
}
