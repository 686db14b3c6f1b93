import Scoring
import TestSupport

@testable import Sidecar

/// A histogram of request times as a target shows it, classic or native: what was observed so far.
struct Latencies {
    static let name = "request_seconds"
    static let bounds = [0.1, 0.5, 1, .infinity]

    var labels: [(String, String)] = [("job", "api")]
    /// Observations by bucket, not cumulative, and their sum.
    private var counts = [0.0, 0, 0, 0]
    private var sum = 0.0

    init() {}

    /// A hundred requests: half of them within 0.1 s, one above 1 s, 0.3 s in the mean.
    mutating func serve(_ hundreds: Double = 1) {
        for (i, share) in [50.0, 40, 9, 1].enumerated() { counts[i] += share * hundreds }
        sum += 30 * hundreds
    }

    /// A process that was started anew.
    mutating func restart() {
        counts = [0, 0, 0, 0]
        sum = 0
    }

    func buckets(at seconds: Double) -> [WireSeries] {
        var below = 0.0
        return zip(Self.bounds, counts).map { bound, count in
            below += count
            return WireSeries(
                "\(Self.name)_bucket", labels + [("le", bound == .infinity ? "+Inf" : "\(bound)")],
                [(milliseconds(seconds), below)])
        }
    }

    func counters(at seconds: Double) -> [WireSeries] {
        [("_sum", sum), ("_count", counts.reduce(0, +))].map {
            WireSeries(Self.name + $0.0, labels, [(milliseconds(seconds), $0.1)])
        }
    }

    func classic(at seconds: Double) -> [WireSeries] { buckets(at: seconds) + counters(at: seconds) }

    /// Observations of 1 to 2, of 2 to 4, of 4 to 8 and of 8 to 16.
    func native(at seconds: Double) -> [WireSeries] {
        var series = WireSeries(Self.name, labels)
        series.histograms = [
            WireHistogram(
                .whole(
                    count: UInt64(counts.reduce(0, +)), zero: 0, positive: [0] + counts.map { Int64($0) }, negative: []),
                sum: sum, time: milliseconds(seconds))
        ]
        return [series]
    }
}

extension Line {
    /// The last value of a signal of ``Latencies``.
    func signal(_ suffix: String, _ labels: [(String, String)] = [("job", "api")]) -> Double? {
        id("\(Latencies.name):\(suffix)", labels).flatMap { pipeline.board.explain($0)?.signal.lastValue }
    }

    func values(_ outcome: String, _ reason: String) -> Double? {
        metric("lapwing_histograms_values_total{outcome=\"\(outcome)\",reason=\"\(reason)\"}")
    }

    func natives(_ outcome: String, _ reason: String) -> Double? {
        metric("lapwing_native_histograms_total{outcome=\"\(outcome)\",reason=\"\(reason)\"}")
    }
}
