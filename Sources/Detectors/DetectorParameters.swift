/// The values of a detector's parameters, each in its range; those that the user left out have their defaults.
package struct DetectorParameters: Sendable {
    private var numbers: [String: Double] = [:]
    private var words: [String: String] = [:]

    /// Takes what a user wrote.
    /// - Throws: for a name that the detector does not have and for a value out of its range, with what is allowed.
    package init(
        _ given: [String: String] = [:], for description: DetectorDescription
    ) throws(DetectorError) {
        let known = description.parameters
        for name in given.keys.sorted() where !known.contains(where: { $0.name == name }) {
            throw .unknownParameter(name, detector: description.name, known: known.map(\.name))
        }
        for parameter in known { try take(given[parameter.name] ?? parameter.defaultText, for: parameter, description) }
    }

    /// A number, or a duration in seconds.
    /// - Precondition: the detector's description has a parameter of that name and kind.
    package subscript(_ name: String) -> Double {
        guard let number = numbers[name] else { preconditionFailure("the detector declares no number \(name)") }
        return number
    }

    /// A whole number.
    package func whole(_ name: String) -> Int { Int(self[name]) }

    /// A choice or a text.
    package func word(_ name: String) -> String {
        guard let word = words[name] else { preconditionFailure("the detector declares no word \(name)") }
        return word
    }

    private mutating func take(
        _ text: String, for parameter: DetectorParameter, _ description: DetectorDescription
    ) throws(DetectorError) {
        let error = DetectorError.badValue(
            text, parameter: parameter.name, detector: description.name, allowed: parameter.allowed)
        switch parameter.kind {
        case .number(let range, _):
            guard let number = Double(text), range.contains(number) else { throw error }
            numbers[parameter.name] = number
        case .whole(let range, _):
            guard let number = Int(text), range.contains(number) else { throw error }
            numbers[parameter.name] = Double(number)
        case .duration(let range, _):
            guard let seconds = DurationText.seconds(text), range.contains(seconds) else { throw error }
            numbers[parameter.name] = seconds
        case .choice(let allowed, _):
            guard allowed.contains(text) else { throw error }
            words[parameter.name] = text
        case .text:
            words[parameter.name] = text
        }
    }
}

/// Why a detector cannot be had as it was asked for.
package enum DetectorError: Error, Equatable, CustomStringConvertible {
    case unknownDetector(String, known: [String])
    case unknownParameter(String, detector: String, known: [String])
    case badValue(String, parameter: String, detector: String, allowed: String)
    /// Values that are allowed one by one, but not together; the text says which and why.
    case conflict(detector: String, String)
    /// Text that is no detector at all: where in it, and what was expected there.
    case syntax(String, at: Int, expected: String)

    package var description: String {
        switch self {
        case .unknownDetector(let name, let known):
            "there is no detector \"\(name)\"; there are \(known.joined(separator: ", "))"
        case .unknownParameter(let name, let detector, let known):
            known.isEmpty
                ? "\(detector) has no parameters, so no \"\(name)\""
                : "\(detector) has no parameter \"\(name)\"; it has \(known.joined(separator: ", "))"
        case .badValue(let text, let parameter, let detector, let allowed):
            "\(parameter)=\(text) of \(detector): must be \(allowed)"
        case .conflict(let detector, let text): "\(detector): \(text)"
        case .syntax(let text, let place, let expected): "\"\(text)\", character \(place + 1): expected \(expected)"
        }
    }
}
