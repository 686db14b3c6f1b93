import Testing

@testable import Detectors

@Suite struct DetectorCatalogTests {
    @Test func `makes an empty bank of each detector`() throws {
        #expect(DetectorCatalog.names.contains(DetectorCatalog.defaultName))
        for name in DetectorCatalog.names where name != "ensemble" {
            let bank = try DetectorCatalog.makeBank(DetectorSpecification(name))
            #expect(bank.name == name)
            #expect(bank.memoryBytes == 0)
        }
    }

    @Test func `gives no name twice`() {
        #expect(Set(DetectorCatalog.names).count == DetectorCatalog.names.count)
    }

    @Test(arguments: ["", "Adaptive", "adaptive ", "none"])
    func `knows no other name, and says which there are`(name: String) {
        #expect(throws: DetectorError.unknownDetector(name, known: DetectorCatalog.names)) {
            try DetectorCatalog.makeBank(DetectorSpecification(name))
        }
    }

    @Test func `says what each detector is good at and where it comes from`() {
        for entry in DetectorCatalog.entries {
            #expect(entry.description.purpose.count > 30, "\(entry.description.name)")
            #expect(entry.description.source.count > 10, "\(entry.description.name)")
            #expect(entry.description.parameters.allSatisfy { !$0.summary.isEmpty }, "\(entry.description.name)")
        }
    }

    @Test func `refuses detectors inside one that takes none`() {
        #expect(throws: DetectorError.self) {
            try DetectorCatalog.makeBank(
                DetectorSpecification("adaptive", members: [DetectorSpecification("adaptive")]))
        }
    }
}
