import Foundation
import TestSupport
import Testing
import TimeSeries

@testable import Datasets

@Suite struct ScoreFolderTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lapwing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private static func put(_ text: String, _ path: String) throws {
        let place = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
    }

    private static func series(_ text: String, _ path: String = "a/b.jsonl") throws -> SeriesFile {
        try SeriesFile(bytes: Array(text.utf8), relativePath: path)
    }

    @Test func `writes a line a row with the times as they stood`() throws {
        try Self.withFolder { root in
            var folder = try ScoreFolder(path: root + "/out/", inputs: [])
            let file = try Self.series("time;value\n2015-02-26 21:42:53;1.0\n\"a,b\"\"c\";2\n1e3x\n60.50;\n")
            let path = try folder.write(file, metric: 0) { row in
                let value = file.metrics[0].values[row]
                return ScoreRow(
                    value: value, score: .nan, smoothed: 0.5, onset: 0, expected: 1e22, lower: row == 0 ? -1 : .nan)
            }
            #expect(path == root + "/out/a/b.csv")
            #expect(
                try String(contentsOfFile: path, encoding: .utf8) == """
                    timestamp,value,score,smoothed,onset,expected,lower,upper
                    2015-02-26 21:42:53,1,NaN,0.5,0,1e+22,-1,
                    "a,b""c",NaN,NaN,NaN,NaN,,,
                    1e3x,NaN,NaN,NaN,NaN,,,
                    60.50,NaN,NaN,0.5,0,1e+22,,

                    """)
            #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/out/a") == ["b.csv"])
        }
    }

    @Test func `what is written reads back`() throws {
        var random = SeededRandom(seed: 5)
        try Self.withFolder { root in
            for round in 0..<20 {
                let values = (0..<200).map { _ in random.chance(0.1) ? .nan : Double(bitPattern: random.next()) }
                let text = "timestamp,value\n" + values.indices.map { "\($0 * 60).\(random.below(1000)),0\n" }.joined()
                let file = try Self.series(text, "\(round).csv")
                var folder = try ScoreFolder(path: root, inputs: [])
                let path = try folder.write(file, metric: 0) { row in
                    ScoreRow(value: values[row], score: values[row], smoothed: 0, onset: 0, upper: values[row])
                }
                let back = try SeriesFile(InputFile.find([path])[0])
                #expect(back.times == file.times)
                #expect(back.problems.count == 0)
                #expect(zip(back.metrics[0].values, values).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
            }
        }
    }

    @Test func `writes again over its own files of an earlier run`() throws {
        try Self.withFolder { root in
            let file = try Self.series("time,value\n1,2\n")
            for score in [1.0, 2.0] {
                var folder = try ScoreFolder(path: root, inputs: [])
                let path = try folder.write(file, metric: 0) { _ in
                    ScoreRow(value: 2, score: score, smoothed: 0, onset: 0)
                }
                #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("1,2,\(Int(score)),0,0,,,\n"))
                #expect(throws: DatasetError.self) { try folder.write(file, metric: 0) { _ in .none } }
            }
        }
    }

    @Test func `never writes over an input, a folder, or half a file`() throws {
        try Self.withFolder { root in
            try Self.put("time,value\n1,2\n", root + "/in/a.csv")
            let inputs = try InputFile.find([root + "/in"])
            #expect(throws: DatasetError.self) { try ScoreFolder(path: root + "/in", inputs: inputs) }
            #expect(throws: DatasetError.self) { try ScoreFolder(path: root + "/x/../in/.", inputs: inputs) }
            try FileManager.default.createSymbolicLink(atPath: root + "/link", withDestinationPath: root + "/in")
            #expect(throws: DatasetError.self) { try ScoreFolder(path: root + "/link", inputs: inputs) }

            let file = try SeriesFile(inputs[0])
            var folder = try ScoreFolder(path: root + "/out", inputs: inputs)
            #expect(throws: CancellationError.self) {
                try folder.write(file, metric: 0) { _ in throw CancellationError() }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/out").isEmpty)
            try Self.put("kept", root + "/other/a.csv/kept")
            var other = try ScoreFolder(path: root + "/other", inputs: inputs)
            #expect(throws: DatasetError.self) { try other.write(file, metric: 0) { _ in .none } }
            #expect(FileManager.default.fileExists(atPath: root + "/other/a.csv/kept"))
        }
    }

    @Test func `gives each metric of a wide file a file`() throws {
        let file = try Self.series("ts,cpu,a/b,a b,..,,cpu,cpu-2\n1,1,1,1,1,1,1,1\n", "d/w.csv")
        #expect(
            ScoreFolder.outputPaths(for: file) == [
                "d/w/cpu.csv", "d/w/a_b.csv", "d/w/a_b-2.csv", "d/w/_..csv", "d/w/_.csv", "d/w/cpu-2.csv",
                "d/w/cpu-2-2.csv",
            ])
        #expect(ScoreFolder.fileNames(Array(repeating: "é", count: 3)) == ["_", "_-2", "_-3"])
        #expect(ScoreFolder.fileNames([String(repeating: "x", count: 500)])[0].utf8.count == 100)
    }

    @Test func `finds the inputs below a folder`() throws {
        try Self.withFolder { root in
            for name in ["b.csv", "a/c.jsonl", "a/d.ndjson", "a/e.txt", ".h/f.csv", "out/g.csv", "z.csv.gz"] {
                try Self.put("x", root + "/" + name)
            }
            let inputs = try InputFile.find([root], exceptBelow: root + "/out")
            #expect(inputs.map(\.relativePath) == ["a/c.jsonl", "a/d.ndjson", "b.csv"])
            #expect(inputs.map(\.outputPath) == ["a/c.csv", "a/d.csv", "b.csv"])
            #expect(inputs.map(\.byteCount) == [1, 1, 1])
            #expect(try InputFile.find([root + "/a/e.txt", "-"]).map(\.outputPath) == ["e.txt.csv", "stdin.csv"])
            #expect(throws: DatasetError.self) { try InputFile.find([root + "/b.csv", root]) }
            #expect(throws: DatasetError.self) { try InputFile.find(["-", "-"]) }
            #expect(throws: DatasetError.self) { try InputFile.find([root + "/none"]) }
            #expect(throws: DatasetError.self) { try InputFile.find([root + "/.h/.." + "/none.csv"]) }
        }
    }

    @Test func `tells NAB, label columns and normal data apart`() throws {
        try Self.withFolder { root in
            try Self.put("timestamp,value\n1,1\n", root + "/data/g/a.csv")
            #expect(try DataFolder(path: root).labels == .none)
            try Self.put(
                "{\"g/a.csv\": [[\"1970-01-01 00:01:00.000000\", \"1970-01-01 00:02:00.5\"]], \"g/b.csv\": []}",
                root + "/labels/combined_windows.json")
            let nab = try DataFolder(path: root + "/")
            let window = LabelWindow(start: .init(milliseconds: 60_000), end: .init(milliseconds: 120_500))
            #expect(nab.labels == .nab(["g/a.csv": [window], "g/b.csv": []]))
            #expect(nab.inputs.map(\.relativePath) == ["g/a.csv"])
            #expect(window.contains(window.start) && window.contains(window.end))
            #expect(!window.contains(.init(milliseconds: 120_501)))
            try Self.put("timestamp,value,label\n1,1,0\n", root + "/data/g/b.csv")
            #expect(try DataFolder(path: root + "/data").labels == .columns)
            for broken in ["[]", "{\"a\":[[\"1\"]]}", "{\"a\":[[\"x\",\"y\"]]}", "{\"a\":[[\"2\",\"1\"]]}"] {
                try Self.put(broken, root + "/labels/combined_windows.json")
                #expect(throws: DatasetError.self) { try DataFolder(path: root) }
            }
        }
    }
}
