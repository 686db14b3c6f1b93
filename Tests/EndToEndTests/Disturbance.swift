import Foundation
import Testing

/// What is to be seen of a target's disturbance, whoever carries its samples.
struct Disturbance {
    let target: MetricTarget
    let lapwing: LapwingProgram

    private static let disturbed = [MetricTarget.gauge, MetricTarget.counter]

    /// Waits for the first scores, and checks that none came before its time.
    func awaitScores() async throws {
        try await eventually("the target's series have scores", within: .seconds(90)) { try scores().count == 3 }
        #expect(target.scrapes >= 31, "scores after \(target.scrapes) samples")
        let kinds = try Self.disturbed.map { try explain($0).signal.kind }
        #expect(kinds == ["value", "rate"])
        // A little more to learn from, so that the noise is known.
        try await eventually("45 samples were scraped") { target.scrapes >= 45 }
    }

    /// Disturbs the target, checks that it is seen within three samples, and that it is over when it is over.
    ///
    /// - Parameter check: called while the disturbance lasts.
    func expectToBeSeen(while check: () async throws -> Void = {}) async throws {
        for series in Self.disturbed {
            let score = try #require(try explain(series).score)
            #expect(score < 1, "\(series) is anomalous while nothing happens")
        }
        target.disturb()
        let seen = try await watchDisturbance()
        let third = try #require(target.disturbedScrapes.dropFirst(2).first)
        for (series, samples) in seen {
            let first = try #require(samples.first { $0.score > 1 }, "\(series) never rose above 1: \(samples)")
            // Samples bear the time at which their scrape began, a moment before it was answered. Where the machine stood
            // still, no earlier sample than this one may have been seen.
            let isInTime = first.time < third + 0.5 || first.time == samples[0].time
            #expect(isInTime, "\(series) rose above 1 at \(first.time), its third disturbed sample was of \(third)")
        }
        try await check()
        target.calm()
        let end = Date().timeIntervalSince1970
        for series in Self.disturbed {
            try await eventually("the score of \(series) is below 1 again") {
                let now = try explain(series)
                return now.lastSample.timestamp > end && now.score.map { $0 < 1 } ?? false
            }
        }
    }

    /// Stops the target and checks that its scores vanish long before they would from silence.
    func expectScoresToEndWithTarget() async throws {
        target.stop()
        try await eventually("the stopped target has no scores", within: .seconds(30)) { try scores().isEmpty }
        #expect(
            try lapwing.explain("{job=\"\(MetricTarget.job)\",__name__=~\"test_.*\"}").map(\.stale) == [
                true, true, true,
            ])
        #expect(try lapwing.selfMetrics().sum("lapwing_samples_total", ["reason": "stale_marker"]) >= 3)
    }

    /// The disturbed samples that could be seen, each with its score, until both series have one above 1 or have had time
    /// for it.
    private func watchDisturbance() async throws -> [String: [(time: Double, score: Double)]] {
        var seen: [String: [(time: Double, score: Double)]] = [:]
        for series in Self.disturbed { seen[series] = [] }
        try await eventually("eight disturbed samples", every: .milliseconds(50)) {
            for series in Self.disturbed {
                let now = try explain(series)
                guard target.isDisturbed(series, value: now.lastSample.value), let score = now.score else { continue }
                if seen[series]?.last?.time != now.lastSample.timestamp {
                    seen[series]?.append((now.lastSample.timestamp, score))
                }
            }
            let scrapes = target.disturbedScrapes.count
            return scrapes >= 8 || scrapes >= 3 && seen.values.allSatisfy { $0.contains { $0.score > 1 } }
        }
        return seen
    }

    private func explain(_ series: String) throws -> LapwingProgram.Explanation {
        let found = try lapwing.explain("\(series){job=\"\(MetricTarget.job)\",zone=\"a\"}")
        return try #require(found.count == 1 ? found.first : nil, "\(series) is there \(found.count) times")
    }

    private func scores() throws -> [Exposition.Line] {
        try lapwing.metrics().lines("anomaly_score", ["job": MetricTarget.job])
            .filter { $0.labels["source_metric"]?.hasPrefix("test_") ?? false }
    }
}
