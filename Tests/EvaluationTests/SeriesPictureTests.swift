import Foundation
import FoundationXML
import Testing

@testable import Evaluation

@Suite struct SeriesPictureTests {
    private func picture(
        rows: Int, title: String = "disk", values: (Int) -> Double, alarms: [Int] = []
    ) throws -> SeriesPicture {
        let times = (0..<rows).map { 1_396_310_400 + Double($0) * 60 }
        let column = (0..<rows).map(values)
        let series = try LabelledSeries(
            name: title, times: times, values: column, events: rows > 20 ? [5...9, 15...15] : [])
        return try SeriesPicture(
            title: title, series: series, scores: (0..<rows).map { Double($0 % 50) / 8 }, expected: column,
            lower: column.map { $0 - 1 }, upper: column.map { $0 + 1 }, alarms: alarms)
    }

    private func isWellFormed(_ svg: String) -> Bool { XMLParser(data: Data(svg.utf8)).parse() }

    @Test func `the picture is well-formed and has its parts`() throws {
        let svg = try picture(rows: 400, title: "a<b & \"c\"\u{1}", values: { sin(Double($0) / 20) }, alarms: [7, 300])
            .svg()
        #expect(isWellFormed(svg))
        #expect(svg.contains("prefers-color-scheme:dark"))
        #expect(svg.contains("a&lt;b &amp; &quot;c&quot;"))
        #expect(svg.components(separatedBy: "class=\"call\"").count == 3)
        #expect(svg.components(separatedBy: "class=\"event\"").count == 2 * 2 + 2)
        #expect(svg.contains("2014-04-01"))
        #expect(!svg.contains("nan"))
    }

    @Test func `a long series stays below a megabyte and keeps its spike`() throws {
        let picture = try picture(
            rows: 300_000, values: { $0 == 150_001 ? 100 : Double(($0 &* 7_919) % 1_009) / 1_009 },
            alarms: Array(0..<5_000))
        let svg = picture.svg()
        #expect(svg.utf8.count < 1_000_000)
        // The axis reaches to the spike plus its margin, so the line must come within 6 % of the top.
        let line = try #require(svg.components(separatedBy: "<path class=\"value\" d=\"").last)
        let heights = line.prefix { $0 != "\"" }.split { "ML".contains($0) }.compactMap { point in
            point.split(separator: " ").last.flatMap { Double($0) }
        }
        #expect((heights.min() ?? 400) < 100)
    }

    @Test func `gaps, constants, single rows and huge numbers can be drawn`() throws {
        for values: (Int) -> Double in [
            { $0 % 3 == 0 ? .nan : Double($0) }, { _ in 7 }, { _ in .nan }, { $0 == 4 ? 1e308 : -1e308 },
            { 1e-300 * Double($0) }, { $0 == 3 ? .infinity : 1e6 + 1e-9 * Double($0) },
        ] {
            for rows in [1, 2, 30] {
                let svg = try picture(rows: rows, values: values).svg()
                #expect(isWellFormed(svg))
                #expect(!svg.contains("nan") && !svg.contains("inf\""))
            }
        }
    }

    @Test func `refuses an alarm outside of the rows and a band of another length`() throws {
        let series = try LabelledSeries(name: "s", times: [0, 1], values: [0, 1], events: [])
        #expect(throws: EvaluationError.self) {
            try SeriesPicture(title: "s", series: series, scores: [0, 0], alarms: [2])
        }
        #expect(throws: EvaluationError.self) {
            try SeriesPicture(title: "s", series: series, scores: [0, 0], lower: [0], alarms: [])
        }
    }
}
