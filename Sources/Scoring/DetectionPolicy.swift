package import Detectors

/// How a selection of series is judged: by which detector, and which of its findings count.
package struct DetectionPolicy: Sendable, Equatable {
    /// Which deviations are of interest.
    package enum Direction: String, Sendable, CaseIterable {
        case both
        case above
        case below
    }

    /// Whether scores of what a series does all the time are cut.
    package enum Familiar: Sendable, Equatable {
        /// With the memory that suits the detector.
        case byDetector
        /// The same with another budget.
        case budget(Float)
        case off

        func filter(_ own: FamiliarityFilter) -> FamiliarityFilter? {
            switch self {
            case .byDetector: return own
            case .budget(let budget):
                var filter = own
                filter.budget = budget
                return filter
            case .off: return nil
            }
        }
    }

    package var detector = DetectorSpecification(DetectorCatalog.defaultName)
    /// Scores are multiplied by this: 2 alerts on half the deviation. From 0.1 to 10.
    package var sensitivity: Float = 1
    package var direction = Direction.both
    /// Deviations from the expected value that are smaller score 0, in the unit of the signal. Detectors that expect no
    /// value in particular are not held to it.
    package var minimumDeviation: Float = 0
    /// The same as a share of the expected value: 0.2 ignores what differs by less than a fifth.
    package var minimumRelativeDeviation: Float = 0
    /// Values outside are anomalous whatever the detector says.
    package var validRange: ClosedRange<Double> = -Double.infinity...Double.infinity
    /// The filter for what a series does all the time.
    package var familiarity = Familiar.byDetector

    package init() {}

    /// The score of a value outside ``validRange``, as in VictoriaMetrics' anomaly detection.
    package static let scoreOutsideRange: Float = 1.01

    /// Whether a detector's judgements stand as they are.
    var isPlain: Bool {
        sensitivity == 1 && direction == .both && minimumDeviation == 0 && minimumRelativeDeviation == 0
            && validRange == -Double.infinity...Double.infinity
    }

    /// What the score of a judged value is under this policy, before familiarity.
    ///
    /// The order is that of VictoriaMetrics' anomaly detection: direction, least deviations, then the range.
    func score(_ judgement: Judgement, of value: Double) -> Float {
        if judgement.isWarmingUp { return .nan }
        let counts = isWanted(judgement.deviation) && isLargeEnough(judgement.deviation, value)
        let score = counts ? min(judgement.score * sensitivity, CalibratedScore.limit) : 0
        return validRange.contains(value) ? score : max(score, Self.scoreOutsideRange)
    }

    private func isWanted(_ deviation: Float) -> Bool {
        switch direction {
        case .both: true
        case .above: !(deviation < 0)
        case .below: !(deviation > 0)
        }
    }

    private func isLargeEnough(_ deviation: Float, _ value: Double) -> Bool {
        if deviation.isNaN { return true }
        let size = abs(deviation)
        let expected = Float(abs(value - Double(deviation)))
        return size >= minimumDeviation && size >= minimumRelativeDeviation * expected
    }
}

extension DetectionPolicy {
    /// What may be set, and what it may be; shown by errors.
    package static let keys = [
        "detector", "sensitivity", "direction", "min_deviation", "min_relative_deviation", "valid_min", "valid_max",
        "familiarity", "timezone", "holidays",
    ]

    /// Reads `key=value` pairs that are separated by commas, such as
    /// `detector=zscore(window=100), direction=above, sensitivity=1.5`.
    /// - Parameter base: what holds for keys that the text does not name.
    package init(parsing text: String, base: DetectionPolicy = DetectionPolicy()) throws(PolicyError) {
        self = base
        var seen: Set<String> = []
        for part in Self.split(text) {
            guard let equals = part.firstIndex(of: "=") else {
                throw PolicyError("\"\(part)\" is no key=value; keys are \(Self.keys.joined(separator: ", "))")
            }
            let key = part[..<equals].trimmed
            let value = part[part.index(after: equals)...].trimmed
            guard seen.insert(key).inserted else { throw PolicyError("\(key) is set twice") }
            try set(key, value)
        }
        do {
            _ = try DetectorCatalog.makeBank(detector)
        } catch {
            throw PolicyError("\(error)")
        }
        guard validRange.lowerBound < validRange.upperBound else {
            throw PolicyError("valid_min must be below valid_max")
        }
    }

    private mutating func set(_ key: String, _ value: String) throws(PolicyError) {
        switch key {
        case "detector":
            do { detector = try DetectorSpecification(parsing: value) } catch { throw PolicyError("\(error)") }
        case "sensitivity": sensitivity = Float(try number(key, value, in: 0.1...10))
        case "direction":
            guard let direction = Direction(rawValue: value) else {
                throw PolicyError("direction=\(value): must be both, above or below")
            }
            self.direction = direction
        case "min_deviation": minimumDeviation = Float(try number(key, value, in: 0...1e30))
        case "min_relative_deviation": minimumRelativeDeviation = Float(try number(key, value, in: 0...1000))
        case "valid_min":
            let bound = try number(key, value, in: -1e300...1e300)
            guard bound <= validRange.upperBound else { throw PolicyError("valid_min must be below valid_max") }
            validRange = bound...validRange.upperBound
        case "valid_max":
            let bound = try number(key, value, in: -1e300...1e300)
            guard validRange.lowerBound <= bound else { throw PolicyError("valid_min must be below valid_max") }
            validRange = validRange.lowerBound...bound
        case "familiarity":
            if value == "off" {
                familiarity = .off
            } else {
                guard let budget = Float(value), (1...1000).contains(budget) else {
                    throw PolicyError("familiarity=\(value): must be off, or episodes from 1 to 1000")
                }
                familiarity = .budget(budget)
            }
        case "timezone", "holidays": detector.parameters[key] = value
        default: throw PolicyError("there is no key \"\(key)\"; keys are \(Self.keys.joined(separator: ", "))")
        }
    }

    private func number(
        _ key: String, _ text: String, in range: ClosedRange<Double>
    ) throws(PolicyError) -> Double {
        guard let number = Double(text), range.contains(number) else {
            throw PolicyError("\(key)=\(text): must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// At the commas that stand in no brackets.
    private static func split(_ text: String) -> [Substring] {
        var parts: [Substring] = []
        var (start, depth) = (text.startIndex, 0)
        for i in text.indices {
            switch text[i] {
            case "(": depth += 1
            case ")": depth -= 1
            case "," where depth == 0:
                parts.append(text[start..<i])
                start = text.index(after: i)
            default: break
            }
        }
        parts.append(text[start...])
        return parts.filter { !$0.trimmed.isEmpty }
    }
}

/// Why a policy cannot be used, and what to write instead.
package struct PolicyError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
