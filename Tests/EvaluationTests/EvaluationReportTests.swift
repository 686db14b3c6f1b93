import Foundation
import Testing

@testable import Evaluation

@Suite struct EvaluationReportTests {
    private func report() throws -> EvaluationReport {
        let times = (0..<600).map { Double($0) * 3_600 }
        let labels = (0..<600).map { (300..<310).contains($0) }
        let series = try LabelledSeries(name: "a \"b\"", times: times, values: times, labels: labels)
        let scored = try EvaluatedSeries(series, scores: labels.map { $0 ? 1.5 : 0.25 })
        return EvaluationReport([
            DetectorEvaluation(
                nab: try evaluateNAB(detector: "adaptive", series: [scored]),
                labels: try evaluateLabels(detector: "adaptive", series: [scored])),
            DetectorEvaluation(labels: try evaluateLabels(detector: "z", series: [scored])),
        ])
    }

    @Test func `columns of the text are aligned`() throws {
        let text = try report().text(perSeries: true)
        let lines = text.split(separator: "\n").map(String.init)
        let header = try #require(lines.firstIndex { $0.contains("VUS-PR") })
        #expect(lines[header].count == lines[header + 1].count)
        #expect(lines[header + 1].hasPrefix("adaptive  "))
        #expect(lines[header + 2].hasPrefix("z         "))
        #expect(text.contains("NAB: 1 series, 1 windows"))
        #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
    }

    @Test func `the JSON can be read and has the figures of the report`() throws {
        let report = try report()
        let object = try JSONSerialization.jsonObject(with: Data(report.json().utf8))
        let detectors = try #require((object as? [String: Any])?["detectors"] as? [[String: Any]])
        #expect(detectors.map { $0["detector"] as? String } == ["adaptive", "z"])
        #expect(detectors[1]["nab"] is NSNull)
        let labels = try #require(detectors[0]["labels"] as? [String: Any])
        #expect(labels["vusPR"] as? Double == report.detectors[0].labels?.vusPR)
        let series = try #require((labels["series"] as? [[String: Any]])?.first)
        #expect(series["name"] as? String == "a \"b\"")
        #expect(series["eventsHit"] as? Int == 1)
    }

    @Test func `what is not finite is null in JSON and control characters are escaped`() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity), .number(0.5)]).text == "[null,null,0.5]")
        #expect(JSONValue.string("a\n\u{1}").text == "\"a\\u000a\\u0001\"")
    }

    @Test func `numbers are written for people`() {
        #expect(NumberText.fixed(-0.004, 2) == "0.00")
        #expect(NumberText.fixed(1.999, 2) == "2.00")
        #expect(NumberText.fixed(.nan, 2) == "-")
        #expect(NumberText.short(1.00052) == "1.001")
        #expect(NumberText.short(0.25) == "0.25")
        #expect(NumberText.plain(1_400_000_000) == "1400000000")
    }
}
