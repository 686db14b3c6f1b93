import Testing

@testable import Detectors

@Suite struct DetectorSpecificationTests {
    @Test(arguments: [
        ("zscore", DetectorSpecification("zscore")),
        (" zscore ( ) ", DetectorSpecification("zscore")),
        (
            "zscore(window=100, threshold = 2.5)",
            DetectorSpecification("zscore", parameters: ["window": "100", "threshold": "2.5"])
        ),
        (
            "seasonal(timezone=Europe/Berlin)",
            DetectorSpecification("seasonal", parameters: ["timezone": "Europe/Berlin"])
        ),
        (
            "ensemble(need=2, adaptive, zscore(window=9))",
            DetectorSpecification(
                "ensemble", parameters: ["need": "2"],
                members: [
                    DetectorSpecification("adaptive"), DetectorSpecification("zscore", parameters: ["window": "9"]),
                ])
        ),
    ])
    func `reads a detector and writes it back`(text: String, expected: DetectorSpecification) throws {
        let read = try DetectorSpecification(parsing: text)
        #expect(read == expected)
        #expect(try DetectorSpecification(parsing: read.description) == expected)
    }

    @Test func `reads a list at the commas outside brackets`() throws {
        let list = try DetectorSpecification.list(parsing: "adaptive,zscore(window=9,threshold=2), mad")
        #expect(list.map(\.description) == ["adaptive", "zscore(threshold=2, window=9)", "mad"])
    }

    @Test(arguments: [
        ("", 0), ("(", 0), ("a(", 2), ("a(b", 3), ("a(b=", 4), ("a(b=)", 4), ("a)", 1), ("a b", 2), ("a,b", 1),
        ("a(b=1,b=2)", 9), ("a(b(c(d)))", 6), ("ä", 0), ("a(=1)", 2),
    ])
    func `says where text is no detector`(text: String, place: Int) {
        let error = #expect(throws: DetectorError.self) { try DetectorSpecification(parsing: text) }
        guard case .syntax(_, let at, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(at == place)
    }

    @Test func `refuses an ensemble of more members than the limit`() throws {
        let members = [String](repeating: "a", count: DetectorSpecification.memberLimit)
        #expect(try DetectorSpecification(parsing: "e(\(members.joined(separator: ",")))").members.count == 16)
        #expect(throws: DetectorError.self) {
            try DetectorSpecification(parsing: "e(\((members + ["a"]).joined(separator: ",")))")
        }
    }
}
