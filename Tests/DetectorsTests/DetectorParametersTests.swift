import Testing

@testable import Detectors

@Suite struct DetectorParametersTests {
    private static let description = DetectorDescription(
        name: "sample", purpose: "to be tested", source: "nowhere", warmUp: 0,
        parameters: [
            DetectorParameter("window", .whole(5...512, default: 60), "values"),
            DetectorParameter("threshold", .number(0.5...20, default: 3), "standard deviations"),
            DetectorParameter("season", .duration(60...604_800, default: 86_400), "length of the season"),
            DetectorParameter("weekend", .choice(["same", "separate"], default: "same"), "bins"),
            DetectorParameter("timezone", .text(default: "UTC"), "zone"),
        ])

    @Test func `fills in the defaults`() throws {
        let parameters = try DetectorParameters(for: Self.description)
        #expect(parameters.whole("window") == 60)
        #expect(parameters["threshold"] == 3)
        #expect(parameters["season"] == 86_400)
        #expect(parameters.word("weekend") == "same")
        #expect(parameters.word("timezone") == "UTC")
    }

    @Test(arguments: [
        ("90", 90.0), ("90s", 90), ("30m", 1800), ("1.5h", 5400), ("7d", 604_800), ("1w", 604_800), ("60000ms", 60),
    ])
    func `reads durations with their units`(text: String, seconds: Double) throws {
        #expect(try DetectorParameters(["season": text], for: Self.description)["season"] == seconds)
    }

    @Test(arguments: [
        ("window", "4"), ("window", "513"), ("window", "6.5"), ("window", ""), ("threshold", "0.4"),
        ("threshold", "nan"), ("threshold", "inf"), ("season", "59s"), ("season", "8d"), ("season", "1 day"),
        ("season", "nand"), ("weekend", "never"),
    ])
    func `names what is allowed when a value is not`(name: String, text: String) throws {
        let parameter = try #require(Self.description.parameters.first { $0.name == name })
        #expect(
            throws: DetectorError.badValue(text, parameter: name, detector: "sample", allowed: parameter.allowed)
        ) {
            try DetectorParameters([name: text], for: Self.description)
        }
    }

    @Test func `names the parameters there are when one is unknown`() {
        let names = ["window", "threshold", "season", "weekend", "timezone"]
        #expect(throws: DetectorError.unknownParameter("windw", detector: "sample", known: names)) {
            try DetectorParameters(["windw": "60"], for: Self.description)
        }
    }

    @Test func `says ranges as a user writes them`() {
        #expect(
            Self.description.parameters.map(\.allowed) == [
                "a whole number from 5 to 512", "0.5 to 20", "a duration from 1m to 1w", "same or separate", "text",
            ])
        #expect(Self.description.parameters.map(\.defaultText) == ["60", "3", "1d", "same", "UTC"])
    }
}
