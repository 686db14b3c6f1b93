/// One condition on a label, as PromQL writes it: `job="api"`, `code=~"5.."`.
///
/// A label that a series does not have is the empty string, so `code!="500"` also holds where there is no `code`
/// (prometheus/prometheus:model/labels/matcher.go).
package struct LabelMatcher: Hashable, Sendable {
    package enum Operation: String, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case matchesRegex = "=~"
        case matchesNotRegex = "!~"

        package var isNegative: Bool { self == .notEqual || self == .matchesNotRegex }
        package var isRegex: Bool { self == .matchesRegex || self == .matchesNotRegex }
    }

    package let name: String
    package let operation: Operation
    /// The text to be equal to, or the regular expression that the whole value must match.
    package let value: String
    let regex: AnchoredRegex?

    /// - Throws: ``SelectorError`` for an empty name and for an expression that is too long or cannot be read.
    package init(_ name: String, _ operation: Operation, _ value: String) throws(SelectorError) {
        if name.isEmpty { throw SelectorError("a label name is empty; write a name before \(operation.rawValue)") }
        self.name = name
        self.operation = operation
        self.value = value
        regex = operation.isRegex ? try AnchoredRegex(value) : nil
    }

    /// Whether the matcher holds for a value; the empty text stands for a label that is not there.
    ///
    /// For one value now and then. ``CompiledSelector`` remembers what it found and suits many series.
    package func matches(_ text: String) -> Bool {
        guard let regex else { return (text == value) != operation.isNegative }
        var scratch = RegexScratch()
        return regex.matches(Array(text.utf8).span, scratch: &scratch) != operation.isNegative
    }

    package static func == (left: LabelMatcher, right: LabelMatcher) -> Bool {
        left.name == right.name && left.operation == right.operation && left.value == right.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(operation)
        hasher.combine(value)
    }
}

extension LabelMatcher: CustomStringConvertible {
    /// As PromQL: `job="api"`, and `"a.b"="c"` where the name needs quotes.
    package var description: String {
        let legacy = LabelName.isLegacyValid(Array(name.utf8).span)
        return "\(legacy ? name : PromQLText.quoted(name))\(operation.rawValue)\(PromQLText.quoted(value))"
    }
}

/// What label names and metric names were made of before Prometheus 3 (prometheus/common:model/metric.go).
package enum LabelName {
    /// Whether a label name is `[a-zA-Z_][a-zA-Z0-9_]*`, which every scraper reads without quotes.
    package static func isLegacyValid(_ name: Span<UInt8>) -> Bool {
        guard name.count > 0 else { return false }
        for i in name.indices where !isLegacyValid(name[i], first: i == 0) { return false }
        return true
    }

    /// Whether a byte may stand in such a name.
    package static func isLegacyValid(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
        default: false
        }
    }

    /// Whether a metric name is `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    package static func isLegacyValidMetric(_ name: String) -> Bool {
        var first = true
        for byte in name.utf8 {
            guard byte == UInt8(ascii: ":") || isLegacyValid(byte, first: first) else { return false }
            first = false
        }
        return !first
    }
}
