import Foundation
import Testing

/// The same through a vmagent, in short.
@Suite struct VMAgentTests {
    @Test(.beside(.vmagent), .timeLimit(.minutes(5)))
    func `scores what a vmagent sends`() async throws {
        try await Testbed.use { bed in
            let target = try MetricTarget()
            let lapwing = try await LapwingProgram.serve(in: bed, ["--series.drop-labels=cluster"])
            let port = try Port.free()
            let configuration = try bed.write(
                "scrape.yml",
                "global: { scrape_interval: 1s }\n" + ScrapeConfiguration.text(itself: port, target, lapwing))
            let vmagent = try bed.start(
                "vmagent", try Peer.vmagent.path(),
                [
                    "-promscrape.config=\(configuration)", "-httpListenAddr=127.0.0.1:\(port)",
                    "-remoteWrite.url=http://127.0.0.1:\(lapwing.port)/api/v1/write",
                    "-remoteWrite.label=cluster=test", "-remoteWrite.tmpDataPath=\(bed.folder)/vmagent",
                ])
            let disturbance = Disturbance(target: target, lapwing: lapwing)

            try await disturbance.awaitScores()
            try await disturbance.expectToBeSeen()
            try await disturbance.expectScoresToEndWithTarget()

            #expect(vmagent.isRunning)
            try expectNothingToHaveFailed(try Exposition(try HTTP.get(port, "/metrics").text))
            let own = try lapwing.metrics()
            #expect(own.lines("anomaly_score", ["cluster": "test"]).isEmpty)
            #expect(own.sum("lapwing_samples_total", ["outcome": "refused"]) == 0)
            #expect(own.sum("lapwing_samples_total", ["reason": "own_series"]) > 1_000)
        }
    }

    private func expectNothingToHaveFailed(_ metrics: Exposition) throws {
        let requests = metrics.lines("vmagent_remotewrite_requests_total")
        #expect(requests.reduce(0) { $0 + $1.value } > 10)
        let codes = Set(requests.filter { $0.value > 0 }.map { $0.labels["status_code"] ?? "none" })
        #expect(codes.isSubset(of: ["2XX", "204"]), "vmagent was answered \(codes)")
        for name in ["vmagent_remotewrite_retries_count_total", "vmagent_remotewrite_packets_dropped_total"] {
            #expect(!metrics.lines(name).isEmpty, "vmagent has no \(name)")
            #expect(metrics.sum(name) == 0, "\(name)")
        }
    }
}
