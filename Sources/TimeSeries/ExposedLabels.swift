/// How the labels of a source series stand on a line that Lapwing exposes about it.
///
/// `http_requests_total{job="api"}` becomes
/// `anomaly_score{source_metric="http_requests_total",detector="adaptive",job="api"}`. A label of the source that has
/// one of our names is renamed as Prometheus does it on a scrape: `exported_` is put before it, again and again while
/// the source has a label of that name too (prometheus/prometheus:scrape/scrape.go, resolveConflictingExposedLabels).
package struct ExposedLabels: Hashable, Sendable {
    package static let sourceMetricLabel = "source_metric"
    package static let detectorLabel = "detector"
    static let reserved = [Array(sourceMetricLabel.utf8), Array(detectorLabel.utf8)]
    static let prefix = Array("exported_".utf8)

    /// The name of the exposed metric, such as `anomaly_score`.
    package let metric: String
    package let detector: String

    package init(metric: String = "anomaly_score", detector: String) {
        self.metric = metric
        self.detector = detector
    }

    /// Whether a source's label cannot keep its name.
    package static func isReserved(_ name: Span<UInt8>) -> Bool {
        guard name.count == sourceMetricLabel.utf8.count || name.count == detectorLabel.utf8.count else { return false }
        return reserved.contains { $0.count == name.count && name.hasBytes($0, at: 0) }
    }

    /// The name that a reserved label of `source` gets instead.
    package static func exportedName(for name: Span<UInt8>, in source: Span<UInt8>) -> [UInt8] {
        var exported: [UInt8] = []
        for i in name.indices { exported.append(name[i]) }
        repeat { exported = prefix + exported } while LabelBlock.value(of: exported, in: source) != nil
        return exported
    }
}

extension LabelBlock {
    /// A copy of the value of a label; nil where the block has none of that name.
    package static func value(of wanted: [UInt8], in block: Span<UInt8>) -> [UInt8]? {
        var found: [UInt8]?
        forEachLabel(in: block) { name, value in
            guard found == nil, name.count == wanted.count, name.hasBytes(wanted, at: 0) else { return }
            var copy: [UInt8] = []
            copy.reserveCapacity(value.count)
            for i in value.indices { copy.append(value[i]) }
            found = copy
        }
        return found
    }
}
