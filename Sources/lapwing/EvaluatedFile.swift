import Datasets
import Evaluation
import Scoring
import TimeSeries

/// The inputs of a folder with their labels.
struct LabelledSet {
    let inputs: [InputFile]
    let labels: DataFolder.Labels
    /// Series that the labels speak of and the folder lacks, or the other way round; a line each.
    let problems: [String]

    var isNAB: Bool { if case .nab = labels { true } else { false } }

    init(_ folder: DataFolder) {
        labels = folder.labels
        guard case .nab(let windows) = labels else {
            (inputs, problems) = (folder.inputs, [])
            return
        }
        // NAB names its normal series too, with no windows: one that is not named is not part of it.
        inputs = folder.inputs.filter { windows[$0.relativePath] != nil }
        let paths = Set(folder.inputs.map(\.relativePath))
        problems =
            folder.inputs.filter { windows[$0.relativePath] == nil }.map {
                "not evaluated: \($0.name): labels/combined_windows.json does not name it; add it, with [] if it is normal"
            }
            + windows.keys.filter { !paths.contains($0) }.sorted().map {
                "not evaluated: \($0): labels/combined_windows.json names it, but data/ does not have it"
            }
    }
}

/// The series of one input with their labels, and what each detector says of them.
struct EvaluatedFile: Sendable {
    struct Series: Sendable {
        let labelled: LabelledSeries
        /// A column a policy, in their order.
        let scores: [[Double]]
    }

    private(set) var series: [Series] = []
    /// The malformed rows in a line.
    private(set) var malformed: String?
    /// Why the input was not evaluated.
    private(set) var problem: String?

    init(
        _ input: InputFile, _ labels: DataFolder.Labels, _ policies: [DetectionPolicy], signal: SignalFlag,
        _ run: RunProgress
    ) {
        var progress = InputProgress(input, in: run)
        defer { progress.finish() }
        do {
            let file = try SeriesFile(input)
            malformed = file.problems.first.first.map {
                "malformed rows: \(file.problems.count), the first at \(input.telling($0))"
            }
            progress.begin(rows: file.rowCount, stepsPerRow: file.metrics.count * policies.count)
            let names = file.seriesNames
            for metric in file.metrics.indices {
                let labelled = try LabelledSeries(file, metric: metric, name: names[metric], labels)
                var columns: [[Double]] = []
                for policy in policies {
                    var scorer = try MetricScorer(file, metric: metric, policy, signal: signal)
                    var scores: [Double] = []
                    scores.reserveCapacity(file.rowCount)
                    for row in 0..<file.rowCount {
                        scores.append(scorer.score(row: row).score)
                        progress.step()
                    }
                    columns.append(scores)
                }
                series.append(Series(labelled: labelled, scores: columns))
            }
        } catch {
            // A part of an input would pass for the whole.
            series = []
            problem = "not evaluated: \(input.telling(error))"
        }
    }
}

extension SeriesFile {
    /// The names of its series: where their scores would be written, without the extension.
    var seriesNames: [String] { ScoreFolder.outputPaths(for: self).map { String($0.dropLast(4)) } }
}

extension LabelledSeries {
    /// One metric of an input with its labels; without labels all of it is normal.
    init(
        _ file: SeriesFile, metric: Int, name: String, _ labels: DataFolder.Labels
    ) throws(EvaluationError) {
        let times = file.times.map(\.seconds)
        let values = file.metrics[metric].values
        if case .nab(let windows) = labels {
            let windows = (windows[file.relativePath] ?? []).map { $0.start.seconds...$0.end.seconds }
            try self.init(name: name, times: times, values: values, windows: windows)
        } else {
            let column = file.labels ?? [Bool](repeating: false, count: file.rowCount)
            try self.init(name: name, times: times, values: values, labels: column)
        }
    }
}
