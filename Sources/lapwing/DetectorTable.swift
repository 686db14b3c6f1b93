import Datasets
import Detectors
import Evaluation
import Foundation
import Scoring
import TimeSeries

/// The table of all detectors that stands in the README: cost, size, and figures on data sets.
struct DetectorTable {
    private struct Row: Sendable {
        let name: String
        var cells: [String]
    }

    private let folders: [String]

    /// - Parameter folders: data sets as ``Evaluate`` takes them.
    init(folders: [String]) { self.folders = folders }

    /// As Markdown. Takes minutes: the dear detectors are given every series too.
    func markdown() async throws -> String {
        var header = ["detector", "ns a sample", "bytes a series", "warm-up"]
        var rows = DetectorCatalog.entries.filter { $0.description.name != "ensemble" }.map { entry in
            Row(name: entry.description.name, cells: [])
        }
        for i in rows.indices {
            let cost = try Cost(DetectorSpecification(rows[i].name))
            let warmUp = DetectorCatalog.entry(named: rows[i].name)?.description.warmUp ?? 0
            rows[i].cells = [cost.nanoseconds, "\(cost.bytes)", "\(warmUp)"]
            StandardError.print("measured \(rows[i].name)")
        }
        for folder in folders {
            header.append(URL(fileURLWithPath: folder).lastPathComponent)
            let cells = try await figures(rows.map(\.name), folder)
            for i in rows.indices { rows[i].cells.append(cells[i]) }
            StandardError.print("evaluated \(folder)")
        }
        let lines = [header, header.map { _ in "---" }] + rows.map { ["`\($0.name)`"] + $0.cells }
        return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    /// A cell a detector.
    private func figures(_ names: [String], _ path: String) async throws -> [String] {
        let set = LabelledSet(try DataFolder(path: path))
        let policies = try names.map { try DetectionPolicy(parsing: "detector=\($0)") }
        let progress = RunProgress(set.inputs)
        let files = await inParallel(set.inputs) { input in
            EvaluatedFile(input, set.labels, policies, signal: .value, progress)
        }
        _ = progress.finish()
        let series = files.flatMap(\.series)
        return try await inParallel(Array(names.indices)) { place in
            Result { () throws(EvaluationError) in
                var scored: [EvaluatedSeries] = []
                for one in series { scored.append(try EvaluatedSeries(one.labelled, scores: one.scores[place])) }
                return try Self.figure(scored, isNAB: set.isNAB)
            }
        }.map { try $0.get() }
    }

    private static func figure(_ series: [EvaluatedSeries], isNAB: Bool) throws(EvaluationError) -> String {
        if isNAB {
            let report = try evaluateNAB(detector: "", series: series)
            let scores = report.results.map { String(format: "%.1f", $0.fixed) }.joined(separator: " / ")
            return scores + String(format: " at %.2f", report.fixed.falseAlarmsPerSeriesWeek)
        }
        var options = LabelOptions()
        options.smoothing = 8
        options.buffer = .rows(60)
        let report = try evaluateLabels(detector: "", series: series, options: options)
        guard report.events > 0, let vus = report.vusPR else {
            let rates = report.perSeries.map(\.falseAlarmsPerSeriesWeek).sorted()
            let mean = rates.reduce(0, +) / Double(max(rates.count, 1))
            return String(format: "%.2f, median %.2f, worst %.1f", mean, rates[rates.count / 2], rates.last ?? 0)
        }
        let fixed = report.fixed
        return String(
            format: "recall %.2f at %.2f; VUS-PR %.2f", fixed.eventRecall, fixed.falseAlarmsPerSeriesWeek, vus)
    }

    /// What a detector by itself takes, measured on a thousand series in one thread.
    private struct Cost {
        private static let rows = 1_000
        let nanoseconds: String
        let bytes: Int

        init(_ specification: DetectorSpecification) throws {
            var bank = try DetectorCatalog.makeBank(specification)
            bank.makeRoom(rows: Self.rows)
            var samples = (0..<Self.rows).map {
                SignalSample(row: UInt32($0), interval: 60, time: Timestamp(milliseconds: 0), value: 0)
            }
            var judgements = [Judgement](repeating: .warmingUp, count: Self.rows)
            var generator = SystemRandomNumberGenerator()
            var elapsed = Duration.zero
            // Beyond the warm-up and the first training of each; then until a quarter of a second is measured.
            var step: Int64 = 0
            while step < 700 || elapsed < .milliseconds(250) {
                step += 1
                for i in samples.indices {
                    samples[i].time = Timestamp(milliseconds: step * 60_000)
                    samples[i].value = 100 + Double(generator.next() % 1_024) / 64
                }
                let batch = samples
                var room = judgements.mutableSpan
                let taken = ContinuousClock().measure { bank.judge(batch.span, into: &room) }
                if step > 600 { elapsed += taken }
            }
            let perSample = (elapsed / Double(step - 600) / Double(Self.rows)) / .nanoseconds(1)
            nanoseconds = "\(Int(perSample.rounded()))"
            bytes = bank.memoryBytes / Self.rows
        }
    }
}
