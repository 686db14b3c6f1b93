/// Which series are meant: a PromQL vector selector such as `http_requests_total{job="api",code=~"5.."}`.
///
/// The metric name is a matcher on `__name__` like any other. At least one matcher refuses the empty text, as in
/// Prometheus: a selector that every series fulfils is nearly always a mistake.
package struct SeriesSelector: Hashable, Sendable {
    /// The longest text that is read.
    package static let textLimitBytes = 16_384
    /// The most matchers in one selector.
    package static let matcherLimit = 64

    package let matchers: [LabelMatcher]

    /// - Throws: ``SelectorError`` for too many matchers, and where each of them holds for the empty text.
    package init(matchers: [LabelMatcher]) throws(SelectorError) {
        if matchers.count > Self.matcherLimit {
            throw SelectorError("\(matchers.count) matchers are more than \(Self.matcherLimit); use fewer")
        }
        if matchers.allSatisfy({ $0.matches("") }) {
            throw SelectorError(
                "every matcher also holds for a label that is not there, so all series would be meant; "
                    + #"add one that does not, such as a metric name or job=~".+""#)
        }
        self.matchers = matchers
    }

    /// Whether a series is meant. For a single series; use ``CompiledSelector`` for many.
    package func matches(_ labels: Labels) -> Bool {
        matchers.allSatisfy { $0.matches(labels[$0.name] ?? "") }
    }
}

extension SeriesSelector: CustomStringConvertible {
    /// As PromQL; reading it again gives the same selector.
    package var description: String {
        let plainName = matchers.firstIndex { matcher in
            matcher.name == "__name__" && matcher.operation == .equal && LabelName.isLegacyValidMetric(matcher.value)
        }
        let named = matchers.count { $0.name == "__name__" } == 1
        guard let plainName, named else { return "{\(matchers.map(\.description).joined(separator: ","))}" }
        var rest = matchers
        let name = rest.remove(at: plainName).value
        return rest.isEmpty ? name : "\(name){\(rest.map(\.description).joined(separator: ","))}"
    }
}

/// Why a selector or a regular expression cannot be used, where, and what to write instead.
package struct SelectorError: Error, Equatable, CustomStringConvertible {
    package let reason: String
    /// The character of the selector at which the trouble begins, counted from 1; nil where it is the whole.
    package let column: Int?

    package init(_ reason: String, column: Int? = nil) {
        self.reason = reason
        self.column = column
    }

    package var description: String {
        column.map { "selector, column \($0): \(reason)" } ?? "selector: \(reason)"
    }
}
