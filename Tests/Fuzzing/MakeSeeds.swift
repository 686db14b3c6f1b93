import Foundation
import RemoteWrite
import TestSupport

// Writes the first inputs of each target: `make-seeds CAPTURES FOLDER`; Tests/Fuzzing/run minimises them.

/// One body for each kind of capture, and generated ones of every oddity.
@main struct MakeSeeds {
    static func main() throws {
        let captures = URL(fileURLWithPath: CommandLine.arguments[1])
        let folder = URL(fileURLWithPath: CommandLine.arguments[2])
        for version in [1, 2] {
            try write(captured(in: captures, version: version) + generated(version: version), to: folder, version)
        }
        try write(labelBlocks(), to: folder.appendingPathComponent("labels"))
    }

    /// Messages from real senders; the large ones would only slow the fuzzer down.
    private static func captured(in folder: URL, version: Int) throws -> [[UInt8]] {
        let prefixes = version == 1 ? ["prom-v1", "vmagent"] : ["prom-v2"]
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "body" }
            .filter { file in prefixes.contains { file.lastPathComponent.hasPrefix($0) } }
            .sorted { $0.path < $1.path }
            .compactMap { file in
                let body = Array(try Data(contentsOf: file))
                guard body.count < 2000 else { return nil }
                var request = WriteRequest()
                try request.decompress(body.span, limitBytes: 1 << 20)
                return request.withBytes { bytes in bytes.indices.map { bytes[$0] } }
            }
    }

    private static func generated(version: Int) -> [[UInt8]] {
        var random = SeededRandom(seed: UInt64(version))
        return (0..<300).map { number in
            let series = random.series(count: random.below(4))
            let (oddity, breakage) = [(0, 0), (0.05, 0), (0.3, 0), (0.05, 0.01)][number % 4]
            var writer = OddMessage(random: SeededRandom(seed: random.next()), oddity: oddity, breakage: breakage)
            return version == 1 ? writer.version1(series) : writer.version2(series)
        }
    }

    private static func labelBlocks() -> [[UInt8]] {
        var random = SeededRandom(seed: 3)
        return (0..<200).map { number in
            var writer = OddMessage(
                random: SeededRandom(seed: random.next()), oddity: Double(number % 4) * 0.1, breakage: 0.01)
            return writer.labels(random.series(count: 1)[0].labels)
        }
    }

    private static func write(_ messages: [[UInt8]], to folder: URL, _ version: Int) throws {
        try write(messages, to: folder.appendingPathComponent("message-v\(version)"))
        let bodies = messages.enumerated().map { number, message in
            switch number % 4 {
            case 0: Zstd.compress(message)
            case 1: Zstd.compress(message, declaresSize: false)
            default: Snappy.compress(message)
            }
        }
        let hostile = [
            [], [0], Snappy.block(declaring: (1 << 32) - 1), Zstd.frame(declaring: 4 << 30),
            Zstd.compress([1, 2, 3], declaresSize: false, windowLog: 26),
            Zstd.compress([UInt8](repeating: 0, count: 2 << 20), declaresSize: false),
        ]
        try write(bodies + hostile, to: folder.appendingPathComponent("body-v\(version)"))
    }

    private static func write(_ inputs: [[UInt8]], to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, input) in inputs.enumerated() {
            try Data(input).write(to: folder.appendingPathComponent("seed-\(number)"))
        }
    }
}
