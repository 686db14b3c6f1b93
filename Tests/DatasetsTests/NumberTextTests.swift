import TestSupport
import Testing

@testable import Datasets

@Suite struct NumberTextTests {
    private static func read(_ text: String) -> NumberText.Reading {
        let bytes = Array(text.utf8)
        return NumberText.read(bytes.span, 0..<bytes.count)
    }

    @Test(arguments: [
        "0", "-0", "1", "-1.5", "+.5", "5.", "1e3", "1E-3", "0.1", "35.03", "49.6747222222222", "9007199254740993",
        "1797693134862315700e290", "5e-324", "2.2250738585072011e-308", "12345678901234567890123",
        "0.000000000000000001",
        "18446744073709551615", "9999999999999999999", "00000000000000000000012", "0.30000000000000004",
    ]) func `reads what a Double reads`(text: String) throws {
        let expected = try #require(Double(text))
        #expect(Self.read(" \(text)\t") == .number(expected))
        #expect(Self.read(text).value?.sign == expected.sign)
    }

    @Test(arguments: ["", " ", "NaN", "nan", "-NaN", "null", "NULL"]) func `takes as missing`(text: String) {
        #expect(Self.read(text) == .missing)
    }

    @Test(arguments: [
        "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1 2", "0x10", "1,5", "--1", "abc", "1\u{0}", "\u{0}", "1e999",
        "1e99999999999999999999", "nan(1)", "-null", "infinit", "é",
    ]) func `refuses`(text: String) {
        #expect(Self.read(text) == .unreadable)
    }

    @Test func `reads infinities by their names`() {
        #expect(Self.read("inf") == .number(.infinity))
        #expect(Self.read("+Inf") == .number(.infinity))
        #expect(Self.read("-Infinity") == .number(-.infinity))
    }

    @Test func `reads every way of writing a random number as the standard library does`() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<20_000 {
            let whole = random.next() >> UInt64(random.below(64))
            let digits = String(whole)
            let place = random.below(digits.count + 1)
            let zeros = String(repeating: "0", count: random.below(4))
            let text =
                random.chance(0.2)
                ? "\(digits)e\(random.below(60) - 30)" : "\(digits.prefix(place))0.\(zeros)\(digits.dropFirst(place))1"
            guard Self.read(text) == .number(Double(text)!) else {
                Issue.record("\(text) is read as \(Self.read(text)), not as \(Double(text)!)")
                return
            }
        }
    }

    @Test func `writes what reads back as the same bits`() {
        var random = SeededRandom(seed: 3)
        let special = [
            0, -0.0, 1, -1, 1e15, -1e15, 1e16, 999_999_999_999_999, 0.1, .pi, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude,
        ]
        for value in special + (0..<20_000).map({ _ in Double(bitPattern: random.next()) }) {
            var text: [UInt8] = []
            NumberText.append(value, to: &text)
            let back = NumberText.read(text.span, 0..<text.count).value
            guard let back, back.bitPattern == value.bitPattern || (back.isNaN && value.isNaN) else {
                Issue.record("\(value) is written \(String(decoding: text, as: UTF8.self))")
                return
            }
        }
    }

    @Test(arguments: [(100.0, "100"), (-0.0, "-0"), (0.5, "0.5"), (1e22, "1e+22"), (.nan, "NaN"), (.infinity, "inf")])
    func `writes the shortest text`(value: Double, expected: String) {
        var text: [UInt8] = []
        NumberText.append(value, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }
}
