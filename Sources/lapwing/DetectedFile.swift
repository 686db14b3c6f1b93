import Datasets
import Scoring

/// What came of one input of `detect`.
struct DetectedFile: Sendable {
    /// Of inputs that were scored to their end.
    private(set) var series = 0
    private(set) var rows = 0
    private(set) var onsets = 0
    private(set) var malformedCount = 0
    /// The first malformed rows, a line each.
    private(set) var malformed: [String] = []
    /// Why the input was not scored, or not to its end.
    private(set) var failure: String?

    /// Scores an input and writes what is found.
    ///
    /// - Parameter taken: paths that other inputs will be written to, which no metric of this one may take.
    init(
        _ input: InputFile, to folder: ScoreFolder, besides taken: Set<String>, _ policy: DetectionPolicy,
        signal: SignalFlag, _ run: RunProgress
    ) {
        var progress = InputProgress(input, in: run)
        defer { progress.finish() }
        do {
            let file = try SeriesFile(input)
            note(file.problems, of: input)
            if file.metrics.count > 1, let path = ScoreFolder.outputPaths(for: file).first(where: taken.contains) {
                throw DatasetError("the scores of another input go to \(path); score this one in a run of its own")
            }
            progress.begin(rows: file.rowCount, stepsPerRow: file.metrics.count)
            // The folder's own copy knows this input's paths; those of others were looked at above.
            var folder = folder
            var onsets = 0
            for metric in file.metrics.indices {
                var scorer = try MetricScorer(file, metric: metric, policy, signal: signal)
                try folder.write(file, metric: metric) { row in
                    let scored = scorer.score(row: row)
                    if scored.onset > 0 { onsets += 1 }
                    progress.step()
                    return scored
                }
            }
            (series, rows, self.onsets) = (file.metrics.count, file.rowCount, onsets)
        } catch {
            failure = input.telling(error)
        }
    }

    private mutating func note(_ problems: RowProblems, of input: InputFile) {
        malformedCount = problems.count
        malformed = problems.first.map { "malformed row: \(input.telling($0))" }
        let untold = problems.count - problems.first.count
        if untold > 0 { malformed.append("malformed rows: \(untold) more in \(input.name)") }
    }
}
