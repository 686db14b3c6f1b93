internal import Exposition
internal import Scoring

/// The histogram over all scores, which the shards keep themselves so that a sample costs no atomic operation.
enum ScoreSpread {
    static func write(_ distribution: ScoreDistribution, _ syntax: ExpositionFormat.Syntax, to text: inout [UInt8]) {
        let name = "lapwing_score"
        MetricFamily.Header(name: name, type: .histogram, help: "Scores given, all series together.").write(
            syntax, to: &text)
        var below = 0
        for i in ScoreDistribution.bounds.indices {
            below += distribution.counts[i]
            text.append(contentsOf: "\(name)_bucket{le=\"\(ScoreDistribution.bounds[i])\"} \(below)\n".utf8)
        }
        let count = distribution.count
        text.append(contentsOf: "\(name)_bucket{le=\"+Inf\"} \(count)\n".utf8)
        text.append(contentsOf: "\(name)_sum \(distribution.sum)\n\(name)_count \(count)\n".utf8)
    }
}
