import Exposition
import Testing

@Suite struct MetricRegistryTests {
    private func text(_ registry: MetricRegistry, _ syntax: ExpositionFormat.Syntax) -> String {
        var text: [UInt8] = []
        registry.write(syntax, to: &text)
        ExpositionFormat(syntax).appendEnd(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private func makeRegistry() -> MetricRegistry {
        let registry = MetricRegistry()
        registry.counter("lapwing_samples_total", help: "Samples \"seen\"\\\nby us.", labels: ["outcome": "scored"])
            .increment(by: 5)
        let queue = registry.gauge("lapwing_queue_bytes", help: "Bytes that wait.")
        queue.set(2.5)
        queue.add(-1)
        let latency = registry.histogram(
            "lapwing_write_duration_seconds", help: "Time of a write.", upperBounds: [0.1, 1],
            labels: ["path": "a\"b\\c\nd"])
        for value in [0.05, 0.1, 0.5, 3] { latency.observe(value) }
        registry.counter(
            "lapwing_samples_total", help: "Samples \"seen\"\\\nby us.", labels: ["reason": "x", "outcome": "late"]
        )
        .increment()
        registry.gauge("lapwing_load_ratio", help: "Computed.") { 1e21 }
        registry.gauge("lapwing_absent", help: "Has no value at the moment.") { nil }
        registry.counter("lapwing_busy_seconds_total", help: "Computed too.") { 3 }
        return registry
    }

    @Test func `writes text 0_0_4`() {
        #expect(
            text(makeRegistry(), .text) == #"""
                # HELP lapwing_samples_total Samples "seen"\\\nby us.
                # TYPE lapwing_samples_total counter
                lapwing_samples_total{outcome="scored"} 5
                lapwing_samples_total{outcome="late",reason="x"} 1
                # HELP lapwing_queue_bytes Bytes that wait.
                # TYPE lapwing_queue_bytes gauge
                lapwing_queue_bytes 1.5
                # HELP lapwing_write_duration_seconds Time of a write.
                # TYPE lapwing_write_duration_seconds histogram
                lapwing_write_duration_seconds_bucket{path="a\"b\\c\nd",le="0.1"} 2
                lapwing_write_duration_seconds_bucket{path="a\"b\\c\nd",le="1"} 3
                lapwing_write_duration_seconds_bucket{path="a\"b\\c\nd",le="+Inf"} 4
                lapwing_write_duration_seconds_sum{path="a\"b\\c\nd"} 3.65
                lapwing_write_duration_seconds_count{path="a\"b\\c\nd"} 4
                # HELP lapwing_load_ratio Computed.
                # TYPE lapwing_load_ratio gauge
                lapwing_load_ratio 1e+21
                # HELP lapwing_absent Has no value at the moment.
                # TYPE lapwing_absent gauge
                # HELP lapwing_busy_seconds_total Computed too.
                # TYPE lapwing_busy_seconds_total counter
                lapwing_busy_seconds_total 3

                """#)
    }

    @Test func `writes OpenMetrics 1_0`() {
        #expect(
            text(makeRegistry(), .openMetrics) == #"""
                # HELP lapwing_samples Samples \"seen\"\\\nby us.
                # TYPE lapwing_samples counter
                lapwing_samples_total{outcome="scored"} 5.0
                lapwing_samples_total{outcome="late",reason="x"} 1.0
                # HELP lapwing_queue_bytes Bytes that wait.
                # TYPE lapwing_queue_bytes gauge
                # UNIT lapwing_queue_bytes bytes
                lapwing_queue_bytes 1.5
                # HELP lapwing_write_duration_seconds Time of a write.
                # TYPE lapwing_write_duration_seconds histogram
                # UNIT lapwing_write_duration_seconds seconds
                lapwing_write_duration_seconds_bucket{path="a\"b\\c\nd",le="0.1"} 2
                lapwing_write_duration_seconds_bucket{path="a\"b\\c\nd",le="1.0"} 3
                lapwing_write_duration_seconds_bucket{path="a\"b\\c\nd",le="+Inf"} 4
                lapwing_write_duration_seconds_sum{path="a\"b\\c\nd"} 3.65
                lapwing_write_duration_seconds_count{path="a\"b\\c\nd"} 4
                # HELP lapwing_load_ratio Computed.
                # TYPE lapwing_load_ratio gauge
                # UNIT lapwing_load_ratio ratio
                lapwing_load_ratio 1e+21
                # HELP lapwing_absent Has no value at the moment.
                # TYPE lapwing_absent gauge
                # HELP lapwing_busy_seconds Computed too.
                # TYPE lapwing_busy_seconds counter
                # UNIT lapwing_busy_seconds seconds
                lapwing_busy_seconds_total 3.0
                # EOF

                """#)
    }

    @Test(
        arguments: [
            (0, "0", "0.0"), (1, "1", "1.0"), (-0.5, "-0.5", "-0.5"), (0.1, "0.1", "0.1"), (.infinity, "+Inf", "+Inf"),
            (-.infinity, "-Inf", "-Inf"), (.nan, "NaN", "NaN"), (123_456_789, "123456789", "123456789.0"),
        ] as [(Double, String, String)])
    func `writes numbers as each format wants them`(value: Double, plain: String, openMetrics: String) {
        let registry = MetricRegistry()
        registry.gauge("g", help: "A value.") { value }
        #expect(text(registry, .text).hasSuffix("\ng \(plain)\n"))
        #expect(text(registry, .openMetrics).hasSuffix("\ng \(openMetrics)\n# EOF\n"))
    }

    @Test(.enabled(if: Program(path: "/usr/bin/promtool").isInstalled, "promtool is not installed"))
    func `satisfies promtool check metrics`() throws {
        let registry = makeRegistry()
        ProcessMetrics.register(in: registry)
        var text: [UInt8] = []
        registry.write(.text, to: &text)
        let answer = try Program(path: "/usr/bin/promtool").run(["check", "metrics"], input: text)
        #expect(answer.status == 0, "\(answer.errors)")
        #expect(answer.errors.isEmpty, "\(answer.errors)")
    }

    @Test func `loses nothing that many threads count`() async {
        let registry = MetricRegistry()
        let counter = registry.counter("c_total", help: "Counts.")
        let gauge = registry.gauge("g", help: "Adds.")
        let histogram = registry.histogram("h", help: "Observes.", upperBounds: [1, 2])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        gauge.add(task.isMultiple(of: 2) ? 1 : -1)
                        histogram.observe(Double(task % 4))
                    }
                }
            }
        }
        #expect(counter.value == 80_000)
        #expect(gauge.value == 0)
        #expect(histogram.count == 80_000)
        #expect(histogram.sum == 120_000)
        #expect(
            text(registry, .text).contains(
                "h_bucket{le=\"1\"} 40000\nh_bucket{le=\"2\"} 60000\nh_bucket{le=\"+Inf\"} 80000\n"))
    }

    @Test func `counts values on a bound below it, and NaN past all`() {
        let histogram = MetricRegistry().histogram("h", help: "Observes.", upperBounds: [1])
        histogram.observe(1)
        histogram.observe(Double.nan)
        histogram.observe(.milliseconds(1_500))
        #expect(histogram.count == 3)
        #expect(histogram.sum == 2.5)
    }

    @Test func `stops the program at a bad name`() async {
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().counter("lapwing_samples", help: "x") }
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("lapwing_total", help: "x") }
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("1x", help: "x") }
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("x", help: "") }
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().gauge("x", help: "x", labels: ["a.b": "c"]) }
        await #expect(processExitsWith: .failure) {
            _ = MetricRegistry().gauge("x", help: "x", labels: ["a": "c", "a": "d"])
        }
        await #expect(processExitsWith: .failure) {
            _ = MetricRegistry().histogram("x", help: "x", upperBounds: [2, 1])
        }
    }

    @Test func `stops the program at a doubled series or a second meaning`() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = registry.gauge("x", help: "x", labels: ["a": "1", "b": "2"])
            _ = registry.gauge("x", help: "x", labels: ["b": "2", "a": "1"])
        }
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = registry.gauge("x", help: "x", labels: ["a": "1"])
            _ = registry.gauge("x", help: "other", labels: ["a": "2"])
        }
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = registry.gauge("x", help: "x")
            _ = registry.counter("x_total", help: "x")
        }
    }
}
