import Exposition
import Foundation
import Testing

@Suite struct ProcessMetricsTests {
    private func values() throws -> [String: Double] {
        let registry = MetricRegistry()
        ProcessMetrics.register(in: registry)
        var text: [UInt8] = []
        registry.write(.text, to: &text)
        var values: [String: Double] = [:]
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let parsed = try ParsedLine(String(line))
            values[parsed.metric] = Double(parsed.value)
        }
        return values
    }

    @Test func `tells what the conventional metrics tell, within reason`() throws {
        let values = try values()
        #expect(
            Set(values.keys) == [
                "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                "process_start_time_seconds", "process_open_fds", "process_max_fds",
            ])
        let resident = try #require(values["process_resident_memory_bytes"])
        #expect(resident > 1_000_000)
        #expect(try #require(values["process_virtual_memory_bytes"]) >= resident)
        let age = Date().timeIntervalSince1970 - (try #require(values["process_start_time_seconds"]))
        #expect(age > -2 && age < 24 * 3_600)
        #expect(try #require(values["process_open_fds"]) >= 3)
        #expect(try #require(values["process_max_fds"]) >= 16)
    }

    @Test func `sees this process work`() throws {
        let before = try #require(try values()["process_cpu_seconds_total"])
        let deadline = ContinuousClock.now + .seconds(20)
        var after = before
        while after <= before, ContinuousClock.now < deadline {
            after = try #require(try values()["process_cpu_seconds_total"])
        }
        #expect(after > before)
    }
}
