/// The detectors that are compiled in, by the names that users write.
///
/// To add one: a file with a type that conforms to ``Detector``, and a line in the list below. What judges groups of
/// series, or is trained on windows, is to be a ``DetectorBank`` of its own, as the ensembles are.
package enum DetectorCatalog {
    /// A detector of the catalog.
    package struct Entry: Sendable {
        package let description: DetectorDescription
        /// What the state of one series takes; nil where that depends on what the user asks for.
        package let stateBytes: Int?
        /// What a detector of this name is made of, where it is a named ensemble.
        package let ensemble: DetectorSpecification?
        fileprivate let makeBank: @Sendable (DetectorSpecification) throws(DetectorError) -> any DetectorBank
    }

    /// In the order in which they are shown.
    package static let entries: [Entry] = [
        entry(AdaptiveDetector.self),
        entry(SeasonalDetector.self),
        entry(LevelShift.self),
        entry(PatternDetector.self),
        entry(RecordDetector.self),
        entry(SeasonalRecordDetector.self),
        entry(HoltWinters.self),
        entry(SeasonalQuantile.self),
        entry(ZScore.self),
        entry(Ewma.self),
        entry(MedianDeviation.self),
        entry(InterquartileRange.self),
        entry(QuantileBand.self),
        entry(Cusum.self),
        entry(PageHinkley.self),
        entry(Adwin.self),
        entry(Bocpd.self),
        entry(KMeansDetector.self),
        entry(HalfSpaceTreesDetector.self),
        entry(RandomCutForestDetector.self),
        entry(SpectralResidualDetector.self),
        entry(Threshold.self),
        ensembleEntry,
        entry(NamedEnsemble.balancedVote),
        entry(NamedEnsemble.noveltyVote),
        entry(NamedEnsemble.slowMetrics),
        entry(NamedEnsemble.strictVote),
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
        Entry(description: D.description, stateBytes: MemoryLayout<D.State>.size, ensemble: nil) {
            (specification) throws(DetectorError) in
            try refuseMembers(specification)
            return StateBank(try D(DetectorParameters(specification.parameters, for: D.description)))
        }
    }

    private static let ensembleEntry = Entry(
        description: EnsembleBank.description, stateBytes: nil, ensemble: nil
    ) { (specification) throws(DetectorError) in
        try makeEnsemble(specification, named: EnsembleBank.description.name)
    }

    /// An ensemble whose members are fixed.
    private static func entry(_ named: NamedEnsemble) -> Entry {
        Entry(description: named.description, stateBytes: nil, ensemble: named.specification) {
            (specification) throws(DetectorError) in
            try refuseMembers(specification)
            _ = try DetectorParameters(specification.parameters, for: named.description)
            return try makeEnsemble(named.specification, named: named.description.name)
        }
    }

    private static func makeEnsemble(
        _ specification: DetectorSpecification, named name: String
    ) throws(DetectorError) -> any DetectorBank {
        var members: [any DetectorBank] = []
        for member in specification.members { members.append(try makeBank(member)) }
        return try EnsembleBank(
            named: name, DetectorParameters(specification.parameters, for: EnsembleBank.description), members: members)
    }

    private static func refuseMembers(_ specification: DetectorSpecification) throws(DetectorError) {
        guard let member = specification.members.first else { return }
        throw .conflict(detector: specification.name, "takes no detectors inside, but was given \(member.name)")
    }
}
