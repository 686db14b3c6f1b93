import Foundation
import FoundationXML
import Testing

/// `lapwing evaluate`, from labelled files to figures.
@Suite(.timeLimit(.minutes(2))) struct EvaluateTests {
    @Test func `a labelled spike is found without a false alarm`() async throws {
        try await Testbed.use { bed in
            try bed.write(
                below: "in/deep/a.csv", SampleSeries.csv(SampleSeries.values(2_000, spikes: [1_800]), labels: [1_800]))
            let labels = try #require(try await bed.evaluate(["\(bed.folder)/in"]).first).labels
            #expect(labels.events == 1)
            #expect(labels.points == 2_000 - 1_440)
            #expect(labels.fixed.eventRecall == 1)
            #expect(labels.fixed.falseAlarmsPerSeriesWeek == 0)
            #expect(try #require(labels.vusPR) > 0.5)
            #expect(labels.series.map(\.name) == ["deep/a"])
        }
    }

    @Test func `judges what detect writes, to the last digit`() async throws {
        try await Testbed.use { bed in
            let events: Set<Int> = [1_500, 1_501, 1_502, 1_700, 1_900]
            let text = SampleSeries.csv(SampleSeries.values(2_000, spikes: [1_501, 1_650, 1_700]), labels: events)
            try bed.write(below: "in/a.csv", text)
            _ = try await bed.run(
                "lapwing", LapwingProgram.path(), ["detect", "-o", "\(bed.folder)/out", "\(bed.folder)/in"])
            let scores = try ScoreTable("\(bed.folder)/out/a.csv").scores
            let sorted = scores[1_440...].sorted(by: >)
            // At a score itself its row is an alarm, just above it is not.
            for threshold in [sorted[1], sorted[1].nextUp, sorted[9], sorted[9].nextUp] {
                let alarms = Set((1_440..<2_000).filter { scores[$0] >= threshold })
                let hits = alarms.intersection(events).count
                let evaluations = try await bed.evaluate([
                    "\(bed.folder)/in", "--threshold", "\(threshold)", "--buffer", "none",
                ])
                let labels = try #require(evaluations.first).labels
                let pointF1 = 2 * Double(hits) / Double(alarms.count + events.count)
                #expect(abs(labels.fixed.pointF1 - pointF1) < 1e-12)
                #expect(labels.vusPR == nil)
            }
        }
    }

    @Test func `series stand in the order of their paths`() async throws {
        try await Testbed.use { bed in
            let names = (0..<20).map { "s\($0 / 10)\($0 % 10)" }
            for (place, name) in names.enumerated() {
                // The first are the longest: those that come later are done earlier.
                let values = SampleSeries.values(4_000 - 200 * place)
                try bed.write(below: "in/\(name).csv", SampleSeries.csv(values))
            }
            let labels = try #require(try await bed.evaluate(["\(bed.folder)/in"]).first).labels
            #expect(labels.series.map(\.name) == names)
        }
    }

    @Test func `without labels every alarm is false`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", SampleSeries.csv(SampleSeries.values(2_000, spikes: [1_800])))
            let labels = try #require(try await bed.evaluate(["\(bed.folder)/in"]).first).labels
            #expect(labels.events == 0)
            #expect(labels.series.map(\.falseAlarms) == [1])
        }
    }

    @Test func `each metric of a wide file is a series with the same labels`() async throws {
        try await Testbed.use { bed in
            let values = SampleSeries.values(2_000, spikes: [1_800])
            let rows = values.enumerated().map { row, value in
                "\(SampleSeries.start + 60 * row),\(value),3,\(row == 1_800 ? 1 : 0)\n"
            }
            try bed.write(below: "in/w.csv", "time,cpu,load,label\n" + rows.joined())
            let labels = try #require(try await bed.evaluate(["\(bed.folder)/in"]).first).labels
            #expect(labels.series.map(\.name) == ["w/cpu", "w/load"])
            #expect(labels.series.map(\.eventsHit) == [1, 0])
        }
    }

    @Test func `a folder in the shape of NAB has NAB's scores`() async throws {
        try await Testbed.use { bed in
            try bed.writeNAB(windows: ["group/a.csv": [(1_795, 1_850)], "group/b.csv": []])
            let evaluations = try await bed.evaluate(["\(bed.folder)/nab", "--detector", "adaptive,adaptive"])
            #expect(evaluations.count == 2)
            for evaluation in evaluations {
                let nab = try #require(evaluation.nab)
                #expect(nab.profiles.map(\.profile) == ["standard", "low-FP", "low-FN"])
                #expect(nab.fixed.windowsHit == 1)
                #expect(nab.fixed.falseAlarmPoints == 0)
                // Near to the start of the window, so near to all of it.
                #expect(nab.profiles.allSatisfy { $0.fixed > 90 && $0.fixed <= 100 })
                #expect(evaluation.labels.fixed.eventRecall == 1)
            }
        }
    }

    @Test func `says what a folder of NAB lacks`() async throws {
        try await Testbed.use { bed in
            try bed.writeNAB(windows: ["group/a.csv": [], "group/c.csv": []])
            let run = try await bed.run("lapwing", LapwingProgram.path(), ["evaluate", "\(bed.folder)/nab"])
            #expect(run.exit == .code(1))
            #expect(run.output.contains("data/group/b.csv: labels/combined_windows.json does not name it"))
            #expect(run.output.contains("group/c.csv: labels/combined_windows.json names it, but"))
            #expect(run.output.contains("NAB: 1 series"), "what is there is evaluated")
        }
    }

    @Test func `draws one series`() async throws {
        try await Testbed.use { bed in
            try bed.writeNAB(windows: ["group/a.csv": [(1_795, 1_850)], "group/b.csv": []])
            let path = "\(bed.folder)/a.svg"
            _ = try await bed.evaluate(["\(bed.folder)/nab", "--picture", path, "--series", "group/a"])
            let svg = try String(contentsOfFile: path, encoding: .utf8)
            #expect(XMLParser(data: Data(svg.utf8)).parse())
            for part in ["value", "expected", "band", "score", "event", "alarm"] {
                #expect(svg.contains("class=\"\(part)\""), "\(part)")
            }
            #expect(svg.contains("1 labelled events, 1 alarms"))

            let run = try await bed.run(
                "lapwing", LapwingProgram.path(),
                ["evaluate", "\(bed.folder)/nab", "--picture", path, "--series", "group/z"])
            #expect(run.exit == .code(1))
            #expect(run.output.contains("--series group/z is not there; there are group/a, group/b"))
        }
    }

    @Test(arguments: [
        (["--detector", "nonsense"], "there is no detector"), (["--buffer", "some"], "--buffer"),
        (["--buffer=-1"], "buffer"), (["--smoothing=-1"], "smoothing"), (["--threshold", "inf"], "threshold"),
        (["--onset-rest=-5"], "onset rest"), (["--warm-up-days=-1"], "warm-up"), (["--format", "xml"], "--format"),
        (["--picture", "a.svg"], "--series"), (["--series", "a"], "--picture"),
        (["--series", "a", "--picture", "a.csv"], ".svg"),
    ])
    func `refuses a flag it cannot take, by name`(flags: [String], said: String) async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", SampleSeries.csv(SampleSeries.values(5)))
            let run = try await bed.run("lapwing", LapwingProgram.path(), ["evaluate", "\(bed.folder)/in"] + flags)
            #expect(run.exit == .code(64))
            #expect(run.output.contains(said), "\(run.output)")
        }
    }
}

