import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// Rows L1 to L10 of the conformance table.
@Suite struct LabelDecoderTests {
    private func block(_ labels: [WireLabel]) -> [UInt8] {
        ProtobufWriter.message { block in
            for label in labels { block.bytes(1, WriteMessage.label(label)) }
        }
    }

    private func block(_ pairs: [(String, String)]) -> [UInt8] {
        block(pairs.map { WireLabel($0.0, $0.1) })
    }

    private func decode(
        _ block: [UInt8], limits: LabelDecoder.Limits = .init(), dropping: [String] = []
    ) -> Result<Labels, LabelDecoder.Refusal> {
        var decoder = LabelDecoder(limits: limits, dropping: dropping)
        return decoder.labels(of: block.span)
    }

    // MARK: L1, L2, the canonical form

    @Test func `every order of the same labels is the same series`() {
        let pairs = [("Zone", "1"), ("__name__", "up"), ("a", "2"), ("job", "é")]
        let sorted = block(pairs)
        for order in permutations(of: pairs) {
            #expect(decode(block(order)) == .success(Labels(canonicalBlock: sorted)))
        }
    }

    @Test func `sorted labels come out byte for byte as they went in`() {
        let long = String(repeating: "v", count: 200)
        for pairs in [[("__name__", "up")], [("__name__", long), ("x", long)], [("A", "1"), ("__name__", "m")]] {
            let bytes = block(pairs)
            #expect(decode(bytes) == .success(Labels(canonicalBlock: bytes)))
        }
    }

    @Test func `every odd encoding of the same labels is the same series`() {
        let pairs = [("__name__", "up"), ("instance", "localhost:9090"), ("job", "api")]
        let expected = Result<Labels, LabelDecoder.Refusal>.success(Labels(pairs))
        for seed in 0..<500 as Range<UInt64> {
            var odd = OddMessage(random: SeededRandom(seed: seed), oddity: 0.3, breakage: 0)
            odd.repeatsScalars = false
            #expect(decode(odd.labels(pairs.map { WireLabel($0.0, $0.1) })) == expected)
        }
    }

    @Test func `lends the metric's name`() throws {
        var decoder = LabelDecoder(limits: .init())
        let name = try decoder.withCanonical(block([("a", "b"), ("__name__", "utf8.métrique")]).span) { (_, name) in
            String(decodingUTF8: name)
        }
        #expect(name == "utf8.métrique")
    }

    // MARK: L3 to L8

    @Test func `refuses a missing or empty name, and an empty set`() {
        for pairs in [[], [("job", "api")], [("__name__", "")], [("__name__", ""), ("job", "api")]] {
            #expect(decode(block(pairs)) == .failure(.missingName))
        }
    }

    @Test func `refuses a name that stands twice, wherever`() {
        for value in ["1", "2", ""] {
            let pairs = [("__name__", "up"), ("a", "1"), ("a", value)]
            for order in permutations(of: pairs) { #expect(decode(block(order)) == .failure(.duplicateName)) }
        }
        #expect(decode(block([("__name__", "up"), ("__name__", "up")])) == .failure(.duplicateName))
    }

    @Test func `an empty value is no label`() {
        let expected = Labels([("__name__", "up")])
        #expect(decode(block([("__name__", "up"), ("job", "")])) == .success(expected))
        #expect(decode(block([("job", ""), ("__name__", "up"), ("a", "")])) == .success(expected))
    }

    @Test func `refuses an empty label name`() {
        for value in ["", "x"] {
            #expect(decode(block([("", value), ("__name__", "up")])) == .failure(.emptyLabelName))
            #expect(decode(block([("__name__", "up"), ("", value)])) == .failure(.emptyLabelName))
        }
    }

    /// Cut off, overlong, a surrogate, past U+10FFFF, a lonely continuation byte.
    @Test(
        arguments: [
            [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
            [0x61, 0xFF],
        ] as [[UInt8]])
    func `refuses bytes that are not UTF-8`(bytes: [UInt8]) {
        let name = WireLabel("__name__", "up")
        let job = Array("job".utf8)
        #expect(decode(block([name, WireLabel(bytes: job, bytes)])) == .failure(.invalidUTF8))
        #expect(decode(block([name, WireLabel(bytes: bytes, job)])) == .failure(.invalidUTF8))
        #expect(decode(block([WireLabel(bytes: Array("__name__".utf8), bytes)])) == .failure(.invalidUTF8))
    }

    @Test(arguments: ["utf8.métrique", "a.b", "with space", "line\nbreak", "\u{0}", "\u{10FFFF}", "\u{1F600}", "\""])
    func `takes any UTF-8 in names and values`(text: String) {
        let labels = Labels([("__name__", text), (text, text)])
        #expect(decode(block([(text, text), ("__name__", text)])) == .success(labels))
    }

    // MARK: L9, limits

    @Test func `counts labels, names and values against their limits`() {
        var limits = LabelDecoder.Limits()
        limits.labels = 3
        limits.nameBytes = 8
        limits.valueBytes = 4
        let name = ("__name__", "up")
        #expect(
            decode(block([name, ("a", "1"), ("b", "1")]), limits: limits)
                == .success(Labels([name, ("a", "1"), ("b", "1")])))
        #expect(decode(block([name, ("a", "1"), ("b", "1"), ("c", "1")]), limits: limits) == .failure(.tooManyLabels))
        #expect(
            decode(block([name, ("12345678", "1")]), limits: limits) == .success(Labels([name, ("12345678", "1")])))
        #expect(decode(block([name, ("123456789", "1")]), limits: limits) == .failure(.nameTooLong))
        #expect(decode(block([name, ("a", "1234")]), limits: limits) == .success(Labels([name, ("a", "1234")])))
        #expect(decode(block([name, ("a", "12345")]), limits: limits) == .failure(.valueTooLong))
    }

