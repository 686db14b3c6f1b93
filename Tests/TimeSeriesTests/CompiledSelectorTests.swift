import Testing
import TimeSeries

@Suite struct CompiledSelectorTests {
    private func matches(_ text: String, _ labels: Labels) throws -> Bool {
        var selector = CompiledSelector(try SeriesSelector(parsing: text))
        let block = labels.block
        return selector.matches(block.span)
    }

    private func matchesExposed(_ text: String, _ labels: Labels) throws -> Bool {
        var selector = CompiledSelector(
            try SeriesSelector(parsing: text), exposedAs: ExposedLabels(detector: "adaptive"))
        let block = labels.block
        return selector.matches(block.span)
    }

    @Test(arguments: [
        ("up", true), ("down", false), (#"{job="api"}"#, true), (#"up{job!="api"}"#, false), (#"up{nope=""}"#, true),
        (#"up{nope!=""}"#, false), (#"up{nope=~".*"}"#, true), (#"up{nope=~".+"}"#, false),
        (#"up{job=~"a.i|x"}"#, true),
        (#"up{job!~"a.i|x"}"#, false), (#"up{job=~"a[p-q]i",job!="web"}"#, true), (#"{"a.b"="c"}"#, true),
        (#"{"a.b"="d"}"#, false),
    ])
    func `matches a label block, and a missing label is the empty text`(text: String, expected: Bool) throws {
        let labels = Labels([("__name__", "up"), ("job", "api"), ("a.b", "c")])
        #expect(try matches(text, labels) == expected)
        #expect(try SeriesSelector(parsing: text).matches(labels) == expected)
    }

    @Test(arguments: [
        ("anomaly_score", true), ("up", false), (#"{source_metric="up"}"#, true),
        (#"anomaly_score{source_metric="down"}"#, false),
        (#"{source_metric=~"u.|x[yz]"}"#, true), (#"{detector="adaptive"}"#, true),
        (#"{detector!="adaptive",job="api"}"#, false),
        (#"{job="api"}"#, true), (#"{exported_detector="mine"}"#, false),
        (#"{exported_exported_detector="mine"}"#, true),
        (#"{exported_detector="other"}"#, true), (#"{exported_source_metric="s"}"#, true),
        (#"anomaly_score{exported_source_metric=""}"#, false),
        (#"anomaly_score{exported_exported_source_metric=""}"#, true), (#"anomaly_score{exported_job=""}"#, true),
        (#"anomaly_score{exported_exported_exported_detector=""}"#, true),
        (#"{exported_exported_detector=~"m[i]ne"}"#, true),
    ])
    func `matches the labels of the exposed line`(text: String, expected: Bool) throws {
        let labels = Labels([
            ("__name__", "up"), ("job", "api"), ("detector", "mine"), ("exported_detector", "other"),
            ("source_metric", "s"),
        ])
        #expect(try matchesExposed(text, labels) == expected)
    }

    @Test func `says at once when nothing can match`() throws {
        let exposed = ExposedLabels(detector: "adaptive")
        #expect(CompiledSelector(try SeriesSelector(parsing: "up"), exposedAs: exposed).isHopeless)
        #expect(!CompiledSelector(try SeriesSelector(parsing: "anomaly_score"), exposedAs: exposed).isHopeless)
    }

    @Test func `gives the same answers from memory, also past its limit`() throws {
        let matcher = try LabelMatcher("id", .matchesRegex, "[0-9]*[13579]")
        var selector = CompiledSelector(try SeriesSelector(matchers: [matcher]))
        for _ in 0..<2 {
            for id in 0..<20_000 {
                let block = Labels([("id", "\(id)")]).block
                let answer = selector.matches(block.span)
                if answer != (id % 2 == 1) { Issue.record("\(id) is answered \(answer)") }
            }
        }
    }

    @Test func `agrees with matching one by one on random selectors`() throws {
        var generator = SystemRandomNumberGenerator()
        let names = ["a", "b", "c"]
        let values = ["", "x", "y", "xy"]
        let patterns = ["x", ".*", ".+", "x|y", "[xy]+", "x.*", "(xy)?"]
        for _ in 0..<3_000 {
            let matchers = try (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                let operation = LabelMatcher.Operation.allCases.randomElement(using: &generator)!
                let value = (operation.isRegex ? patterns : values).randomElement(using: &generator)!
                return try LabelMatcher(names.randomElement(using: &generator)!, operation, value)
            }
            guard let selector = try? SeriesSelector(matchers: matchers) else { continue }
            let labels = Labels(names.map { ($0, values.randomElement(using: &generator)!) })
            var compiled = CompiledSelector(selector)
            let block = labels.block
            let answer = compiled.matches(block.span)
            #expect(answer == selector.matches(labels), "\(selector) on \(labels)")
        }
    }
}