/// What `--format json` says of a detector, as far as it is looked at here.
private struct Evaluation: Decodable {
    struct NAB: Decodable {
        struct Profile: Decodable {
            let profile: String
            let fixed: Double
        }
        struct Counts: Decodable {
            let windowsHit: Int
            let falseAlarmPoints: Int
        }
        let profiles: [Profile]
        let fixed: Counts
    }
    struct Labels: Decodable {
        struct Fixed: Decodable {
            let eventRecall: Double
            let falseAlarmsPerSeriesWeek: Double
            let pointF1: Double
        }
        struct Series: Decodable {
            let name: String
            let eventsHit: Int
            let falseAlarms: Int
        }
        let points: Int
        let events: Int
        let vusPR: Double?
        let fixed: Fixed
        let series: [Series]
    }
    let nab: NAB?
    let labels: Labels
}

extension Testbed {
    /// The figures of each detector.
    fileprivate func evaluate(_ arguments: [String]) async throws -> [Evaluation] {
        struct Report: Decodable { let detectors: [Evaluation] }
        let run = try await run(
            "lapwing", LapwingProgram.path(), ["evaluate", "--format", "json"] + arguments)
        guard run.exit == .code(0), let json = run.output.split(separator: "\n").last(where: { $0.hasPrefix("{") })
        else { throw TestbedError("evaluate: \(run.exit) \(run.output)") }
        return try JSONDecoder().decode(Report.self, from: Data(json.utf8)).detectors
    }

    /// A folder `nab` with two series that have a spike at row 1800 and none, and windows from row to row.
    fileprivate func writeNAB(windows: [String: [(Int, Int)]]) throws {
        try write(below: "nab/data/group/a.csv", SampleSeries.csv(SampleSeries.values(2_000, spikes: [1_800])))
        try write(below: "nab/data/group/b.csv", SampleSeries.csv(SampleSeries.values(2_000)))
        func time(_ row: Int) -> String { "\(SampleSeries.start + 60 * row)" }
        let json = try JSONEncoder().encode(windows.mapValues { $0.map { [time($0.0), time($0.1)] } })
        try write(below: "nab/labels/combined_windows.json", String(decoding: json, as: UTF8.self))
    }
}
