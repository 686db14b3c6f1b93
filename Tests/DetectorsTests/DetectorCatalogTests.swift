import Testing

@testable import Detectors

@Suite struct DetectorCatalogTests {
    @Test func `makes an empty bank for each name`() throws {
        #expect(DetectorCatalog.names.contains("adaptive"))
        for name in DetectorCatalog.names {
            let bank = try #require(DetectorCatalog.makeBank(named: name))
            #expect(bank.name == name)
            #expect(bank.memoryBytes == 0)
        }
    }

    @Test func `gives no name twice`() {
        #expect(Set(DetectorCatalog.names).count == DetectorCatalog.names.count)
    }

    @Test(arguments: ["", "Adaptive", "adaptive ", "none"])
    func `knows no other name`(name: String) {
        #expect(DetectorCatalog.makeBank(named: name) == nil)
    }
}
