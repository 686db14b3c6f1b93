internal import Synchronization
internal import TimeSeries

/// The metrics about this process itself, in the order in which they were registered.
///
/// A name, its help and its labels are written in the program, so a bad or doubled one is a broken promise of ours
/// and stops it.
/// Metrics are registered at the start and live as long as the registry; the handles are kept by those who count.
package final class MetricRegistry: Sendable {
    private let families = Mutex<[MetricFamily]>([])

    package init() {}

    /// Registers a counter. Its name ends in `_total`, after its unit where it has one.
    package func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        let counter = Counter()
        register(name, .counter, help, labels, .counter(counter))
        return counter
    }

    /// Registers a counter whose value is asked for at each scrape; nil leaves it out of that scrape.
    package func counter(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:],
        value: @escaping @Sendable () -> Double?
    ) {
        register(name, .counter, help, labels, .computed(value))
    }

    /// Registers a gauge. Its name ends in its unit where it has one, such as `_seconds` or `_bytes`.
    package func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        let gauge = Gauge()
        register(name, .gauge, help, labels, .gauge(gauge))
        return gauge
    }

    /// Registers a gauge whose value is asked for at each scrape; nil leaves it out of that scrape.
    package func gauge(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:],
        value: @escaping @Sendable () -> Double?
    ) {
        register(name, .gauge, help, labels, .computed(value))
    }

    /// Registers a histogram with buckets up to each bound, which ascend, and one for all.
    package func histogram(
        _ name: String, help: String, upperBounds: [Double] = Histogram.latencyBounds,
        labels: KeyValuePairs<String, String> = [:]
    ) -> Histogram {
        let histogram = Histogram(upperBounds: upperBounds)
        register(name, .histogram, help, labels, .histogram(histogram))
        return histogram
    }

    /// Appends every family. Does not end the answer, see ``ExpositionFormat/appendEnd(to:)``: scores may follow.
    package func write(_ syntax: ExpositionFormat.Syntax, to text: inout [UInt8]) {
        // Values are asked for outside of the lock: a closure may take long, or register something.
        for family in families.withLock({ $0 }) { family.write(syntax, to: &text) }
    }

    private func register(
        _ name: String, _ type: MetricFamily.Header.MetricType, _ help: String,
        _ labels: KeyValuePairs<String, String>, _ source: MetricFamily.Source
    ) {
        let header = MetricFamily.Header(name: name, type: type, help: help)
        let series = MetricFamily.Series(labels: Self.rendered(labels, of: header), source: source)
        families.withLock { families in
            guard let index = families.firstIndex(where: { $0.header.familyName == header.familyName }) else {
                families.append(MetricFamily(header: header, series: [series]))
                return
            }
            precondition(families[index].header == header, "\(name) is registered twice, with another type or help")
            precondition(
                !families[index].series.contains { $0.labels == series.labels },
                "\(name) is registered twice with the same labels")
            families[index].series.append(series)
        }
    }

    /// `outcome="scored",reason="x"`, in the order of their names, so that equal sets are equal bytes.
    private static func rendered(_ labels: KeyValuePairs<String, String>, of header: MetricFamily.Header) -> [UInt8] {
        precondition(Set(labels.map(\.key)).count == labels.count, "\(header.name) has a label twice")
        var text: [UInt8] = []
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            let nameBytes = Array(name.utf8)
            precondition(
                LabelName.isLegacyValid(nameBytes.span) && !name.hasPrefix("__") && name != "le" && name != "quantile",
                "\(name) is no name for a label of \(header.name)")
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text += nameBytes
            text.append(contentsOf: "=\"".utf8)
            let valueBytes = Array(value.utf8)
            ExpositionText.append(escaped: valueBytes.span, to: &text)
            text.append(UInt8(ascii: "\""))
        }
        return text
    }
}
