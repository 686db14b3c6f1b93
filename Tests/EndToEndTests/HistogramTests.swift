import Foundation
import Testing

/// Histograms of a real Prometheus, classic and native: a tail that doubles is seen, and nothing before.
@Suite struct HistogramTests {
    @Test(.beside(.prometheus), .timeLimit(.minutes(4)))
    func `a doubled p99 at nearly the same mean is seen within eight scrapes, through both kinds of histogram`()
        async throws
    {
        try await Testbed.use { bed in
            let targets = [
                "classic": try HistogramTarget(isNative: false), "native": try HistogramTarget(isNative: true),
            ]
            let lapwing = try await LapwingProgram.serve(in: bed)
            let prometheus = try await start(in: bed, scraping: targets, sendingTo: lapwing)
            // Thirty values of a signal are for learning, and a few more show what is usual.
            try await eventually("each target was scraped fifty times", within: .seconds(90)) {
                if !prometheus.isRunning { throw TestbedError("prometheus ended: \(prometheus.output)") }
                return targets.values.allSatisfy { $0.scrapes >= 50 }
            }
            for kind in targets.keys.sorted() {
                let signals = try lapwing.explain(selector(kind))
                #expect(signals.count == 5, "\(kind): \(signals.map(\.labels))")
                for signal in signals {
                    #expect(try #require(signal.score) < 1, "\(kind): \(signal.labels) while all is calm")
                }
            }
            try expectBucketsToBeGathered(lapwing)
            let before = try p99(lapwing)
            for target in targets.values { target.slowDown() }
            let seen = try await watch(targets, lapwing)
            for (kind, target) in targets {
                let eighth = try #require(target.slowScrapes.dropFirst(7).first)
                let first = try #require(seen[kind], "\(kind): never seen")
                #expect(first < eighth + 0.5, "\(kind): seen at \(first), its eighth slow scrape was at \(eighth)")
            }
            // Eleven of the twenty seconds that the window remembers.
            let after = try p99(lapwing)
            #expect(after.allSatisfy { $0.value > 1.04 * (before[$0.key] ?? .infinity) }, "\(before), then \(after)")
            for target in targets.values { target.stop() }
        }
    }

    private func start(
        in bed: Testbed, scraping targets: [String: HistogramTarget], sendingTo lapwing: LapwingProgram
    ) async throws -> RunningProgram {
        let port = try Port.free()
        let jobs = targets.sorted { $0.key < $1.key }.map { kind, target in
            "  - { job_name: \(kind), static_configs: [{ targets: [\"\(target.address)\"] }] }"
        }
        let configuration = try bed.write(
            "prometheus.yml",
            """
            global: { scrape_interval: 1s }
            remote_write:
              - url: http://127.0.0.1:\(lapwing.port)/api/v1/write
                send_native_histograms: true
                queue_config: { batch_send_deadline: 1s }
            scrape_configs:
            \(jobs.joined(separator: "\n"))
            """)
        return try bed.start(
            "prometheus", try Peer.prometheus.path(),
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(bed.folder)/prometheus",
                "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=native-histograms",
            ])
    }

    private func selector(_ kind: String) -> String {
        "{__name__=~\"\(HistogramTarget.metric):.+\",job=\"\(kind)\"}"
    }

    /// Sixteen buckets of the one, histograms of the other.
    private func expectBucketsToBeGathered(_ lapwing: LapwingProgram) throws {
        let metrics = try lapwing.metrics()
        #expect(metrics.sum("lapwing_samples_total", ["reason": "part_of_histogram"]) >= 16 * 45)
        #expect(metrics.sum("lapwing_native_histograms_total", ["reason": "part_of_histogram"]) >= 45)
        #expect(metrics.sum("lapwing_histograms", ["kind": "classic"]) == 1)
        #expect(metrics.sum("lapwing_histograms", ["kind": "native"]) == 1)
        let scored = Set(metrics.lines("anomaly_score").compactMap { $0.labels["source_metric"] })
        #expect(scored.contains("\(HistogramTarget.metric):p99"))
        #expect(!scored.contains("\(HistogramTarget.metric)_bucket") && !scored.contains(HistogramTarget.metric))
    }

    private func p99(_ lapwing: LapwingProgram) throws -> [String: Double] {
        let found = try lapwing.explain("\(HistogramTarget.metric):p99").map {
            ($0.labels["job"] ?? "", $0.lastSample.value)
        }
        return Dictionary(found) { first, _ in first }
    }

    /// Watches until the p99 of each was seen above 1 or had time for it.
    /// - Returns: the times of the first samples with such a score, by kind of histogram.
    private func watch(
        _ targets: [String: HistogramTarget], _ lapwing: LapwingProgram
    ) async throws -> [String: Double] {
        var seen: [String: Double] = [:]
        try await eventually("eleven slow scrapes", every: .milliseconds(50)) {
            for (kind, target) in targets where seen[kind] == nil {
                guard let begin = target.slowScrapes.first else { continue }
                for signal in try lapwing.explain("\(HistogramTarget.metric):p99{job=\"\(kind)\"}") {
                    guard let score = signal.score, score > 1, signal.lastSample.timestamp > begin - 0.5 else {
                        continue
                    }
                    seen[kind] = signal.lastSample.timestamp
                }
            }
            return targets.values.allSatisfy { $0.slowScrapes.count >= 11 }
        }
        return seen
    }
}
