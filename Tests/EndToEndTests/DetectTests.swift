import Foundation
import Testing

/// `lapwing detect`, from files to files.
@Suite(.timeLimit(.minutes(2))) struct DetectTests {
    @Test func `finds a spike, and says where it begins`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", SampleSeries.csv(SampleSeries.values(800, spikes: [600])))
            let run = try await bed.detect(["\(bed.folder)/in"])
            #expect(run.exit == .code(0))
            #expect(run.output.contains("1 file, 1 series, 800 rows, 0 malformed rows, 1 anomaly;"), "\(run.output)")

            let table = try ScoreTable("\(bed.folder)/out/a.csv")
            #expect(table.times == (0..<800).map { "\(SampleSeries.start + 60 * $0)" })
            #expect(table.values == SampleSeries.values(800, spikes: [600]))
            #expect(table.scores[0] == 0, "warming up")
            #expect(table.scores.indices.filter { table.scores[$0] > 1 }.contains(600))
            #expect(table.scores[..<600].allSatisfy { $0 < 1 })
            #expect(table.onsets.indices.filter { table.onsets[$0] == 1 } == [600])
            #expect(abs(try #require(table.expected[600]) - 50) < 10)
        }
    }

    @Test func `writes a file a series at the same relative path`() async throws {
        try await Testbed.use { bed in
            let values = SampleSeries.values(300, spikes: [250])
            try bed.write(below: "in/a.csv", SampleSeries.csv(values))
            try bed.write(
                below: "in/deep/er/b.jsonl",
                values.enumerated().map { "{\"timestamp\":\(SampleSeries.start + 60 * $0),\"value\":\($1)}\n" }.joined()
            )
            try bed.write(
                below: "in/wide.csv",
                "time,cpu,load\n"
                    + values.enumerated().map { "\(SampleSeries.start + 60 * $0),\($1),1\n" }.joined())
            let run = try await bed.detect(["\(bed.folder)/in"])
            #expect(run.exit == .code(0))
            #expect(bed.files(below: "out") == ["a.csv", "deep/er/b.csv", "wide/cpu.csv", "wide/load.csv"])
            // The same samples have the same scores, whichever way they come in.
            let text = try bed.text("out/a.csv")
            #expect(try bed.text("out/deep/er/b.csv") == text)
            #expect(try bed.text("out/wide/cpu.csv") == text)
        }
    }

    @Test func `scores standard input as it scores a file`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", SampleSeries.csv(SampleSeries.values(300, spikes: [250])))
            _ = try await bed.detect(["\(bed.folder)/in/a.csv"])
            let run = try await bed.detect(["-"], input: "\(bed.folder)/in/a.csv")
            #expect(run.exit == .code(0))
            #expect(try bed.text("out/stdin.csv") == bed.text("out/a.csv"))
        }
    }

    @Test func `many files have the scores that each has by itself`() async throws {
        try await Testbed.use { bed in
            for k in 0..<12 {
                try bed.write(below: "in/\(k).csv", SampleSeries.csv(SampleSeries.values(100 + 40 * (k % 5))))
            }
            #expect(try await bed.detect(["\(bed.folder)/in"]).exit == .code(0))
            for k in 0..<12 {
                _ = try await bed.detect(["\(bed.folder)/in/\(k).csv"], output: "alone")
                #expect(try bed.text("out/\(k).csv") == bed.text("alone/\(k).csv"))
            }
        }
    }

    @Test func `tells malformed rows with file and line, and goes on`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", "timestamp,value\n1,2\nyesterday,3\n3,much\n4,5,6\n5,7\n")
            let run = try await bed.detect(["\(bed.folder)/in"])
            #expect(run.exit == .code(0))
            for line in [3, 4, 5] { #expect(run.output.contains("\(bed.folder)/in/a.csv:\(line): ")) }
            #expect(run.output.contains("5 rows, 3 malformed rows"))
            let table = try ScoreTable("\(bed.folder)/out/a.csv")
            #expect(table.scores.map(\.isNaN) == [false, true, true, true, false])
            #expect(table.times[1] == "yesterday")
        }
    }

    @Test func `tells malformed rows in the order of the inputs`() async throws {
        try await Testbed.use { bed in
            let names = (0..<10).map { "\($0).csv" }
            for (place, name) in names.enumerated() {
                // The first are the longest: those that come later are done earlier.
                let text = SampleSeries.csv(SampleSeries.values(1_000 - 100 * place))
                try bed.write(below: "in/\(name)", text + "later,1\n")
            }
            let run = try await bed.detect(["\(bed.folder)/in"])
            let told = run.output.split(separator: "\n").filter { $0.hasPrefix("malformed row: ") }
            #expect(told.map { $0.split(separator: ":")[1].split(separator: "/").last.map(String.init) } == names)
        }
    }

    @Test func `scores the other inputs when one fails, lists it and exits with 1`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", "")
            try bed.write(below: "in/b.csv", SampleSeries.csv(SampleSeries.values(50)))
            let run = try await bed.detect(["\(bed.folder)/in"])
            #expect(run.exit == .code(1))
            #expect(run.output.contains("not scored: \(bed.folder)/in/a.csv: the file is empty"), "\(run.output)")
            #expect(run.output.contains("1 input of 2"))
            #expect(bed.files(below: "out") == ["b.csv"])
        }
    }

    @Test func `does not read the scores of an earlier run`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", SampleSeries.csv(SampleSeries.values(50)))
            for _ in 0..<2 {
                let run = try await bed.detect(["\(bed.folder)/in"], output: "in/out")
                #expect(run.exit == .code(0))
                #expect(bed.files(below: "in") == ["a.csv", "out/a.csv"])
            }
        }
    }

    @Test func `never writes over an input`() async throws {
        try await Testbed.use { bed in
            let text = SampleSeries.csv(SampleSeries.values(50))
            try bed.write(below: "in/a.csv", text)
            let run = try await bed.detect(["\(bed.folder)/in"], output: "in")
            #expect(run.exit == .code(1))
            #expect(run.output.contains("choose another --output"))
            #expect(try bed.text("in/a.csv") == text)
        }
    }

    @Test func `refuses a metric whose scores would take another input's place`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/w.csv", "time,cpu,load\n1,2,3\n2,3,4\n")
            try bed.write(below: "in/w/cpu.csv", SampleSeries.csv(SampleSeries.values(50)))
            let run = try await bed.detect(["\(bed.folder)/in"])
            #expect(run.exit == .code(1))
            #expect(run.output.contains("\(bed.folder)/in/w.csv: the scores of another input go to w/cpu.csv"))
            #expect(try ScoreTable("\(bed.folder)/out/w/cpu.csv").scores.count == 50)
        }
    }

    @Test func `judges by the policy it is given`() async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", SampleSeries.csv(SampleSeries.values(700, spikes: [600])))
            let run = try await bed.detect(["\(bed.folder)/in", "--detection", "direction=below"])
            #expect(run.exit == .code(0))
            #expect(try ScoreTable("\(bed.folder)/out/a.csv").scores[600] == 0)
        }
    }

    @Test func `judges the increase of a counter`() async throws {
        try await Testbed.use { bed in
            // The values are the increase of each minute.
            let increases = SampleSeries.values(700, spikes: [600])
            var sum = 0.0
            try bed.write(
                below: "in/a.csv",
                SampleSeries.csv(
                    increases.map { increase in
                        sum += increase
                        return sum
                    }))
            let run = try await bed.detect(["\(bed.folder)/in", "--signal", "rate"])
            #expect(run.exit == .code(0))
            let table = try ScoreTable("\(bed.folder)/out/a.csv")
            #expect(table.scores[600] > 1)
            #expect(abs(try #require(table.expected[600]) - 50.0 / 60) < 0.2, "a second, not a minute")
        }
    }

    @Test(arguments: [
        (["--detector", "nonsense"], "--detector: there is no detector"),
        (["--detector", "adaptive,adaptive"], "2 detectors"),
        (["--detector", "adaptive("], "--detector"),
        (["--detection", "sensitivity=99"], "--detection: sensitivity=99"),
        (["--detection", "detector=adaptive"], "detector is set twice"),
        (["--signal", "noise"], "--signal"),
    ])
    func `refuses a flag it cannot take, by name`(flags: [String], said: String) async throws {
        try await Testbed.use { bed in
            try bed.write(below: "in/a.csv", SampleSeries.csv(SampleSeries.values(5)))
            let run = try await bed.detect(["\(bed.folder)/in"] + flags)
            #expect(run.exit == .code(64))
            #expect(run.output.contains(said), "\(run.output)")
            #expect(bed.files(below: "out").isEmpty)
        }
    }

    @Test func `says that a path is not there`() async throws {
        try await Testbed.use { bed in
            let run = try await bed.detect(["\(bed.folder)/nowhere"])
            #expect(run.exit == .code(1))
            #expect(run.output.contains("\(bed.folder)/nowhere: there is no such file or folder"))
        }
    }
}

extension Testbed {
    fileprivate func detect(
        _ arguments: [String], output: String = "out", input: String = "/dev/null"
    ) async throws -> (exit: RunningProgram.Exit, output: String) {
        try await run(
            "lapwing", LapwingProgram.path(), ["detect", "--output", "\(folder)/\(output)"] + arguments, input: input)
    }

    fileprivate func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
}
