/// A change of a whole series that leaves a detector's scores as they are.
package enum Invariance: Sendable, Hashable, CaseIterable {
    /// A number is added to every value.
    case shift
    /// Every value is multiplied by a number above 0.
    case scale
}

/// Which memory of past episodes stands behind a detector; `Scoring` has the filters.
package enum FamiliarityKind: Sendable {
    /// Forgets with a half-life of a week.
    case standard
    /// For detectors that see many lone spikes: a shorter memory, in which long episodes weigh more, and which a short
    /// episode must pass as a whole.
    case confirming
    /// For slow metrics: forgets with a half-life of two weeks.
    case patient
}

/// What people must know of a detector to choose it and to set it.
package struct DetectorDescription: Sendable {
    /// The word that users write, and that stands in the `detector` label.
    package let name: String
    /// What it is good at, and what it is not: one or two sentences.
    package let purpose: String
    /// Where its equation comes from: paper, specification or repository:path.
    package let source: String
    /// Values of a series that are learned from before the first judgement, with the parameters' defaults.
    package let warmUp: Int
    package let parameters: [DetectorParameter]
    package let invariances: Set<Invariance>
    /// How the scores are kept from telling what the series does all the time, unless the user says otherwise.
    package let familiarity: FamiliarityKind
    /// Grows when the meaning of the state changes, so that a checkpoint of an older one is not misread.
    package let stateVersion: UInt32

    package init(
        name: String, purpose: String, source: String, warmUp: Int, parameters: [DetectorParameter] = [],
        invariances: Set<Invariance> = [.shift, .scale], familiarity: FamiliarityKind = .standard,
        stateVersion: UInt32 = 1
    ) {
        self.name = name
        self.purpose = purpose
        self.source = source
        self.warmUp = warmUp
        self.parameters = parameters
        self.invariances = invariances
        self.familiarity = familiarity
        self.stateVersion = stateVersion
    }
}

/// One thing about a detector that a user can set.
package struct DetectorParameter: Sendable {
    package enum Kind: Sendable, Equatable {
        case number(ClosedRange<Double>, default: Double)
        case whole(ClosedRange<Int>, default: Int)
        /// In seconds; users write `90`, `30m`, `24h` or `7d`.
        case duration(ClosedRange<Double>, default: Double)
        case choice([String], default: String)
        /// Free text that the detector itself understands, such as the name of a time zone.
        case text(default: String)
    }

    package let name: String
    package let kind: Kind
    /// What it does, with its unit.
    package let summary: String

    package init(_ name: String, _ kind: Kind, _ summary: String) {
        self.name = name
        self.kind = kind
        self.summary = summary
    }

    /// What may be written, for the catalog and for errors.
    package var allowed: String {
        switch kind {
        case .number(let range, _): "\(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
        case .whole(let range, _): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range, _):
            "a duration from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        case .choice(let words, _): words.joined(separator: " or ")
        case .text: "text"
        }
    }

    /// The default, as a user would write it.
    package var defaultText: String {
        switch kind {
        case .number(_, let value): Self.text(value)
        case .whole(_, let value): "\(value)"
        case .duration(_, let value): DurationText.text(value)
        case .choice(_, let word): word
        case .text(let text): text
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    }
}

/// Durations as Prometheus writes them, one number and one unit, in seconds.
enum DurationText {
    private static let units: [(name: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800),
    ]

    static func seconds(_ text: String) -> Double? {
        if let seconds = Double(text) { return seconds.isFinite ? seconds : nil }
        guard let unit = units.first(where: { text.hasSuffix($0.name) && Double(text.dropLast($0.name.count)) != nil }),
            let count = Double(text.dropLast(unit.name.count)), count.isFinite
        else { return nil }
        return count * unit.seconds
    }

    static func text(_ seconds: Double) -> String {
        for unit in units.reversed() where seconds >= unit.seconds {
            let count = seconds / unit.seconds
            if count == count.rounded() { return "\(Int(count))\(unit.name)" }
        }
        return "\(seconds)s"
    }
}
