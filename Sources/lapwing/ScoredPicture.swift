import Datasets
import Evaluation
import Foundation
import Scoring

/// The picture of one series of a set: value, band, score, labels and alarms.
struct ScoredPicture {
    private let picture: SeriesPicture

    /// - Parameters:
    ///   - name: of the series; with or without its extension.
    ///   - rest: rows for which an alarm silences the next.
    /// - Throws: ``DatasetError`` where the set has no such series.
    init(
        _ name: String, in set: LabelledSet, _ policy: DetectionPolicy, signal: SignalFlag, threshold: Double,
        rest: Int
    ) throws {
        let (file, metric) = try Self.find(name, in: set)
        let series = try LabelledSeries(
            file, metric: metric, name: file.seriesNames[metric], set.labels)
        var scorer = try MetricScorer(file, metric: metric, policy, signal: signal)
        var (scores, expected, lower, upper) = ([Double](), [Double](), [Double](), [Double]())
        for row in 0..<file.rowCount {
            let scored = scorer.score(row: row)
            scores.append(scored.score)
            expected.append(scored.expected)
            lower.append(scored.lower)
            upper.append(scored.upper)
        }
        let isBlank = { (column: [Double]) in column.allSatisfy(\.isNaN) }
        picture = try SeriesPicture(
            title: "\(series.name) by \(policy.detector)", series: series, scores: scores,
            expected: isBlank(expected) ? [] : expected, lower: isBlank(lower) ? [] : lower,
            upper: isBlank(upper) ? [] : upper, alarms: onsetRows(scores, threshold: threshold, rest: rest))
    }

    private static func find(_ name: String, in set: LabelledSet) throws -> (SeriesFile, metric: Int) {
        for input in set.inputs where input.path != nil {
            let base = String(input.outputPath.dropLast(4))
            guard name == input.relativePath || name == base || name.hasPrefix(base + "/") else { continue }
            let file = try SeriesFile(input)
            let names = file.seriesNames
            if let metric = names.firstIndex(of: name) { return (file, metric) }
            if names.count == 1, name == input.relativePath { return (file, 0) }
            if names.count > 1, !name.hasPrefix(base + "/") {
                throw DatasetError("--series \(name) has \(names.count) metrics; name one, such as \(names[0])")
            }
        }
        let some = set.inputs.prefix(5).map { String($0.outputPath.dropLast(4)) }.joined(separator: ", ")
        throw DatasetError("--series \(name) is not there; there are \(some)\(set.inputs.count > 5 ? ", ..." : "")")
    }

    func write(to path: String) throws {
        do {
            try Data(picture.svg().utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw DatasetError("--picture \(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
