import Testing

@testable import Evaluation

@Suite struct LabelledSeriesTests {
    private let times: [Double] = [0, 60, 120, 180, 240]

    @Test func `labels and windows of time become the same events`() throws {
        let labelled = try LabelledSeries(
            name: "s", times: times, values: times, labels: [true, true, false, false, true])
        let windowed = try LabelledSeries(name: "s", times: times, values: times, windows: [240...240, 0...60])
        #expect(labelled.events == [0...1, 4...4])
        #expect(windowed.events == labelled.events)
        #expect(windowed.labels == [true, true, false, false, true])
    }

    @Test func `refuses a window that begins between rows and says when`() {
        #expect(throws: EvaluationError.windowOffRows(series: "s", time: 61)) {
            try LabelledSeries(name: "s", times: times, values: times, windows: [61...120])
        }
        let error = EvaluationError.windowOffRows(series: "s", time: 61)
        #expect(error.description.contains("61 (epoch seconds)"))
    }

    @Test func `refuses overlapping events, events beyond the rows, and columns of another length`() {
        #expect(throws: EvaluationError.misplacedEvent(series: "s", event: 2...3, rows: 5)) {
            try LabelledSeries(name: "s", times: times, values: times, events: [0...2, 2...3])
        }
        #expect(throws: EvaluationError.misplacedEvent(series: "s", event: 4...5, rows: 5)) {
            try LabelledSeries(name: "s", times: times, values: times, events: [4...5])
        }
        #expect(throws: EvaluationError.unequalColumns(series: "s", column: "values", entries: 1, rows: 5)) {
            try LabelledSeries(name: "s", times: times, values: [1], events: [])
        }
        #expect(throws: EvaluationError.noRows(series: "s")) {
            try LabelledSeries(name: "s", times: [], values: [], events: [])
        }
        #expect(throws: EvaluationError.unequalColumns(series: "s", column: "scores", entries: 1, rows: 5)) {
            try EvaluatedSeries(LabelledSeries(name: "s", times: times, values: times, events: []), scores: [1])
        }
    }
}
