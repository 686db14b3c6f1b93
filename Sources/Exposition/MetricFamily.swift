internal import TimeSeries

/// The series of one metric, under one `HELP` and one `TYPE`.
package struct MetricFamily: Sendable {
    enum Source: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case computed(@Sendable () -> Double?)
    }

    struct Series: Sendable {
        /// `a="b",c="d"`
        let labels: [UInt8]
        let source: Source
    }

    let header: Header
    var series: [Series]

    func write(_ syntax: ExpositionFormat.Syntax, to text: inout [UInt8]) {
        header.write(syntax, to: &text)
        for series in series {
            switch series.source {
            case .counter(let counter): append(Double(counter.value), labels: series.labels, syntax, to: &text)
            case .gauge(let gauge): append(gauge.value, labels: series.labels, syntax, to: &text)
            case .computed(let value):
                if let value = value() { append(value, labels: series.labels, syntax, to: &text) }
            case .histogram(let histogram): append(histogram, labels: series.labels, syntax, to: &text)
            }
        }
    }

    private func append(
        _ value: Double, suffix: String = "", labels: [UInt8], _ syntax: ExpositionFormat.Syntax, to text: inout [UInt8]
    ) {
        appendName(suffix: suffix, labels: labels, to: &text)
        ExpositionText.append(value, syntax, to: &text)
        text.append(UInt8(ascii: "\n"))
    }

    private func append(
        count: UInt64, suffix: String, labels: [UInt8], to text: inout [UInt8]
    ) {
        appendName(suffix: suffix, labels: labels, to: &text)
        text.append(contentsOf: "\(count)\n".utf8)
    }

    private func append(
        _ histogram: Histogram, labels: [UInt8], _ syntax: ExpositionFormat.Syntax, to text: inout [UInt8]
    ) {
        // The count is taken from the buckets, so that both agree even while others observe.
        let counts = histogram.cumulativeCounts
        for (bound, count) in zip(histogram.upperBounds + [.infinity], counts) {
            var withBound = labels
            if !labels.isEmpty { withBound.append(UInt8(ascii: ",")) }
            withBound.append(contentsOf: "le=\"".utf8)
            ExpositionText.append(bound, syntax, to: &withBound)
            withBound.append(UInt8(ascii: "\""))
            append(count: count, suffix: "_bucket", labels: withBound, to: &text)
        }
        append(histogram.sum, suffix: "_sum", labels: labels, syntax, to: &text)
        append(count: counts[counts.count - 1], suffix: "_count", labels: labels, to: &text)
    }

    private func appendName(suffix: String, labels: [UInt8], to text: inout [UInt8]) {
        text.append(contentsOf: header.name.utf8)
        text.append(contentsOf: suffix.utf8)
        if !labels.isEmpty {
            text.append(UInt8(ascii: "{"))
            text += labels
            text.append(UInt8(ascii: "}"))
        }
        text.append(UInt8(ascii: " "))
    }
}

extension MetricFamily {
    /// The lines before the series of a metric: `HELP`, `TYPE` and, in OpenMetrics, `UNIT`.
    package struct Header: Sendable, Equatable {
        package enum MetricType: String, Sendable {
            case counter, gauge, histogram
        }

        /// The units that are announced (OpenMetrics 1.0, "Units and Base Units").
        private static let units = [
            "seconds", "bytes", "ratio", "celsius", "meters", "volts", "amperes", "joules", "grams",
        ]

        package let name: String
        package let type: MetricType
        package let help: String

        /// - Precondition: the name is a metric's, that of a counter and no other ends in `_total`, there is a help.
        package init(name: String, type: MetricType, help: String) {
            precondition(LabelName.isLegacyValidMetric(name), "\(name) is no name for a metric")
            precondition(
                name.hasSuffix("_total") == (type == .counter),
                "the name of a counter, and of no other, ends in _total: \(name)")
            precondition(
                !["_bucket", "_sum", "_count", "_created"].contains { name.hasSuffix($0) },
                "\(name) ends as the parts of other metrics do")
            precondition(!help.isEmpty, "\(name) has no help")
            self.name = name
            self.type = type
            self.help = help
        }

        /// The name without `_total`, by which OpenMetrics calls a counter.
        var familyName: String { type == .counter ? String(name.dropLast("_total".count)) : name }

        package func write(_ syntax: ExpositionFormat.Syntax, to text: inout [UInt8]) {
            let name = syntax == .openMetrics ? familyName : name
            text.append(contentsOf: "# HELP \(name) ".utf8)
            // Text leaves double quotes in a help alone, OpenMetrics escapes them.
            for byte in help.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): text.append(contentsOf: #"\\"#.utf8)
                case UInt8(ascii: "\n"): text.append(contentsOf: #"\n"#.utf8)
                case UInt8(ascii: "\"") where syntax == .openMetrics: text.append(contentsOf: #"\""#.utf8)
                default: text.append(byte)
                }
            }
            text.append(contentsOf: "\n# TYPE \(name) \(type.rawValue)\n".utf8)
            if syntax == .openMetrics, let unit = Self.units.first(where: { name.hasSuffix("_\($0)") }) {
                text.append(contentsOf: "# UNIT \(name) \(unit)\n".utf8)
            }
        }
    }
}
