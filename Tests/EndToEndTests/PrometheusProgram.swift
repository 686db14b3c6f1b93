import Foundation

/// A real Prometheus, at work.
struct PrometheusProgram {
    typealias Labels = [String: String]

    let program: RunningProgram
    let port: Int

    /// Starts one that scrapes itself, the target and Lapwing every second, and sends all of it to Lapwing.
    static func start(
        in bed: Testbed, scraping target: MetricTarget, sendingTo lapwing: LapwingProgram
    ) async throws -> Self {
        let port = try Port.free()
        let configuration = try bed.write(
            "prometheus.yml",
            """
            global:
              scrape_interval: 1s
              external_labels: { cluster: test, replica: a }
            remote_write:
              - url: http://127.0.0.1:\(lapwing.port)/api/v1/write
                queue_config: { batch_send_deadline: 1s }
            \(ScrapeConfiguration.text(itself: port, target, lapwing))
            """)
        let program = try bed.start(
            "prometheus", try Peer.prometheus.path(),
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(bed.folder)/prometheus",
                "--web.listen-address=127.0.0.1:\(port)",
            ])
        let prometheus = PrometheusProgram(program: program, port: port)
        try await eventually("prometheus is ready") {
            if !program.isRunning { throw TestbedError("prometheus ended at once: \(program.output)") }
            return (try? HTTP.get(port, "/-/ready").status) == 200
        }
        return prometheus
    }

    /// The result of an instant query: values by labels.
    func query(_ promQL: String, at time: Double? = nil) throws -> [Labels: Double] {
        let parameters = [("query", promQL)] + (time.map { [("time", "\($0)")] } ?? [])
        let answer = try HTTP.get(port, HTTP.path("/api/v1/query", parameters))
        guard answer.status == 200 else { throw TestbedError("\(promQL): \(answer.status) \(answer.text)") }
        let result = try JSONDecoder().decode(Envelope.self, from: Data(answer.body)).data.result
        return Dictionary(uniqueKeysWithValues: result.map { ($0.metric, $0.value.number) })
    }

    func metrics() throws -> Exposition { try Exposition(try HTTP.get(port, "/metrics").text) }

    private struct Envelope: Decodable {
        struct Result: Decodable { let result: [Series] }
        struct Series: Decodable {
            let metric: Labels
            let value: Point
        }
        /// `[1700000000.123, "2.5"]`
        struct Point: Decodable {
            let number: Double

            init(from decoder: any Decoder) throws {
                var pair = try decoder.unkeyedContainer()
                _ = try pair.decode(Double.self)
                number = Double(try pair.decode(String.self).replacing("Inf", with: "inf")) ?? .nan
            }
        }
        let data: Result
    }
}

/// What Prometheus and vmagent are told to scrape.
enum ScrapeConfiguration {
    static func text(itself port: Int, _ target: MetricTarget, _ lapwing: LapwingProgram) -> String {
        """
        scrape_configs:
          - { job_name: itself, static_configs: [{ targets: ["127.0.0.1:\(port)"] }] }
          - { job_name: \(MetricTarget.job), static_configs: [{ targets: ["\(target.address)"] }] }
          - { job_name: lapwing, honor_labels: true, static_configs: [{ targets: ["127.0.0.1:\(lapwing.port)"] }] }
        """
    }
}
