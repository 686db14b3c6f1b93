package import Exposition
internal import Histograms
internal import RemoteWrite
internal import Scoring
internal import Synchronization
internal import TimeSeries
package import Web

/// What this process counts about itself: every name that starts with `lapwing_`, each with its meaning, in one place.
package final class SelfMetrics: Sendable {
    package let registry = MetricRegistry()

    // Requests.
    private let answered: Family<Counter>
    private let rejectedBodies: Family<Counter>
    private let connectionsOpen: Gauge
    private let connectionsOpened: Counter
    private let connectionsClosed: Family<Counter>
    private let requestDurations: Family<Histogram>
    private let decodeDuration: Histogram
    private let scoreDuration: Histogram
    private let bodyBytes: Counter
    private let decodedBytes: Counter
    private let writes: Family<Counter>

    // Samples, and what else came with them.
    private let samples: [Counter]
    private let histograms: Family<Counter>
    private let histogramValues: Family<Counter>
    private let exemplars: Counter
    private let metadata: Counter
    private let unusual: Counter

    // Series.
    let createdSeries: Counter
    let evictedSeries: Counter
    private let refusedSeries: Family<Counter>
    private let refusedParts: Family<Counter>

    package init() {
        let registry = registry
        connectionsOpen = registry.gauge("lapwing_http_connections", help: "Connections that are open.")
        connectionsOpened = registry.counter(
            "lapwing_http_connections_opened_total", help: "Connections that were opened.")
        decodeDuration = registry.histogram(
            "lapwing_decode_duration_seconds", help: "Time to decompress and decode a request.",
            upperBounds: Self.workBounds)
        scoreDuration = registry.histogram(
            "lapwing_score_duration_seconds", help: "Time to recognise and score the samples of a request.",
            upperBounds: Self.workBounds)
        bodyBytes = registry.counter(
            "lapwing_http_request_body_bytes_total", help: "Bytes of request bodies received, compressed.")
        decodedBytes = registry.counter("lapwing_decoded_bytes_total", help: "Bytes of requests after decompression.")
        samples = SampleOutcome.allCases.map { outcome in
            registry.counter(
                "lapwing_samples_total", help: "Samples received, by what became of them and why.",
                labels: ["outcome": outcome.outcome, "reason": outcome.reason])
        }
        histograms = Family { labels in
            registry.counter(
                "lapwing_native_histograms_total",
                help: "Native histograms received, by what became of them and why.",
                labels: ["outcome": labels[0], "reason": labels[1]])
        }
        histogramValues = Family { labels in
            registry.counter(
                "lapwing_histograms_values_total",
                help: "Values worked out from histograms, by what became of them and why.",
                labels: ["outcome": labels[0], "reason": labels[1]])
        }
        exemplars = registry.counter("lapwing_exemplars_total", help: "Exemplars received; they are counted, not kept.")
        metadata = registry.counter("lapwing_metadata_total", help: "Metadata entries received.")
        unusual = registry.counter(
            "lapwing_unusual_series_total", help: "Series in an unusual layout, decoded by libprotobuf-c.")
        createdSeries = registry.counter("lapwing_series_created_total", help: "Series registered.")
        evictedSeries = registry.counter(
            "lapwing_series_evicted_total", help: "Series forgotten because no sample came.")
        refusedSeries = Family { labels in
            registry.counter(
                "lapwing_series_refused_total", help: "Series in requests that were not taken, by reason.",
                labels: ["reason": labels[0]])
        }
        refusedParts = Family { labels in
            registry.counter(
                "lapwing_histograms_series_refused_total",
                help: "Series that could not join a histogram family, by reason; buckets are then scored one by one.",
                labels: ["reason": labels[0]])
        }
        rejectedBodies = Family { labels in
            registry.counter(
                "lapwing_rejected_bodies_total", help: "Request bodies that could not be read, by reason.",
                labels: ["reason": labels[0]])
        }
        writes = Family { labels in
            registry.counter(
                "lapwing_remote_write_requests_total", help: "Remote-write requests that could be read.",
                labels: ["protocol": labels[0], "encoding": labels[1]])
        }
        connectionsClosed = Family { labels in
            registry.counter(
                "lapwing_http_connections_closed_total", help: "Connections that ended, by who or what ended them.",
                labels: ["reason": labels[0]])
        }
        answered = Family { labels in
            registry.counter(
                "lapwing_http_requests_total", help: "Requests answered.",
                labels: ["handler": labels[0], "method": labels[1], "code": labels[2]])
        }
        requestDurations = Family { labels in
            registry.histogram(
                "lapwing_http_request_duration_seconds", help: "Time from a request's header to the end of its answer.",
                labels: ["handler": labels[0]])
        }
        for reason in [Self.seriesLimitReason] + LabelDecoder.Refusal.allCases.map(\.rawValue) {
            _ = refusedSeries[reason]
        }
        for reason in HistogramFamilies.Refusal.allCases { _ = refusedParts[reason.rawValue] }
        for outcome in [SampleOutcome.histogramPart] { _ = histograms[outcome.outcome, outcome.reason] }
        for outcome in [SampleOutcome.scored, .warmingUp] { _ = histogramValues[outcome.outcome, outcome.reason] }
    }

    private static let workBounds = [
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
    ]
    private static let seriesLimitReason = "series_limit"

    /// Counts a series that found no room.
    func refusedByLimit() { refusedSeries[Self.seriesLimitReason].increment() }

    /// Counts a series that could not become a part of a histogram family.
    func refused(_ reason: HistogramFamilies.Refusal) { refusedParts[reason.rawValue].increment() }

    func refused(_ reason: LabelDecoder.Refusal) { refusedSeries[reason.rawValue].increment() }

    /// Counts a body of which nothing could be read.
    func rejected(_ reason: String) { rejectedBodies[reason].increment() }

    /// Counts what a request held and what became of it.
    func received(
        _ request: borrowing WriteRequest, _ counts: OutcomeCounts, _ ofHistograms: HistogramCounts,
        as message: WriteProtocol, decoding: Duration, scoring: Duration
    ) {
        for outcome in SampleOutcome.allCases where counts[outcome] > 0 {
            samples[outcome.rawValue].increment(by: counts[outcome])
        }
        for reason in request.refused { refusedSeries[reason.rawValue].increment() }
        if request.counts.histograms > 0 {
            var rest = request.counts.histograms
            for outcome in SampleOutcome.allCases where ofHistograms.natives[outcome] > 0 {
                histograms[outcome.outcome, outcome.reason].increment(by: ofHistograms.natives[outcome])
                rest -= ofHistograms.natives[outcome]
            }
            // Past what one request may bring.
            if rest > 0 { histograms["refused", "request_limit"].increment(by: rest) }
        }
        if ofHistograms.values.total > 0 {
            for outcome in SampleOutcome.allCases where ofHistograms.values[outcome] > 0 {
                histogramValues[outcome.outcome, outcome.reason].increment(by: ofHistograms.values[outcome])
            }
        }
        if request.counts.exemplars > 0 { exemplars.increment(by: request.counts.exemplars) }
        if request.counts.metadata > 0 { metadata.increment(by: request.counts.metadata) }
        if request.counts.unusual > 0 { unusual.increment(by: request.counts.unusual) }
        decodedBytes.increment(by: request.decodedBytes)
        writes[message.rawValue, request.encoding.rawValue].increment()
        decodeDuration.observe(decoding)
        scoreDuration.observe(scoring)
    }

    /// How many samples were received in all.
    func sampleCount(_ outcome: SampleOutcome) -> Int { Int(samples[outcome.rawValue].value) }
}

extension SelfMetrics: WebObserver {
    package func connectionOpened() {
        connectionsOpened.increment()
        connectionsOpen.add(1)
    }

    package func connectionClosed(_ reason: ConnectionEnd) {
        connectionsOpen.add(-1)
        connectionsClosed["\(reason)"].increment()
    }

    package func requestFinished(_ request: FinishedRequest) {
        bodyBytes.increment(by: request.bodyBytes)
        answered[request.handler, request.method, "\(request.status)"].increment()
        requestDurations[request.handler].observe(request.duration)
    }
}

/// Metrics of one name whose labels are met while running; each is registered when it is first met.
private final class Family<Metric: Sendable>: Sendable {
    private let metrics = Mutex<[String: Metric]>([:])
    private let register: @Sendable (_ labels: [String]) -> Metric

    init(_ register: @escaping @Sendable (_ labels: [String]) -> Metric) {
        self.register = register
    }

    subscript(labels: String...) -> Metric {
        metrics.withLock { metrics in
            let key = labels.joined(separator: "\0")
            if let metric = metrics[key] { return metric }
            let metric = register(labels)
            metrics[key] = metric
            return metric
        }
    }
}
