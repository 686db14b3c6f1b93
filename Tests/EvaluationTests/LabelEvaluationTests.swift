import Testing

@testable import Evaluation

/// Holds `evaluateLabels` against what the reference program prints.
@Suite struct LabelEvaluationTests {
    private struct Set: Decodable {
        let name: String
        let series: [Series]
        let runs: [Run]
    }

    private struct Series: Decodable {
        let name: String
        let times: [Double]
        let values: [Double]
        let labels: [Int]
        let scores: [ReferenceNumber]
    }

    private struct Run: Decodable {
        let options: [String]
        let result: Result
    }

    private struct Result: Decodable {
        let head: [Double]
        let fixed: [Double]
        let means: [Double]?
        let best: [String: [Double]]?
        let recallWithin: [Double]
    }

    @Test func `every figure is that of the reference program`() throws {
        let sets: [Set] = try Reference.read("labels")
        #expect(sets.count == 3)
        for set in sets {
            let series = try set.series.map {
                try EvaluatedSeries(
                    LabelledSeries(name: $0.name, times: $0.times, values: $0.values, labels: $0.labels.map { $0 > 0 }),
                    scores: $0.scores.map(\.value))
            }
            for run in set.runs {
                let report = try evaluateLabels(detector: "made-up", series: series, options: options(run.options))
                let expected = run.result
                let place: Comment = "\(set.name) \(run.options)"
                let head = [Double(series.count), Double(report.points), Double(report.events), report.weeks]
                #expect(zip(head, expected.head).allSatisfy { agree($0, $1) }, place)
                let fixed = report.fixed
                let figures = [
                    fixed.eventRecall, fixed.falseAlarmsPerSeriesWeek, fixed.eventF1, fixed.pointF1, fixed.delayF1,
                    fixed.rangeF1,
                ]
                #expect(zip(figures, expected.fixed).allSatisfy { agree($0, $1) }, place)
                let means = [report.vusPR, report.aucPR].compactMap { $0 }
                #expect(means.count == (expected.means ?? []).count, place)
                #expect(zip(means, expected.means ?? []).allSatisfy { agree($0, $1) }, place)
                #expect((report.best == nil) == (expected.best == nil), place)
                if let best = report.best { try check(best, expected, place) }
            }
        }
    }

    private func check(_ best: BestMeasures, _ expected: Result, _ place: Comment) throws {
        for (name, measures, f1) in [
            ("event", best.event, best.event.eventF1), ("point", best.point, best.point.pointF1),
            ("delay7", best.delay, best.delay.delayF1), ("range", best.range, best.range.rangeF1),
        ] {
            let reference = try #require(expected.best?[name])
            let figures = [f1, measures.threshold, measures.eventRecall, measures.falseAlarmsPerSeriesWeek]
            #expect(figures.count == reference.count)
            #expect(zip(figures, reference).allSatisfy { agree($0, $1) }, place)
        }
        #expect([best.recallWithinOne, best.recallWithinQuarter] == expected.recallWithin, place)
    }

    private func options(_ arguments: [String]) -> LabelOptions {
        var options = LabelOptions()
        for (k, argument) in arguments.enumerated() {
            let next = k + 1 < arguments.count ? Double(arguments[k + 1]) : nil
            switch argument {
            case "--smooth": options.smoothing = next ?? 0
            case "--buffer": options.buffer = .rows(Int(next ?? 0))
            case "--warmup": options.warmUpDays = next ?? 0
            case "--threshold": options.threshold = next ?? 0
            case "--grid": options.gridSize = Int(next ?? 0)
            case "--no-vus": options.buffer = .none
            default: break
            }
        }
        return options
    }

    @Test func `refuses options outside of their ranges`() {
        for change: (inout LabelOptions) -> Void in [
            { $0.threshold = .nan }, { $0.smoothing = -1 }, { $0.warmUpDays = .infinity }, { $0.gridSize = 1 },
            { $0.buffer = .rows(-1) },
        ] {
            var options = LabelOptions()
            change(&options)
            #expect(throws: EvaluationError.self) {
                try evaluateLabels(detector: "made-up", series: [], options: options)
            }
        }
    }
}
