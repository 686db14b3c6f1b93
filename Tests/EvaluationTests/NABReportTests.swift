import Testing

@testable import Evaluation

/// Holds `evaluateNAB` against the reference program, with and without onsets.
@Suite struct NABReportTests {
    private struct File: Decodable {
        let series: [Series]
        let runs: [Run]
    }

    private struct Series: Decodable {
        let name: String
        let times: [Double]
        let scores: [ReferenceNumber]
        let windows: [[Double]]
    }

    private struct Run: Decodable {
        let subset: [Int]
        let onset: Int
        let threshold: Double
        let profiles: [[Double]]?
        let weeks: Double
        let counts: [Int]
        let best: [Int]?
    }

    @Test func `every figure is that of the reference program`() throws {
        let file: File = try Reference.read("nab")
        let series = try file.series.map {
            try EvaluatedSeries(
                LabelledSeries(
                    name: $0.name, times: $0.times, values: $0.times, windows: $0.windows.map { $0[0]...$0[1] }),
                scores: $0.scores.map(\.value))
        }
        #expect(file.runs.count == 48)
        for run in file.runs {
            let report = try evaluateNAB(
                detector: "made-up", series: run.subset.map { series[$0] }, onsetRest: run.onset,
                threshold: run.threshold)
            let place: Comment = "series \(run.subset), rest \(run.onset), threshold \(run.threshold)"
            #expect(agree(report.weeks, run.weeks), place)
            #expect([report.fixed.windowsHit, report.fixed.falseAlarmPoints] == run.counts, place)
            guard let profiles = run.profiles else {
                #expect(report.results.allSatisfy { $0.best.isNaN && $0.fixed.isNaN }, place)
                continue
            }
            #expect([report.best.windowsHit, report.best.falseAlarmPoints] == run.best, place)
            for (result, expected) in zip(report.results, profiles) {
                let figures = [result.best, result.bestThreshold, result.fixed]
                #expect(zip(figures, expected).allSatisfy { agree($0, $1) }, place)
            }
        }
    }

    @Test func `an alarm at the start of every window and nowhere else is worth a hundred`() throws {
        let series = try LabelledSeries(
            name: "s", times: (0..<400).map { Double($0) * 300 }, values: [Double](repeating: 0, count: 400),
            events: [100...139, 300...339])
        var scores = [Double](repeating: 0, count: 400)
        (scores[100], scores[300]) = (2, 2)
        let perfect = try evaluateNAB(detector: "d", series: [EvaluatedSeries(series, scores: scores)])
        for result in perfect.results { #expect(abs(result.fixed - 100) < 1) }
        let silent = try evaluateNAB(
            detector: "d", series: [EvaluatedSeries(series, scores: [Double](repeating: 0, count: 400))])
        for result in silent.results { #expect(result.fixed == 0) }
    }

    @Test func `an episode alarms once until the rest is over`() {
        let scores: [Double] = [0, 2, 3, 0, 1, 0, 0, 0, 5]
        #expect(onsetRows(scores, threshold: 1, rest: 3) == [1, 8])
        #expect(onsetRows(scores, threshold: 1, rest: 5) == [1])
        #expect(onsetRows(scores, threshold: 1, rest: 0) == [1, 2, 4, 8])
        #expect(onsetRows([.nan, .infinity, 1], threshold: 1, rest: 1) == [1, 2])
        #expect(onsetScores(scores, threshold: 1, rest: 5)[2] == Double(1).nextDown)
    }
}