    @Test func `limits all labels together`() {
        var limits = LabelDecoder.Limits()
        limits.valueBytes = 1 << 20
        let half = String(repeating: "x", count: LabelDecoder.Limits.setBytes / 2 - 100)
        #expect(
            decode(block([("__name__", "up"), ("a", half), ("b", half)]), limits: limits)
                == .success(Labels([("__name__", "up"), ("a", half), ("b", half)])))
        #expect(
            decode(block([("__name__", "up"), ("a", half), ("b", half + half)]), limits: limits)
                == .failure(.setTooLong))
    }

    @Test func `only what breaks the protocol is the sender's fault`() {
        let ours = LabelDecoder.Refusal.allCases.filter { !$0.isInvalid }
        #expect(ours == [.tooManyLabels, .nameTooLong, .valueTooLong, .setTooLong])
    }

    // MARK: L10, dropped labels

    @Test func `takes off the labels that it is told to`() {
        let pairs = [("__name__", "up"), ("cluster", "lab"), ("job", "api"), ("replica", "a")]
        #expect(
            decode(block(pairs), dropping: ["replica", "cluster"])
                == .success(Labels([("__name__", "up"), ("job", "api")])))
        #expect(decode(block(pairs), dropping: ["clust", "clusters"]) == .success(Labels(pairs)))
    }

    // MARK: Malformed blocks

    @Test func `refuses malformed blocks and decodes the next one all the same`() {
        var decoder = LabelDecoder(limits: .init())
        let good = block([("__name__", "up"), ("job", "api")])
        for bad in [[0x0A], [0x0A, 0x05, 0x0A], [0x0A, 0x02, 0x0A, 0x05], [0x0A, 0x03, 0x08, 0x01, 0x01], [0x0F]]
            as [[UInt8]]
        {
            #expect(decoder.labels(of: bad.span) == .failure(.malformed))
            #expect(decoder.labels(of: good.span) == .success(Labels(canonicalBlock: good)))
        }
    }

    @Test func `cut off blocks are refused or have fewer labels`() {
        let bytes = block([("__name__", "up"), ("job", "api")])
        for length in 0..<bytes.count {
            let isWhole = length == block([("__name__", "up")]).count
            let read = decode(Array(bytes[..<length]))
            #expect(
                read
                    == (isWhole
                        ? .success(Labels([("__name__", "up")])) : .failure(length == 0 ? .missingName : .malformed)))
        }
    }

    private func permutations<Element>(of elements: [Element]) -> [[Element]] {
        if elements.count < 2 { return [elements] }
        return elements.indices.flatMap { first in
            var rest = elements
            let element = rest.remove(at: first)
            return permutations(of: rest).map { [element] + $0 }
        }
    }
}
