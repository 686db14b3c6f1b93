/// A ``SeriesSelector`` made ready for many series.
///
/// It walks a label block once and remembers what an expression said of a value.
///
/// Made for one request and thrown away after it; what it remembers is bounded.
/// - Complexity: O(labels × matchers) byte comparisons a series, and one walk of an expression a distinct value.
package struct CompiledSelector {
    private var matchers: [CompiledMatcher]
    /// Matchers on names such as `exported_detector`, which look at several labels of the source.
    private var renamed: [RenamedMatcher] = []
    private let matchesNothing: Bool

    /// Matches series by their own labels.
    package init(_ selector: SeriesSelector) {
        matchers = selector.matchers.map { CompiledMatcher($0, on: $0.name) }
        matchesNothing = false
    }

    /// Matches sources by the labels of the line that is exposed about them, without making that line.
    package init(_ selector: SeriesSelector, exposedAs exposed: ExposedLabels) {
        matchers = []
        var contradicts = false
        for matcher in selector.matchers {
            switch matcher.name {
            case "__name__": contradicts = contradicts || !matcher.matches(exposed.metric)
            case ExposedLabels.detectorLabel: contradicts = contradicts || !matcher.matches(exposed.detector)
            case ExposedLabels.sourceMetricLabel: matchers.append(CompiledMatcher(matcher, on: "__name__"))
            default:
                if let chain = RenamedMatcher.chain(matcher.name) {
                    renamed.append(RenamedMatcher(matcher: CompiledMatcher(matcher, on: matcher.name), chain: chain))
                } else {
                    matchers.append(CompiledMatcher(matcher, on: matcher.name))
                }
            }
        }
        matchesNothing = contradicts
    }

    /// Whether no series at all can match, so that there is no need to look at any.
    package var isHopeless: Bool { matchesNothing }

    /// Whether the series with this label block is meant.
    package mutating func matches(_ labels: Span<UInt8>) -> Bool {
        if matchesNothing { return false }
        var seen: UInt64 = 0
        var holds = true
        LabelBlock.forEachLabel(in: labels) { name, value in
            guard holds else { return }
            for i in matchers.indices where matchers[i].isOn(name) {
                seen |= 1 << UInt64(i)
                if !matchers[i].holds(value) {
                    holds = false
                    return
                }
            }
        }
        guard holds else { return false }
        for i in matchers.indices where seen >> UInt64(i) & 1 == 0 && !matchers[i].holdsForEmpty { return false }
        for i in renamed.indices where !renamed[i].holds(labels) { return false }
        return true
    }
}

/// A matcher on a name under which one of several labels of the source may stand.
private struct RenamedMatcher {
    var matcher: CompiledMatcher
    /// `detector`, `exported_detector`, ... up to the name that is asked for.
    let chain: [[UInt8]]

    /// Nil where the name is no reserved one with `exported_` before it.
    static func chain(_ name: String) -> [[UInt8]]? {
        var rest = Array(name.utf8)[...]
        var chain = [Array(rest)]
        while rest.starts(with: ExposedLabels.prefix) {
            rest = rest.dropFirst(ExposedLabels.prefix.count)
            chain.insert(Array(rest), at: 0)
            if ExposedLabels.reserved.contains(Array(rest)) { return chain }
        }
        return nil
    }

    mutating func holds(_ source: Span<UInt8>) -> Bool {
        guard let asked = chain.last else { return false }
        var value = LabelBlock.value(of: asked, in: source)
        if value == nil, chain.dropLast().allSatisfy({ LabelBlock.value(of: $0, in: source) != nil }) {
            value = LabelBlock.value(of: chain[0], in: source)
        }
        let text = value ?? []
        return matcher.holds(text.span)
    }
}

private struct CompiledMatcher {
    /// So many answers are remembered before all are forgotten.
    private static let memoryLimit = 16_384

    let holdsForEmpty: Bool
    private let name: [UInt8]
    private let value: [UInt8]
    private let regex: AnchoredRegex?
    private let isNegative: Bool
    private var scratch = RegexScratch()
    private var remembered: [String: Bool] = [:]

    init(_ matcher: LabelMatcher, on name: String) {
        self.name = Array(name.utf8)
        value = Array(matcher.value.utf8)
        regex = matcher.regex
        isNegative = matcher.operation.isNegative
        holdsForEmpty = matcher.matches("")
    }

    func isOn(_ label: Span<UInt8>) -> Bool {
        label.count == name.count && label.hasBytes(name, at: 0)
    }

    mutating func holds(_ text: Span<UInt8>) -> Bool {
        guard let regex else { return (text.count == value.count && text.hasBytes(value, at: 0)) != isNegative }
        if regex.isFast { return regex.matches(text, scratch: &scratch) != isNegative }
        let key = String(decodingUTF8: text)
        if let answer = remembered[key] { return answer }
        let answer = regex.matches(text, scratch: &scratch) != isNegative
        if remembered.count == Self.memoryLimit { remembered.removeAll(keepingCapacity: true) }
        remembered[key] = answer
        return answer
    }
}
