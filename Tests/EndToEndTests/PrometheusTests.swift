import Foundation
import Testing

/// A real Prometheus in, anomaly scores out.
@Suite struct PrometheusTests {
    @Test(.beside(.prometheus), .beside(.promtool), .timeLimit(.minutes(5)))
    func `scores what a Prometheus sends, and the Prometheus can join the scores`() async throws {
        try await Testbed.use { bed in
            let target = try MetricTarget()
            let lapwing = try await LapwingProgram.serve(in: bed, ["--series.drop-labels=cluster,replica"])
            let prometheus = try await PrometheusProgram.start(in: bed, scraping: target, sendingTo: lapwing)
            let disturbance = Disturbance(target: target, lapwing: lapwing)

            try await disturbance.awaitScores()
            let seriesAtFirst = try lapwing.selfMetrics().sum("lapwing_series")
            try await disturbance.expectToBeSeen {
                try await expectAnomalousSeriesToBeFound(by: prometheus)
                try expectDetectorToBeCarriedOver(by: prometheus)
                try expectTargetsToBeJoined(by: prometheus)
            }
            try await disturbance.expectScoresToEndWithTarget()
            try await eventually("the stopped target's scores are stale in Prometheus, too") {
                try prometheus.query("anomaly_score{source_metric=~\"test_.*\"}").isEmpty
            }
            try expectOwnSeriesToBeDropped(lapwing, prometheus, seriesAtFirst: seriesAtFirst)
            try expectNothingToHaveFailed(prometheus, lapwing)
            try await expectGoodManners(of: lapwing, in: bed)
        }
    }

    private let gauge = MetricTarget.gauge

    /// The original series that are anomalous.
    private func expectAnomalousSeriesToBeFound(by prometheus: PrometheusProgram) async throws {
        let original = try prometheus.query("\(gauge){zone=\"a\"}").keys
        #expect(original.count == 1)
        let join = "\(gauge) and ignoring(source_metric, detector) (anomaly_score{source_metric=\"\(gauge)\"} > 1)"
        try await eventually("\(join) finds the disturbed series", within: .seconds(30)) {
            try prometheus.query(join).keys == original
        }
    }

    /// The original series' values with the detector's name.
    private func expectDetectorToBeCarriedOver(by prometheus: PrometheusProgram) throws {
        let scores = "anomaly_score{source_metric=\"\(gauge)\"}"
        let join = "\(gauge) * on(job, instance, zone) group_left(detector) \(scores)"
        let original = try prometheus.query(gauge).keys
        #expect(original.count == 2)
        let joined = Set(try prometheus.query(join).keys)
        let wanted = original.map { $0.merging(["detector": "adaptive"]) { $1 }.filter { $0.key != "__name__" } }
        #expect(joined == Set(wanted))
    }

    /// All scores with what is known of their targets.
    private func expectTargetsToBeJoined(by prometheus: PrometheusProgram) throws {
        // Of a moment ago, so that no sample comes between the two queries.
        let time = Date().timeIntervalSince1970 - 3
        let scores = try prometheus.query("anomaly_score", at: time).keys.map { $0.filter { $0.key != "__name__" } }
        let joined = try prometheus.query("anomaly_score * on(job, instance) group_left() up", at: time).keys
        #expect(scores.count > 100)
        #expect(Set(joined) == Set(scores))
        #expect(scores.allSatisfy { $0["cluster"] == nil && $0["replica"] == nil && $0["exported_job"] == nil })
    }

    private func expectOwnSeriesToBeDropped(
        _ lapwing: LapwingProgram, _ prometheus: PrometheusProgram, seriesAtFirst: Double
    ) throws {
        let metrics = try lapwing.metrics()
        #expect(metrics.sum("lapwing_samples_total", ["reason": "own_series"]) > 1_000)
        let fedBack = metrics.lines("anomaly_score").compactMap { $0.labels["source_metric"] }
            .filter { $0.hasPrefix("anomaly_") || $0.hasPrefix("lapwing_") }
        #expect(fedBack == [])
        // Lapwing was asked first, so that Prometheus has had every series that Lapwing can have.
        let series = metrics.sum("lapwing_series")
        let others = "{__name__=~\".+\",__name__!~\"(anomaly|lapwing)_.+\"}"
        let had = try prometheus.query("count(last_over_time(\(others)[1h]))").values.first ?? 0
        #expect(series > 300)
        // Up to six more for each histogram, which are worked out here.
        #expect(series <= had + 6 * metrics.sum("lapwing_histograms"))
        #expect(series - seriesAtFirst < 100, "\(series - seriesAtFirst) more series than when scores began")
    }

    private func expectNothingToHaveFailed(_ prometheus: PrometheusProgram, _ lapwing: LapwingProgram) throws {
        let metrics = try prometheus.metrics()
        #expect(metrics.sum("prometheus_remote_storage_samples_total") > 10_000)
        for counter in ["samples_failed", "samples_dropped", "samples_retried", "metadata_failed", "metadata_retried"] {
            let name = "prometheus_remote_storage_\(counter)_total"
            #expect(!metrics.lines(name).isEmpty, "Prometheus has no \(name)")
            #expect(metrics.sum(name) == 0, "\(name)")
        }
        let own = try lapwing.selfMetrics()
        #expect(own.sum("lapwing_samples_total", ["outcome": "refused"]) == 0)
        for reason in ["duplicate", "out_of_order", "too_old", "too_far_ahead"] {
            #expect(own.sum("lapwing_samples_total", ["reason": reason]) == 0, "\(reason)")
        }
    }

    /// What Prometheus' own tool says of `/metrics`, now that all kinds of lines are there.
    ///
    /// It dislikes the scores of histograms and summaries, which bear the labels of their sources, as joins want it.
    private func expectGoodManners(of lapwing: LapwingProgram, in bed: Testbed) async throws {
        let page = try bed.write("metrics.txt", try lapwing.get("/metrics").text)
        let check = try await bed.run("promtool", try Peer.promtool.path(), ["check", "metrics"], input: page)
        let complaints = Set(check.output.split(separator: "\n").map(String.init))
        let expected = [
            "anomaly_score non-histogram metrics should not have \"le\" label",
            "anomaly_score non-summary metrics should not have \"quantile\" label",
        ]
        #expect(complaints.isSubset(of: expected))
    }
}
