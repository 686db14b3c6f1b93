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
        for (series, times) in try await anomalousTimes() {
            let third = try #require(target.disturbedScrapes.dropFirst(2).first)
            let first = try #require(times.min(), "\(series) never rose above 1")
            // Samples bear the time at which their scrape began, a moment before it was answered.
            #expect(first < third + 0.5, "\(series) rose above 1 only \(first - third) s after the third disturbed sample")
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
        #expect(try lapwing.explain("{job=\"\(MetricTarget.job)\",__name__=~\"test_.*\"}").map(\.stale) == [true, true, true])
        #expect(try lapwing.selfMetrics().sum("lapwing_samples_total", ["reason": "stale_marker"]) >= 3)
    }

    /// Sample times of disturbed samples with a score above 1, watched until both series have been seen with one, or five
    /// disturbed samples have gone by.
    private func anomalousTimes() async throws -> [String: [Double]] {
        var times: [String: [Double]] = [:]
        try await eventually("five disturbed samples", every: .milliseconds(50)) {
            for series in Self.disturbed {
                let now = try explain(series)
                let isAnomalous = now.score.map { $0 > 1 } ?? false
                if isAnomalous, target.isDisturbed(series, value: now.lastSample.value) {
                    times[series, default: []].append(now.lastSample.timestamp)
                }
            }
            return target.disturbedScrapes.count >= 3 && times.count == 2 || target.disturbedScrapes.count >= 8
        }
        for series in Self.disturbed { times[series, default: []] += [] }
        return times
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
