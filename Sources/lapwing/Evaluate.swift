import ArgumentParser
import Datasets
import Detectors
import Evaluation
import Scoring

/// `lapwing evaluate`: how good detectors are on labelled series.
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure detectors on labelled series, or their false alarms on normal ones.",
        discussion: """
            A folder with data/ and labels/combined_windows.json is taken as NAB's (github.com/numenta/NAB) and gets the \
            three NAB scores besides the measures for labels. Elsewhere labels are a column label, is_anomaly or anomaly \
            (0 or 1); series without one are normal, so that every alarm there is false. Scores are those that lapwing \
            detect writes. All series are held to one threshold; nothing is fitted but where a figure is called best.

            The exit code is 0 when every input was evaluated, 1 when one could not be, 64 for flags that cannot be used.
            """)

    @Option(help: "Detectors, separated by commas, such as 'adaptive,zscore(window=100)'. See lapwing detectors.")
    var detector = DetectorCatalog.defaultName

    @OptionGroup var flags: DetectionFlags

    @Option(help: "From this score on a row is an alarm.")
    var threshold = 1.0

    @Option(help: "NAB: an alarm silences the next for this many rows; 0 as NAB publishes it, every row an alarm.")
    var onsetRest = 90

    @Option(
        help: ArgumentHelp(
            "Half-life in rows by which scores are smoothed before VUS-PR and AUC-PR. Lapwing's study quotes 8.",
            valueName: "rows"))
    var smoothing = 0.0

    @Option(
        help: "Rows near to an event for VUS-PR: auto (each series' period), a number, or none (no VUS-PR).")
    var buffer = LabelOptions.Buffer.period

    @Option(help: "Days at the start of each series in which alarms are not judged (NAB has a rule of its own).")
    var warmUpDays = 1.0

    @Flag(help: "Show each series as well.")
    var perSeries = false

    @Option(help: "table or json (all figures, unrounded).")
    var format = Format.table

    @Option(help: ArgumentHelp("Draw --series as judged by the first detector.", valueName: "file.svg"))
    var picture: String?

    @Option(help: "The series to draw: its path in the folder, without its extension.")
    var series: String?

    @Argument(help: "A folder, a file, or - for standard input.")
    var data: String

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

    private var options: LabelOptions {
        var options = LabelOptions()
        options.threshold = threshold
        options.buffer = buffer
        options.smoothing = smoothing
        options.warmUpDays = warmUpDays
        return options
    }

    func validate() throws {
        _ = try flags.policies(detector)
        do {
            // Without series nothing is measured, but the options are looked at.
            _ = try evaluateLabels(detector: "", series: [], options: options)
            _ = try evaluateNAB(detector: "", series: [], onsetRest: onsetRest, threshold: threshold)
        } catch {
            throw ValidationError("\(error)")
        }
        guard (picture == nil) == (series == nil) else {
            throw ValidationError("--picture FILE.svg and --series NAME need each other")
        }
        if let picture, !picture.hasSuffix(".svg") {
            throw ValidationError("--picture is \(picture), but must end in .svg")
        }
    }

    func run() async throws {
        let (policies, signal) = (try flags.policies(detector), flags.signal)
        let folder = try DataFolder(path: data)
        let set = LabelledSet(folder)
        if let picture, let series {
            try ScoredPicture(series, in: set, policies[0], signal: signal, threshold: threshold, rest: onsetRest)
                .write(to: picture)
        }
        let progress = RunProgress(set.inputs)
        let files = await inParallel(set.inputs) { input in
            EvaluatedFile(input, set.labels, policies, signal: signal, progress)
        }
        _ = progress.finish()

        let problems = set.problems + files.compactMap(\.problem)
        for line in files.compactMap(\.malformed) + problems { StandardError.print(line) }
        let report = try await report(files.flatMap(\.series), policies, isNAB: set.isNAB)
        print(format == .json ? report.json() : report.text(perSeries: perSeries))
        if !problems.isEmpty { throw ExitCode.failure }
    }

    private func report(
        _ series: [EvaluatedFile.Series], _ policies: [DetectionPolicy], isNAB: Bool
    ) async throws -> EvaluationReport {
        let (options, threshold, rest) = (options, threshold, onsetRest)
        let evaluations = await inParallel(Array(policies.indices)) { place in
            Result { () throws(EvaluationError) in
                let detector = policies[place].detector.description
                var scored: [EvaluatedSeries] = []
                for one in series { scored.append(try EvaluatedSeries(one.labelled, scores: one.scores[place])) }
                let labels = try evaluateLabels(detector: detector, series: scored, options: options)
                guard isNAB else { return DetectorEvaluation(labels: labels) }
                let nab = try evaluateNAB(detector: detector, series: scored, onsetRest: rest, threshold: threshold)
                return DetectorEvaluation(nab: nab, labels: labels)
            }
        }
        return EvaluationReport(try evaluations.map { try $0.get() })
    }
}

extension LabelOptions.Buffer: ExpressibleByArgument {
    package init?(argument: String) {
        switch argument {
        case "auto": self = .period
        case "none": self = .none
        default:
            guard let rows = Int(argument) else { return nil }
            self = .rows(rows)
        }
    }

    package var defaultValueDescription: String {
        switch self {
        case .period: "auto"
        case .none: "none"
        case .rows(let rows): "\(rows)"
        }
    }
}
