import ArgumentParser
import Datasets
import Detectors
import Scoring

/// `lapwing detect`: scores series in files.
struct Detect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score the series in files, with the stages that received samples take.",
        discussion: """
            Reads CSV (separated by comma, semicolon or tab, with a header) and JSON lines. The time is the column \
            timestamp, time, ts, date or datetime, else the first; the metric is the column value, else every numeric \
            column is one.

            Writes one CSV an input, at the same relative path below --output and with a row for each of its rows: \
            timestamp,value,score,smoothed,onset,expected,lower,upper. A score above 1 is anomalous; it is 0 while the \
            detector warms up, and nan where nothing was judged (no number, or not later than the row before). onset is 1 \
            where an anomaly begins. An input with several metrics becomes a folder with one CSV a metric.

            Malformed rows are reported on standard error, counted and left out; they do not change the exit code. It is \
            0 when every input was scored, 1 when one could not be (the others still are), 64 for flags that cannot be used.
            """)

    @Option(help: "The detector, such as adaptive or 'zscore(window=100)'. See lapwing detectors.")
    var detector = DetectorCatalog.defaultName

    @Option(name: .shortAndLong, help: "Folder that the scores are written to; files of older runs are replaced.")
    var output: String

    @OptionGroup var flags: DetectionFlags

    @Argument(help: "Files, folders (every .csv, .jsonl and .ndjson below), or - for standard input.")
    var paths: [String]

    func validate() throws {
        _ = try policy()
        if output.isEmpty { throw ValidationError("--output is empty; name a folder") }
    }

    private func policy() throws -> DetectionPolicy {
        let policies = try flags.policies(detector)
        guard policies.count == 1 else {
            throw ValidationError("--detector: \(policies.count) detectors; give one, or an ensemble of them")
        }
        return policies[0]
    }

    func run() async throws {
        let (policy, signal) = (try policy(), flags.signal)
        let inputs = try InputFile.find(paths, exceptBelow: output)
        let folder = try ScoreFolder(path: output, inputs: inputs)
        let taken = Set(inputs.map(\.outputPath))
        let progress = RunProgress(inputs)
        let files = await inParallel(inputs) { input in
            DetectedFile(input, to: folder, besides: taken, policy, signal: signal, progress)
        }
        let summary = DetectSummary(files: files, duration: progress.finish(), output: output)
        for line in summary.problems { StandardError.print(line) }
        print(summary.text)
        if summary.hasFailures { throw ExitCode.failure }
    }
}
