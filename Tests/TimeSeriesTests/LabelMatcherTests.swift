import Testing
import TimeSeries

@Suite struct LabelMatcherTests {
    @Test func `compares for equality and its opposite`() throws {
        #expect(try LabelMatcher("a", .equal, "x").matches("x"))
        #expect(try !LabelMatcher("a", .equal, "x").matches("xy"))
        #expect(try LabelMatcher("a", .notEqual, "x").matches(""))
        #expect(try LabelMatcher("a", .equal, "").matches(""))
    }

    @Test func `refuses an empty name`() {
        #expect(throws: SelectorError.self) { try LabelMatcher("", .equal, "x") }
    }

    @Test(arguments: [
        ("5..", "503", true), ("5..", "5033", false), ("5..", "1503", false),
        ("a|b|c", "b", true), ("a|b|c", "d", false), ("a|b|c", "ab", false), ("a|", "", true), ("", "", true),
        ("", "a", false),
        (".*", "", true), (".*", "a\nb", true), (".+", "", false), (".+", "ä", true),
        ("api.*", "api", true), ("api.+", "api", false), ("api.+", "api1", true), ("api.*", "xapi", false),
        (".*-db", "prod-db", true), (".*-db", "prod-db2", false), ("a.*a", "a", false), ("a.*a", "aa", true),
        (".*err.*", "an error", true), (".*err.*", "fine", false),
        ("^a$", "a", true), ("^$", "", true), ("a^b", "ab", false), ("(a|b)c", "bc", true), ("(?:a|b)c", "ac", true),
        ("(?P<n>a)(?<m>b)", "ab", true), ("a{2,3}", "a", false), ("a{2,3}", "aaa", true), ("a{2,3}", "aaaa", false),
        ("a{2}", "aa", true), ("a{2,}", "aaaaa", true), ("a{,2}", "a{,2}", true), ("a{x", "a{x", true),
        ("a{0}", "", true),
        ("a*?b", "aab", true), ("a+?", "aa", true), ("a??", "", true), ("(a*)*", "aaa", true), ("(a|)*b", "aab", true),
        ("[a-c]+", "abc", true), ("[^a-c]", "d", true), ("[^a-c]", "b", false), ("[]a]", "]", true),
        ("[a-]", "-", true),
        ("[a[b]", "[", true), ("[a&&b]+", "a&b", true), (#"[\d_]+"#, "1_2", true), (#"[^\d]"#, "1", false),
        ("[[:alpha:]]+", "aZ", true), ("[[:^alpha:]]", "a", false), ("[[:word:]]", "_", true),
        (#"\d+"#, "42", true), (#"\d"#, "\u{663}", false), (#"\w"#, "ä", false), (#"\W"#, "ä", true),
        (#"\s"#, "\t", true), (#"\s"#, "\u{B}", false), (#"\v"#, "\u{B}", true), (#"\S\D"#, "ab", true),
        (#"a\.b"#, "a.b", true), (#"a\.b"#, "axb", false), (#"\x41\x{1F600}\101"#, "A😀A", true),
        (#"\Qa.*\E"#, "a.*", true),
        (#"\Qa+\E+"#, "a++", true), ("(?i)ABC", "abc", true), ("(?i:a)b", "Ab", true), ("(?i:a)b", "AB", false),
        ("(?i)[a-c]", "B", true), ("(?i)[^a]", "A", false), ("(?i)ä", "Ä", true), ("(?-s).", "\n", false),
        ("(?-s:.)", "a", true),
        ("(?m)a$\n^b", "a\nb", true), ("a$\nb", "a\nb", false), (#"\ba\b.*"#, "a b", true), (#"a\Bb"#, "ab", true),
        (#"a\bb"#, "ab", false), (#"\Aa\z"#, "a", true), ("日本.", "日本語", true), ("(?U)a+", "aa", true),
        ("(|a)+b", "aab", true),
    ])
    func `matches as RE2 does, the whole value`(pattern: String, value: String, expected: Bool) throws {
        #expect(try LabelMatcher("l", .matchesRegex, pattern).matches(value) == expected)
        #expect(try LabelMatcher("l", .matchesNotRegex, pattern).matches(value) == !expected)
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[a", "[]", "*a", "+", "?", "a**", "a*+", "a{2}{3}", "{2}", "(?=a)", "(?!a)", "(?<=a)",
        "(?<!a)", "(?>a)",
        "(?#x)", #"\1"#, #"\pL"#, #"\p{Greek}"#, #"\C"#, #"\h"#, #"\Z"#, #"\"#, #"\x1"#, #"\x{110000}"#, "a{1001}",
        "a{3,2}", "[z-a]",
        #"[a-\d]"#, "[[:nope:]]", "(?P<n", "(?z)a", "(?i", "(?i)[\u{100}-\u{10FFFF}]", #"\_é\é"#,
    ])
    func `refuses what RE2 refuses, and says where`(pattern: String) throws {
        let error = try #require(throws: SelectorError.self) { try LabelMatcher("l", .matchesRegex, pattern) }
        #expect(error.reason.contains("the regular expression"))
        #expect(error.reason.contains("character"))
    }

    @Test func `refuses an expression that is too long, too deep or too large`() {
        let long = String(repeating: "a", count: 8_193)
        let deep = String(repeating: "(", count: 101) + String(repeating: ")", count: 101)
        for pattern in [long, deep, "(a{1000}){1000}", "((a{0,1000}){0,1000}){0,1000}"] {
            #expect(throws: SelectorError.self) { try LabelMatcher("l", .matchesRegex, pattern) }
        }
    }

    @Test func `repeats nothing at no cost`() throws {
        let pattern = "(((((){1000}){1000}){1000}){1000}){1000}b"
        #expect(try LabelMatcher("l", .matchesRegex, pattern).matches("b"))
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["(a+)+", "(a|a)*", "(a*)*b", "(.*)*x", ".*a.*a.*a.*a.*a.*b", "(a?){50}a{50}b"])
    func `takes linear time where backtracking would never end`(pattern: String) throws {
        let value = String(repeating: "a", count: 1_000) + "!"
        #expect(try !LabelMatcher("l", .matchesRegex, pattern).matches(value))
    }

    /// Every expression of up to three parts out of these, against every text of up to four letters.
    @Test func `agrees with Swift's own engine on small expressions`() throws {
        var texts = [""]
        var last = texts
        for _ in 0..<4 {
            last = last.flatMap { [$0 + "a", $0 + "b"] }
            texts += last
        }
        let parts = ["a", "b", ".", "a*", "b?", "(a|b)", "(ab)+", "(a|ba?)", "[^a]", "(?:a|)", "a{2}", "|"]
        var patterns = [""]
        var level = patterns
        for _ in 0..<3 {
            level = level.flatMap { pattern in parts.map { pattern + $0 } }
            patterns += level
        }
        for pattern in patterns {
            let reference = try Regex("(?s:\(pattern))")
            let matcher = try LabelMatcher("l", .matchesRegex, pattern)
            for text in texts {
                let expected = try reference.wholeMatch(in: text) != nil
                if matcher.matches(text) != expected { Issue.record("\(pattern) on \(text)") }
            }
        }
    }

    @Test func `describes itself as PromQL`() throws {
        #expect(try LabelMatcher("job", .matchesNotRegex, "a\\.b\"\n").description == #"job!~"a\\.b\"\n""#)
        #expect(try LabelMatcher("a.b", .equal, "c").description == #""a.b"="c""#)
    }
}
