import TestSupport

/// Requests as a Prometheus beside a Kubernetes cluster sends them: ten labels, some 250 bytes of label text.
struct Bodies: Sendable {
    let version1: [UInt8]
    let version2: [UInt8]

    init(series count: Int) {
        var random = SeededRandom(seed: 1)
        let names = [
            "container_memory_working_set_bytes", "go_goroutines", "http_requests:rate5m", "node_disk_io_time:rate",
        ]
        let series = (0..<count).map { number in
            WireSeries(
                random.pick(names),
                [
                    ("cluster", "eu-west-1-prod"), ("container", "app-\(number % 40)"), ("endpoint", "https-metrics"),
                    ("instance", "10.0.\(number / 256).\(number % 256):9100"), ("job", "kubelet"),
                    ("namespace", "team-\(number % 23)"),
                    ("node", "ip-10-0-\(number % 97)-\(number % 61).compute.internal"),
                    ("pod", "app-\(number % 40)-\(random.next() % 1_000_000_007)-\(random.next() % 99_991)"),
                    ("service", "kube-prometheus-kubelet"),
                ],
                [(1_790_000_000_000, Double(random.below(10_000)) / 7)])
        }
        version1 = Snappy.compress(WriteMessage.version1(series))
        version2 = Snappy.compress(WriteMessage.version2(series))
    }
}
