/// What can be exposed of a series: a gauge each, in the same labels.
package enum ScoreOutput: String, CaseIterable, Sendable {
    case score
    case smoothed
    case onset
    case expected
    case lower
    case upper

    /// The gauge's name.
    package var metric: String {
        switch self {
        case .score: "anomaly_score"
        case .smoothed: "anomaly_score_smoothed"
        case .onset: "anomaly_onset"
        case .expected: "anomaly_expected"
        case .lower: "anomaly_lower"
        case .upper: "anomaly_upper"
        }
    }

    package var help: String {
        switch self {
        case .score: "How unusual the last sample was; above 1 is anomalous."
        case .smoothed: "Mean of the last scores, half-life 8 samples, or 8 minutes where samples come closer."
        case .onset: "1 where the last sample began an anomaly after a rest, else 0."
        case .expected: "The expected value of the next sample, in the unit of the signal."
        case .lower: "The value below which the next sample would be anomalous, in the unit of the signal."
        case .upper: "The value above which the next sample would be anomalous, in the unit of the signal."
        }
    }

    /// Reads names that are separated by commas; nil for an unknown one. The score is always among them.
    package static func list(_ text: String) -> [ScoreOutput]? {
        var outputs: Set<ScoreOutput> = [.score]
        for name in text.split(separator: ",") {
            guard let output = ScoreOutput(rawValue: name.filter { !$0.isWhitespace }) else { return nil }
            outputs.insert(output)
        }
        return allCases.filter(outputs.contains)
    }
}
