import Testing

@testable import Evaluation

/// Holds every measure against the reference programs, on series with ties, gaps, infinities and events in odd places.
@Suite struct MeasuresTests {
    private struct File: Decodable {
        let cases: [Case]
        let periods: [Period]
    }

    private struct Case: Decodable {
        let name: String
        let values: [Double]
        let labels: [Int]
        let scores: [ReferenceNumber]
        let aucPR: Double?
        let vusPR: [[Double?]]
        let period: Int?
        let at: [At]
    }

    private struct At: Decodable {
        let threshold: Double
        let points: [Int]
        let delayed: [Int]
        let events: [Int]
        let ranges: [Double]

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            threshold = try container.decode(Double.self)
            points = try container.decode([Int].self)
            delayed = try container.decode([Int].self)
            events = try container.decode([Int].self)
            ranges = try container.decode([Double].self)
        }
    }

    private struct Period: Decodable {
        let name: String
        let values: [Double]
        let period: Int
    }

    @Test func `areas and volumes are those of the reference`() throws {
        let file: File = try Reference.read("measures")
        #expect(file.cases.count == 10)
        for one in file.cases {
            let labels = one.labels.map { $0 > 0 }
            let scores = one.scores.map { finite($0.value) }
            let area = Measures.aucPR(labels: labels, scores: scores)
            #expect((area == nil) == (one.aucPR == nil), "\(one.name)")
            if let area, let expected = one.aucPR { #expect(agree(area, expected), "\(one.name)") }
            for pair in one.vusPR {
                let length = Int(try #require(pair[0]))
                let volume = Measures.vusPR(labels: labels, scores: scores, length: length)
                #expect((volume == nil) == (pair[1] == nil), "\(one.name)")
                guard let volume, let expected = pair[1] else { continue }
                #expect(agree(volume, expected), "\(one.name), buffer \(length)")
            }
        }
    }

    @Test func `counts at a threshold are those of the reference`() throws {
        let file: File = try Reference.read("measures")
        for one in file.cases {
            let labels = one.labels.map { $0 > 0 }
            for at in one.at {
                let alarms = one.scores.map { finite($0.value) >= at.threshold }
                let place: Comment = "\(one.name) at \(at.threshold)"
                #expect(Measures.points(labels: labels, alarms: alarms).list == at.points, place)
                #expect(Measures.delayed(labels: labels, alarms: alarms).list == at.delayed, place)
                #expect(Measures.events(labels: labels, alarms: alarms).list == at.events, place)
                let ranges = Measures.ranges(labels: labels, alarms: alarms)
                let figures = [ranges.recall, Double(ranges.events), ranges.precision, Double(ranges.alarms)]
                #expect(zip(figures, at.ranges).allSatisfy { agree($0, $1) }, place)
            }
        }
    }

    @Test func `periods are those of the reference`() throws {
        let file: File = try Reference.read("measures")
        for one in file.periods { #expect(Measures.periodLength(one.values) == one.period, "\(one.name)") }
        for one in file.cases {
            if let period = one.period { #expect(Measures.periodLength(one.values) == period, "\(one.name)") }
        }
        #expect(file.periods.contains { $0.period == 24 })
    }

    @Test func `a perfect score fills the area and a useless one does not`() {
        let labels = (0..<100).map { (40..<50).contains($0) }
        #expect(Measures.aucPR(labels: labels, scores: labels.map { $0 ? 2 : 0 }) == 1)
        #expect(Measures.aucPR(labels: labels, scores: labels.map { _ in 1 }) == 0.1)
        #expect(Measures.vusPR(labels: labels, scores: labels.map { $0 ? 2 : 0 }, length: 0) == 1)
    }

    @Test func `an episode may have gaps of ten rows and follow an event by five`() {
        func falseAlarms(_ rows: [Int]) -> Int {
            let labels = (0..<100).map { (20...29).contains($0) }
            return Measures.events(labels: labels, alarms: (0..<100).map { rows.contains($0) }).falseAlarms
        }
        #expect(falseAlarms([50, 60]) == 1)
        #expect(falseAlarms([50, 61]) == 2)
        #expect(falseAlarms([34]) == 0)
        #expect(falseAlarms([35]) == 1)
    }
}

extension AlarmCounts {
    fileprivate var list: [Int] { [hits, falseAlarms, misses] }
}
