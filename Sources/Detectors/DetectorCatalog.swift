/// The detectors that are compiled in, by the names that users write.
///
/// To add one: a file with a type that conforms to ``Detector``, and a line in the list below.
package enum DetectorCatalog {
    /// A detector of the catalog.
    package struct Entry: Sendable {
        package let description: DetectorDescription
        /// What the state of one series takes.
        package let stateBytes: Int
        fileprivate let makeBank: @Sendable (DetectorSpecification) throws(DetectorError) -> any DetectorBank
    }

    /// In the order in which they are shown.
    package static let entries: [Entry] = [
        entry(AdaptiveDetector.self),
        entry(SeasonalDetector.self),
        entry(HoltWinters.self),
        entry(SeasonalQuantile.self),
        entry(LevelShift.self),
        entry(ZScore.self),
        entry(Ewma.self),
        entry(MedianDeviation.self),
        entry(InterquartileRange.self),
        entry(QuantileBand.self),
        entry(Cusum.self),
        entry(PageHinkley.self),
        entry(Adwin.self),
        entry(Bocpd.self),
        entry(Threshold.self),
    ]

    /// The name of the detector that every series gets where nothing else is said.
    package static let defaultName = "adaptive"

    /// The names, in the order of the list.
    package static var names: [String] { entries.map(\.description.name) }

    /// The detector of that name; nil where there is none.
    package static func entry(named name: String) -> Entry? { entries.first { $0.description.name == name } }

    /// An empty bank of a detector.
    /// - Throws: where the name is not known, or a parameter is not, or has a value that is not allowed.
    package static func makeBank(
        _ specification: DetectorSpecification
    ) throws(DetectorError) -> any DetectorBank {
        guard let entry = entry(named: specification.name) else {
            throw .unknownDetector(specification.name, known: names)
        }
        return try entry.makeBank(specification)
    }

    private static func entry<D: Detector>(_: D.Type) -> Entry {
        Entry(description: D.description, stateBytes: MemoryLayout<D.State>.size) {
            (specification) throws(DetectorError) in
            if let member = specification.members.first {
                throw .conflict(
                    detector: specification.name, "takes no detectors inside, but was given \(member.name)")
            }
            return StateBank(try D(DetectorParameters(specification.parameters, for: D.description)))
        }
    }
}
