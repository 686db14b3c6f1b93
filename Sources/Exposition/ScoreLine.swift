package import TimeSeries

/// The lines that are exposed about source series: rendered once a series up to the value, then only the value changes.
///
/// `anomaly_score{source_metric="http_requests_total",detector="adaptive",job="api"} 0.25`. There is no timestamp: a
/// line that is left out at the next scrape then ends its series at once.
package struct ScoreLine: Sendable {
    /// `anomaly_score{`
    private let opening: [UInt8]
    /// `detector="adaptive"`
    private let detector: [UInt8]

    /// - Precondition: the name of the metric is `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    package init(_ exposed: ExposedLabels) {
        precondition(LabelName.isLegacyValidMetric(exposed.metric), "\(exposed.metric) is no name for a metric")
        opening = Array("\(exposed.metric){".utf8)
        var detector = Array("\(ExposedLabels.detectorLabel)=\"".utf8)
        let name = Array(exposed.detector.utf8)
        ExpositionText.append(escaped: name.span, to: &detector)
        detector.append(UInt8(ascii: "\""))
        self.detector = detector
    }

    /// Appends the line of a source up to its value, with the space before it.
    ///
    /// Labels of the source that have our names are renamed, see ``ExposedLabels``.
    /// - Returns: whether the other `nameEscaping` gives another text. Rarely so: who keeps rendered lines keeps
    ///   those that do not depend on it, and renders the few others for each answer.
    /// - Complexity: O(bytes of the labels).
    @discardableResult
    package func render(
        _ labels: Span<UInt8>, nameEscaping: ExpositionFormat.NameEscaping, to text: inout [UInt8]
    ) -> Bool {
        text.append(contentsOf: opening)
        LabelBlock.forEachLabel(in: labels) { name, value in
            guard Self.isMetricName(name) else { return }
            text.append(contentsOf: "\(ExposedLabels.sourceMetricLabel)=\"".utf8)
            ExpositionText.append(escaped: value, to: &text)
            text.append(UInt8(ascii: "\""))
            text.append(UInt8(ascii: ","))
        }
        text.append(contentsOf: detector)
        var dependsOnEscaping = false
        LabelBlock.forEachLabel(in: labels) { name, value in
            if Self.isMetricName(name) { return }
            text.append(UInt8(ascii: ","))
            if LabelName.isLegacyValid(name) {
                if ExposedLabels.isReserved(name) {
                    text.append(contentsOf: ExposedLabels.exportedName(for: name, in: labels))
                } else {
                    ExpositionText.append(name, to: &text)
                }
            } else {
                dependsOnEscaping = true
                Self.append(name: name, of: labels, nameEscaping, to: &text)
            }
            text.append(UInt8(ascii: "="))
            text.append(UInt8(ascii: "\""))
            ExpositionText.append(escaped: value, to: &text)
            text.append(UInt8(ascii: "\""))
        }
        text.append(UInt8(ascii: "}"))
        text.append(UInt8(ascii: " "))
        return dependsOnEscaping
    }

    private static func append(
        name: Span<UInt8>, of labels: Span<UInt8>, _ escaping: ExpositionFormat.NameEscaping, to text: inout [UInt8]
    ) {
        switch escaping {
        case .allowUTF8:
            text.append(UInt8(ascii: "\""))
            ExpositionText.append(escaped: name, to: &text)
            text.append(UInt8(ascii: "\""))
        case .values:
            // The source may have a label whose plain name is what this one is escaped to, and a name twice
            // fails the scrape.
            let escaped = ExpositionText.escapedName(name)
            let isTaken = LabelBlock.value(of: escaped, in: labels) != nil
            text.append(contentsOf: isTaken ? ExposedLabels.exportedName(for: escaped.span, in: labels) : escaped)
        }
    }

    private static func isMetricName(_ name: Span<UInt8>) -> Bool {
        guard name.count == 8, name[0] == UInt8(ascii: "_"), name[7] == UInt8(ascii: "_") else { return false }
        var i = 0
        for byte in "__name__".utf8 {
            if name[i] != byte { return false }
            i += 1
        }
        return true
    }
}

extension ScoreLine {
    /// Appends a whole line: the text that ``render(_:nameEscaping:to:)`` made, the score and the end of the line.
    package static func append(_ rendered: ArraySlice<UInt8>, score: Float, to body: inout [UInt8]) {
        body.append(contentsOf: rendered)
        append(score: score, to: &body)
        body.append(UInt8(ascii: "\n"))
    }

    /// Appends a whole line from rendered text that is lent as a span.
    package static func append(_ rendered: Span<UInt8>, score: Float, to body: inout [UInt8]) {
        ExpositionText.append(rendered, to: &body)
        append(score: score, to: &body)
        body.append(UInt8(ascii: "\n"))
    }

    /// Appends the line of another metric in the same labels, such as what was expected, in the shortest text of the value.
    ///
    /// - Parameter rendered: what ``render(_:nameEscaping:to:)`` made for the score.
    package static func append(
        _ rendered: Span<UInt8>, named metric: String, value: Double, _ syntax: ExpositionFormat.Syntax,
        to body: inout [UInt8]
    ) {
        guard let bracket = rendered.indices.first(where: { rendered[$0] == UInt8(ascii: "{") }) else { return }
        body.append(contentsOf: metric.utf8)
        ExpositionText.append(rendered.extracting(bracket..<rendered.count), to: &body)
        ExpositionText.append(value, syntax, to: &body)
        body.append(UInt8(ascii: "\n"))
    }

    /// Appends a line with a value that is no score, such as what was expected, in the shortest text of the same value.
    package static func append(
        _ rendered: ArraySlice<UInt8>, value: Double, _ syntax: ExpositionFormat.Syntax, to body: inout [UInt8]
    ) {
        body.append(contentsOf: rendered)
        ExpositionText.append(value, syntax, to: &body)
        body.append(UInt8(ascii: "\n"))
    }

    /// Appends a score as decimal text: to the nearest 0.0001, ties to even, without zeros at the end or an
    /// exponent.
    ///
    /// A score that is above 1 never reads as 1, since that is where an anomaly begins: 1.00001 is written 1.0001.
    /// Scores of 100,000 and more, and what is no score, are written in the shortest text of the same value.
    package static func append(score: Float, to text: inout [UInt8]) {
        guard score >= 0, score < 100_000 else { return ExpositionText.append(Double(score), .text, to: &text) }
        // Exact: 24 bits times 14 fit a Double's 53.
        var scaled = UInt32((Double(score) * 10_000).rounded(.toNearestOrEven))
        if scaled == 10_000, score > 1 { scaled += 1 }
        let whole = scaled / 10_000
        var fraction = scaled % 10_000
        if whole < 10 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: whole))
        } else {
            append(whole: whole, to: &text)
        }
        if fraction == 0 { return }
        text.append(UInt8(ascii: "."))
        var unit: UInt32 = 1_000
        while fraction > 0 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / unit))
            fraction %= unit
            unit /= 10
        }
    }

    private static func append(whole: UInt32, to text: inout [UInt8]) {
        var unit: UInt32 = 10
        while unit <= whole / 10 { unit *= 10 }
        var rest = whole
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
            rest %= unit
            unit /= 10
        }
    }
}
