/// The detectors that are compiled in, by the names that users write.
///
/// To add one: a file with a type that conforms to ``Detector``, a line in the list below, and a line above
/// ``StateBank/score(rows:times:values:into:)``, where the compiler is told to specialise for it.
package enum DetectorCatalog {
    private static let makers: [(name: String, makeBank: @Sendable () -> any DetectorBank)] = [
        entry(AdaptiveDetector())
    ]

    /// The names, in the order of the list.
    package static var names: [String] { makers.map(\.name) }

    /// An empty bank of the detector of that name; nil where there is none.
    package static func makeBank(named name: String) -> (any DetectorBank)? {
        makers.first { $0.name == name }?.makeBank()
    }

    private static func entry(
        _ detector: some Detector
    ) -> (name: String, makeBank: @Sendable () -> any DetectorBank) {
        (detector.name, { StateBank(detector) })
    }
}
