internal import FoundationEssentials
internal import Glibc

/// What Prometheus' client libraries say about any process, under the same names, read from `/proc` at each scrape
/// (prometheus/client_golang:prometheus/process_collector.go).
///
/// What `/proc` does not tell is left out of the scrape.
package enum ProcessMetrics {
    /// Registers `process_cpu_seconds_total`, `process_resident_memory_bytes` and the rest.
    package static func register(in registry: MetricRegistry) {
        registry.counter("process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds.") {
            ProcessStatus.read()?.cpuSeconds
        }
        registry.gauge("process_resident_memory_bytes", help: "Resident memory size in bytes.") {
            ProcessStatus.read()?.residentBytes
        }
        registry.gauge("process_virtual_memory_bytes", help: "Virtual memory size in bytes.") {
            ProcessStatus.read()?.virtualBytes
        }
        let start = ProcessStatus.read().flatMap { status in bootTimeSeconds.map { $0 + status.startSeconds } }
        registry.gauge("process_start_time_seconds", help: "Start time of the process since unix epoch in seconds.") {
            start
        }
        registry.gauge("process_open_fds", help: "Number of open file descriptors.") {
            // One of them is this look itself.
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { Double($0.count - 1) }
        }
        registry.gauge("process_max_fds", help: "Maximum number of open file descriptors.") { maximumFileDescriptors }
    }

    private static var bootTimeSeconds: Double? {
        field("btime", of: "/proc/stat").flatMap { Double($0) }
    }

    private static var maximumFileDescriptors: Double? {
        // "Max open files            1024                 524288               files": the soft limit comes first.
        field("Max open files", of: "/proc/self/limits").flatMap { text in
            text.hasPrefix("unlimited") ? .infinity : text.split(separator: " ").first.flatMap { Double($0) }
        }
    }

    /// What follows a name at the beginning of a line.
    private static func field(_ name: String, of path: String) -> Substring? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.map { $0.dropFirst(name.count).drop { $0 == " " } }
    }
}

/// The numbers of `/proc/self/stat` (proc(5)).
private struct ProcessStatus {
    let cpuSeconds: Double
    /// Since the machine started.
    let startSeconds: Double
    let virtualBytes: Double
    let residentBytes: Double

    static func read() -> ProcessStatus? {
        // The name of the process, in round brackets, may hold spaces and brackets itself.
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let nameEnd = text.lastIndex(of: ")")
        else { return nil }
        // Fields are numbered from 1, and the third is the first after the name.
        let fields = text[text.index(after: nameEnd)...].split(separator: " ").map { Double($0) }
        func field(_ number: Int) -> Double? { number - 3 < fields.count ? fields[number - 3] : nil }
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let resident = field(24), ticksPerSecond > 0, pageBytes > 0
        else { return nil }
        return ProcessStatus(
            cpuSeconds: (user + system) / ticksPerSecond, startSeconds: start / ticksPerSecond,
            virtualBytes: virtual, residentBytes: resident * pageBytes)
    }
}
