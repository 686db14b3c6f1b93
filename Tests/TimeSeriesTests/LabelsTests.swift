import Testing
import TimeSeries

@Suite struct LabelsTests {
    @Test func `sorts names by their bytes`() {
        let labels = Labels([("job", "api"), ("__name__", "up"), ("Zone", "a")])
        #expect(labels.pairs.map(\.name) == ["Zone", "__name__", "job"])
    }

    @Test func `drops empty values and empty names, and takes the last of a doubled name`() {
        let labels = Labels([("a", ""), ("", "x"), ("b", "1"), ("b", "2"), ("c", "1"), ("c", "")])
        #expect(labels.pairs.map(\.name) == ["b"])
        #expect(labels["b"] == "2")
        #expect(labels["a"] == nil)
    }

    @Test func `stands in the bytes of remote write 1`() {
        let labels = Labels([("a", "bc")])
        #expect(labels.block == [0x0A, 7, 0x0A, 1, 0x61, 0x12, 2, 0x62, 0x63])
    }

    @Test func `gives equal label sets equal bytes and equal hashes`() {
        let one = Labels([("a", "1"), ("b", "2")])
        let other = Labels([("b", "2"), ("a", "1")])
        #expect(one == other)
        #expect(Set([one, other]).count == 1)
    }

    @Test(arguments: [1, 126, 127, 128, 16_383, 16_384, 70_000])
    func `reads back lengths of one, two and three bytes`(length: Int) {
        let value = String(repeating: "x", count: length)
        let labels = Labels([(value, "v"), ("n", value)])
        #expect(labels["n"] == value)
        #expect(labels[value] == "v")
    }

    @Test func `stops quietly wherever a block is cut`() {
        let block = Labels([("__name__", "up"), ("job", "api")]).block
        for end in 0...block.count {
            let cut = Labels(canonicalBlock: Array(block[..<end]))
            #expect(cut.pairs.count == (end == block.count ? 2 : end >= 16 ? 1 : 0), "cut at \(end)")
        }
    }

    @Test func `survives any single changed byte`() {
        let block = Labels([("__name__", "up"), ("job", "api")]).block
        for place in block.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = block
                changed[place] = byte
                let count = Labels(canonicalBlock: changed).pairs.count
                if count > 2 { Issue.record("byte \(byte) at \(place) gives \(count) pairs") }
            }
        }
    }

    @Test func `describes itself as a selector`() {
        #expect(Labels([("__name__", "up"), ("job", "a\"b")]).description == #"up{job="a\"b"}"#)
        #expect(Labels([("__name__", "up")]).description == "up")
    }

    @Test func `finds a value in a block`() {
        let block = Labels([("a", "1"), ("ab", "2")]).block
        #expect(LabelBlock.value(of: Array("ab".utf8), in: block.span) == Array("2".utf8))
        #expect(LabelBlock.value(of: Array("b".utf8), in: block.span) == nil)
    }
}
