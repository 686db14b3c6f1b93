internal import Detectors
package import TimeSeries

/// Which policy each series falls under: the first whose selector means it, otherwise the default.
package struct DetectionPlan: Sendable {
    /// More selections than this are refused: each takes a lane of its own in every shard.
    package static let selectionLimit = 200

    private(set) package var policies: [DetectionPolicy]
    private var selectors: [SeriesSelector] = []

    package init(default policy: DetectionPolicy = DetectionPolicy()) {
        policies = [policy]
    }

    /// Adds a selection behind those that are there.
    package mutating func add(_ policy: DetectionPolicy, for selector: SeriesSelector) throws(PolicyError) {
        guard selectors.count < Self.selectionLimit else {
            throw PolicyError("more than \(Self.selectionLimit) selections; join some of them")
        }
        selectors.append(selector)
        policies.append(policy)
    }

    /// Adds a selection written as `SELECTOR => key=value, key=value`.
    package mutating func add(parsing text: String) throws(PolicyError) {
        guard let arrow = text.range(ofLast: "=>") else {
            throw PolicyError("\"\(text)\" has no \"=>\"; write it as {job=\"batch\"} => direction=above")
        }
        let selector: SeriesSelector
        do throws(SelectorError) {
            selector = try SeriesSelector(parsing: String(text[..<arrow.lowerBound]))
        } catch {
            throw PolicyError("\(error)")
        }
        try add(DetectionPolicy(parsing: String(text[arrow.upperBound...]), base: policies[0]), for: selector)
    }

    /// A chooser for one thread to use; what it remembers is bounded.
    package var chooser: PolicyChooser { PolicyChooser(selectors.map { CompiledSelector($0) }) }
}

/// Finds the policy of one series after another.
package struct PolicyChooser: Sendable {
    private var selectors: [CompiledSelector]

    fileprivate init(_ selectors: [CompiledSelector]) { self.selectors = selectors }

    /// The place of the policy in ``DetectionPlan/policies``.
    /// - Complexity: O(selections × labels).
    package mutating func policy(for labels: Span<UInt8>) -> Int {
        for i in selectors.indices where selectors[i].matches(labels) { return i + 1 }
        return 0
    }
}

extension String {
    fileprivate func range(ofLast text: String) -> Range<Index>? {
        var end = endIndex
        while let start = index(end, offsetBy: -text.count, limitedBy: startIndex) {
            if self[start..<end] == text { return start..<end }
            end = index(before: end)
        }
        return nil
    }
}
