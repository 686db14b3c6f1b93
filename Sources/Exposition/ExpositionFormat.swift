/// In which of Prometheus' text forms an answer is written: agreed with the scraper by its `Accept` header.
///
/// A single line that the scraper cannot read fails its whole scrape, so nothing is written that it did not ask for.
/// Protobuf is never offered.
package struct ExpositionFormat: Hashable, Sendable {
    package enum Syntax: Hashable, Sendable {
        /// Text 0.0.4, which every scraper reads.
        case text
        /// OpenMetrics 1.0.0.
        case openMetrics
    }

    /// What becomes of a label name that was not valid before Prometheus 3, such as `a.b`.
    package enum NameEscaping: Hashable, Sendable {
        /// `U__a_2e_b`, which every scraper reads (prometheus/common:model/metric.go, ValueEncodingEscaping).
        case values
        /// `"a.b"`, for those who say `escaping=allow-utf-8`.
        case allowUTF8
    }

    package let syntax: Syntax
    package let nameEscaping: NameEscaping

    package init(_ syntax: Syntax, nameEscaping: NameEscaping = .values) {
        self.syntax = syntax
        self.nameEscaping = nameEscaping
    }

    /// Chooses for an `Accept` header (several of them joined by commas); without one, and for a garbled one, text.
    ///
    /// OpenMetrics is taken only where it is named in version 1.0.0 or in none, and wanted more than text, or as much
    /// and before it. Of several ranges for a type the most exact one counts (RFC 9110, section 12.5.1).
    /// `escaping=allow-utf-8` counts on any range of the chosen type, as Prometheus puts it on text 1.0.0 and not on
    /// 0.0.4, and reads both alike (prometheus/common:expfmt/encode.go carries it over too).
    package init(accept: String?) {
        let ranges = (accept.map(WeightedElement.list) ?? []).map(MediaRange.init)
        let text = ranges.preference { $0.exactness(type: "text", subtype: "plain", version: "0.0.4") }
        let openMetrics = ranges.preference { range in
            range.type == "application"
                ? range.exactness(type: "application", subtype: "openmetrics-text", version: "1.0.0").flatMap {
                    $0 >= MediaRange.named ? $0 : nil
                } : nil
        }
        let prefersOpenMetrics =
            if let openMetrics, openMetrics.quality > 0 {
                text.map { text in
                    openMetrics.quality > text.quality
                        || openMetrics.quality == text.quality && openMetrics.index < text.index
                } ?? true
            } else {
                false
            }
        let subtype = prefersOpenMetrics ? "openmetrics-text" : "plain"
        let allowsUTF8 = ranges.contains { range in
            range.subtype == subtype && range.quality > 0 && range.parameters["escaping"] == "allow-utf-8"
        }
        self.init(prefersOpenMetrics ? .openMetrics : .text, nameEscaping: allowsUTF8 ? .allowUTF8 : .values)
    }

    /// The `Content-Type` of the answer; Prometheus 3 takes no scrape without one that it knows.
    package var contentType: String {
        let base =
            switch syntax {
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        return nameEscaping == .allowUTF8 ? base + "; escaping=allow-utf-8" : base
    }

    /// Ends an answer: OpenMetrics wants `# EOF` as the last line, text wants nothing.
    package func appendEnd(to text: inout [UInt8]) {
        if syntax == .openMetrics { text.append(contentsOf: "# EOF\n".utf8) }
    }
}

/// How a body is packed on its way: Prometheus' scraper unpacks `gzip` and nothing else.
package enum ContentCoding: String, Sendable {
    case identity
    case gzip

    /// Chooses for an `Accept-Encoding` header: gzip where it, or `*`, is acceptable and not wanted less than
    /// `identity`.
    package init(acceptEncoding: String?) {
        let elements = acceptEncoding.map(WeightedElement.list) ?? []
        func quality(_ coding: String) -> Double? { elements.first { $0.value == coding }?.quality }
        let gzip = quality("gzip") ?? quality("*") ?? 0
        self = gzip > 0 && gzip >= quality("identity") ?? 0 ? .gzip : .identity
    }
}

/// One element of an `Accept` header.
private struct MediaRange {
    /// The least exactness of a range that names the subtype.
    static let named = 2

    let type: String
    let subtype: String
    let parameters: [String: String]
    let quality: Double

    init(_ element: WeightedElement) {
        let parts = element.value.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        type = parts.first.map(String.init) ?? ""
        subtype = parts.count == 2 ? String(parts[1]) : ""
        parameters = element.parameters
        quality = element.quality
    }

    /// How exactly the range means a type, from 0 for `*/*` to 3 for one with its version; nil where it does not.
    func exactness(type: String, subtype: String, version: String) -> Int? {
        if let asked = parameters["version"] {
            return self.type == type && self.subtype == subtype && asked == version ? 3 : nil
        }
        if self.type == type { return self.subtype == subtype ? Self.named : self.subtype == "*" ? 1 : nil }
        return self.type == "*" && self.subtype == "*" ? 0 : nil
    }
}

extension [MediaRange] {
    fileprivate func preference(_ exactness: (MediaRange) -> Int?) -> (quality: Double, index: Int)? {
        var best: (exactness: Int, quality: Double, index: Int)?
        for (index, range) in enumerated() {
            guard let exactness = exactness(range) else { continue }
            if exactness > best?.exactness ?? -1 { best = (exactness, range.quality, index) }
        }
        return best.map { ($0.quality, $0.index) }
    }
}
