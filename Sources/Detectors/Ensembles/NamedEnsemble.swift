/// An ensemble whose members are fixed, for the catalog: votes in which two must agree.
package struct NamedEnsemble: Sendable {
    package let description: DetectorDescription
    package let specification: DetectorSpecification

    private init(
        _ name: String, _ purpose: String, source: String, warmUp: Int, familiarity: FamiliarityKind = .standard,
        members: [DetectorSpecification]
    ) {
        description = DetectorDescription(
            name: name, purpose: purpose, source: source, warmUp: warmUp, familiarity: familiarity)
        specification = DetectorSpecification("ensemble", parameters: ["need": "2"], members: members)
    }

    /// V3 of the study of detection quality.
    package static let balancedVote = NamedEnsemble(
        "balanced_vote",
        """
        The seasonal forecast and two pattern memories, of which two must agree: spikes as well as unusual shapes, at a \
        middling rate of alarms.
        """,
        source: "ensemble V3 of our study of detection quality, section 6.3", warmUp: 31,
        members: [DetectorSpecification("seasonal"), pattern(stride: 2), pattern(stride: 6)])

    /// V5 of the study of detection quality.
    package static let noveltyVote = NamedEnsemble(
        "novelty_vote",
        """
        Three pattern memories and two range records, of which two must agree: what was never seen before, in metrics of \
        five minutes and more. Chatty on metrics of a minute.
        """,
        source: "ensemble V5 of our study of detection quality, section 6.3", warmUp: 61,
        members: [
            pattern(stride: 2), pattern(stride: 6), pattern(stride: 12), record("mean"), record("spread"),
        ])

    /// V6: V5 with the departure from the time of day in place of the mean, and the shape of a day.
    package static let slowMetrics = NamedEnsemble(
        "slow_metrics",
        """
        Four pattern memories, the departure from the time of day and a range record, of which two must agree: the best on \
        the Numenta benchmark, for metrics of five minutes and more.
        """,
        source: "ensemble V5 of our study of detection quality, section 6.3, with two members exchanged", warmUp: 61,
        familiarity: .patient,
        members: [
            pattern(stride: 2), pattern(stride: 6), pattern(stride: 12),
            DetectorSpecification("pattern", parameters: ["stride": "6", "length": "48", "threshold": "0.3"]),
            DetectorSpecification("seasonal_record"), record("spread"),
        ])

    /// RP of the study of detection quality.
    package static let strictVote = NamedEnsemble(
        "strict_vote",
        "The seasonal forecast and a pattern memory, which must agree: the fewest false alarms, for what wakes people up.",
        source: "ensemble RP of our study of detection quality, section 6.3", warmUp: 31,
        members: [DetectorSpecification("seasonal"), pattern(stride: 2)])

    private static func pattern(stride: Int) -> DetectorSpecification {
        DetectorSpecification("pattern", parameters: ["stride": "\(stride)"])
    }

    private static func record(_ feature: String) -> DetectorSpecification {
        DetectorSpecification("record", parameters: ["feature": feature])
    }
}
