import Exposition
import Foundation
import Testing
import TimeSeries

@Suite struct ScoreLineTests {
    private func render(
        _ pairs: [(name: String, value: String)], _ escaping: ExpositionFormat.NameEscaping = .values
    ) -> (text: String, dependsOnEscaping: Bool) {
        var text: [UInt8] = []
        let block = Labels(pairs).block
        let depends = ScoreLine(ExposedLabels(detector: "adaptive")).render(
            block.span, nameEscaping: escaping, to: &text)
        return (String(decoding: text, as: UTF8.self), depends)
    }

    @Test func `renders a source's labels after our own`() {
        let line = render([("__name__", "http_requests_total"), ("job", "api"), ("Zone", "a")])
        #expect(
            line.text == #"anomaly_score{source_metric="http_requests_total",detector="adaptive",Zone="a",job="api"} "#)
        #expect(!line.dependsOnEscaping)
    }

    @Test func `escapes backslash, quote and newline in values`() {
        let line = render([("__name__", #"a"b"#), ("path", "C:\\x\"y\nz\tä")])
        #expect(line.text == #"anomaly_score{source_metric="a\"b",detector="adaptive",path="C:\\x\"y\nz"# + "\tä\"} ")
    }

    @Test func `renames the source's labels that have our names, past those that are taken`() {
        let line = render([
            ("__name__", "m"), ("detector", "1"), ("exported_detector", "2"), ("exported_exported_detector", "3"),
            ("source_metric", "4"),
        ])
        #expect(
            line.text
                == #"anomaly_score{source_metric="m",detector="adaptive",exported_exported_exported_detector="1","#
                + #"exported_detector="2",exported_exported_detector="3",exported_source_metric="4"} "#)
    }

    @Test(arguments: [
        ("a.b", "U__a_2e_b"), ("a_b.c", "U__a__b_2e_c"), ("1a", "U___31_a"), ("a:b", "U__a_3a_b"), ("é", "U___e9_"),
        ("日", "U___65e5_"), ("😀x", "U___1f600_x"), ("a b", "U__a_20_b"),
        ("http.status_code", "U__http_2e_status__code"),
    ])
    func `escapes names for older scrapers and quotes them for newer ones`(name: String, escaped: String) {
        let older = render([("__name__", "m"), (name, "v")])
        #expect(older.text == #"anomaly_score{source_metric="m",detector="adaptive",\#(escaped)="v"} "#)
        #expect(older.dependsOnEscaping)
        let newer = render([("__name__", "m"), (name, "v")], .allowUTF8)
        #expect(newer.text == #"anomaly_score{source_metric="m",detector="adaptive","\#(name)"="v"} "#)
        #expect(newer.dependsOnEscaping)
    }

    @Test func `never writes a name twice`() {
        let line = render([("__name__", "m"), ("a.b", "1"), ("U__a_2e_b", "2")])
        #expect(line.text.hasSuffix(#"U__a_2e_b="2",exported_U__a_2e_b="1"} "#))
    }

    @Test func `escapes quotes in quoted names`() {
        #expect(render([("__name__", "m"), ("a\"\\\n", "v")], .allowUTF8).text.hasSuffix(#","a\"\\\n"="v"} "#))
    }

    @Test func `replaces what is not UTF-8`() {
        var block: [UInt8] = []
        let name = Array("a".utf8)
        let value: [UInt8] = [0x61, 0xFF, 0x62]
        LabelBlock.append(name: name.span, value: value.span, to: &block)
        var text: [UInt8] = []
        ScoreLine(ExposedLabels(detector: "d")).render(block.span, nameEscaping: .values, to: &text)
        #expect(String(validating: text, as: UTF8.self) == "anomaly_score{detector=\"d\",a=\"a\u{FFFD}b\"} ")
    }

    @Test func `reads back as the labels it was made from`() throws {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("ab_\"\\\n{}=, .:é😀19")
        func word(_ lengths: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: lengths, using: &generator)).map { _ in letters.randomElement(using: &generator)! })
        }
        for _ in 0..<2_000 {
            let pairs =
                (0..<4).map { _ in (name: word(1...3), value: word(1...6)) } + [(name: "__name__", value: word(1...5))]
            let source = Labels(pairs)
            var expected = Dictionary(uniqueKeysWithValues: source.pairs.map { ($0.name, $0.value) })
            expected["source_metric"] = expected.removeValue(forKey: "__name__")
            expected["detector"] = "adaptive"
            let newer = try ParsedLine(render(pairs, .allowUTF8).text + "0.5")
            #expect(newer.metric == "anomaly_score")
            #expect(newer.labels == expected)
            #expect(newer.value == "0.5")
            let older = try ParsedLine(render(pairs, .values).text + "0.5", quotedNames: false)
            #expect(older.labels.values.sorted() == expected.values.sorted())
        }
    }

    private func text(_ score: Float) -> String {
        var text: [UInt8] = []
        ScoreLine.append(score: score, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// C's own rounding, with the zeros at the end taken off.
    private func reference(_ score: Float) -> String {
        var text = String(format: "%.4f", Double(score))
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "1" && score > 1 ? "1.0001" : text
    }

    @Test func `writes every ten-thousandth up to 20 as C does`() {
        for k in 0...200_000 {
            let score = Float(k) / 10_000
            let written = text(score)
            if written != reference(score) { Issue.record("\(score) is written \(written)") }
            if let read = Float(written), abs(read - score) > 0.00005 { Issue.record("\(score) is read as \(read)") }
        }
    }

    @Test func `writes random scores, small and large, as C does`() {
        for _ in 0..<200_000 {
            let score = Float(bitPattern: UInt32.random(in: 0..<Float(100_000).bitPattern))
            if text(score) != reference(score) { Issue.record("\(score) is written \(text(score))") }
        }
        for _ in 0..<100_000 {
            let score = Float.random(in: 0..<1_000)
            if text(score) != reference(score) { Issue.record("\(score) is written \(text(score))") }
        }
    }

    @Test func `never writes an anomaly as 1`() {
        #expect(text(1) == "1")
        #expect(text(Float(1).nextUp) == "1.0001")
        #expect(text(1.00004) == "1.0001")
        #expect(text(Float(1).nextDown) == "1")
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (0.00004, "0"), (0.00006, "0.0001"), (0.03125, "0.0312"), (0.5, "0.5"), (10, "10"),
            (999.9999, "999.9999"),
            (1_000, "1000"), (99_999.99, "99999.9922"), (100_000, "100000"), (.nan, "NaN"), (.infinity, "+Inf"),
            (-1.5, "-1.5"),
        ] as [(Float, String)])
    func `writes the ends of the range`(score: Float, expected: String) {
        #expect(text(score) == expected)
    }

    @Test func `appends a line from a slice and from a span alike`() {
        let rendered = Array("anomaly_score{} ".utf8)
        var fromSlice: [UInt8] = []
        var fromSpan: [UInt8] = []
        ScoreLine.append(rendered[...], score: 0.25, to: &fromSlice)
        ScoreLine.append(rendered.span, score: 0.25, to: &fromSpan)
        #expect(fromSlice == Array("anomaly_score{} 0.25\n".utf8))
        #expect(fromSlice == fromSpan)
        ScoreLine.append(rendered[...], value: 12.0, .openMetrics, to: &fromSlice)
        #expect(String(decoding: fromSlice, as: UTF8.self).hasSuffix("anomaly_score{} 12.0\n"))
    }
}
