import Testing
import TimeSeries

@Suite struct SeriesSelectorTests {
    @Test(arguments: [
        ("up", "up"), (" up ", "up"), ("a:b_1", "a:b_1"), ("up{}", "up"), (#"up{job="api"}"#, #"up{job="api"}"#),
        (#"up{ job = "api" , code =~ "5.." , }"#, #"up{job="api",code=~"5.."}"#), (#"{__name__="up"}"#, "up"),
        (#"{"up"}"#, "up"), (#"{"utf8.name", "a.b"="c"}"#, #"{__name__="utf8.name","a.b"="c"}"#),
        (#"{'up',a!="1",b!~"2"}"#, #"up{a!="1",b!~"2"}"#),
        (#"up{a="\"\\\n\x41\101\u00e4\U0001F600"}"#, "up{a=\"\\\"\\\\\\nAAä😀\"}"),
        (#"up{a='it"s'}"#, #"up{a="it\"s"}"#), (#"up{a=`\d"`}"#, #"up{a="\\d\""}"#),
        (#"{__name__=~"a.*",x=""}"#, #"{__name__=~"a.*",x=""}"#),
        ("up\n{a=\"b\",\n}", #"up{a="b"}"#), (#"{a="1",a!="2"}"#, #"{a="1",a!="2"}"#),
        (#"{__name__!="x",__name__="y"}"#, #"{__name__!="x",__name__="y"}"#), (#"{job="a", "up"}"#, #"up{job="a"}"#),
    ])
    func `reads PromQL selectors and writes them so that they read the same`(text: String, expected: String) throws {
        let selector = try SeriesSelector(parsing: text)
        #expect(selector.description == expected)
        #expect(Set(try SeriesSelector(parsing: selector.description).matchers) == Set(selector.matchers))
    }

    @Test(arguments: [
        ("", 1, "metric name"), ("{", 2, "not closed"), ("up{", 4, "not closed"), ("up}", 3, "unexpected"),
        ("{,}", 2, "label name"),
        (#"up{a="b""#, 9, "not closed"), (#"up{a="b" c="d"}"#, 10, #"write ",""#), ("up{a}", 5, "write ="),
        ("up{a=}", 6, "in quotes"),
        ("up{a=b}", 6, "in quotes"), (#"up{a="b}"#, 6, "not closed"), ("up{a=\"b\nc\"}", 6, "not closed"),
        (#"up{a=="b"}"#, 6, "in quotes"),
        (#"up{a="\q"}"#, 9, "no escape"), (#"up{a="\'"}"#, 9, "no escape"), (#"up{a="\xg0"}"#, 9, "digits"),
        (#"up{a="\400"}"#, 11, "octal"),
        (#"up{a="\uD800"}"#, 13, "no character"), (#"up{a="\xff"}"#, 6, "not UTF-8"), ("up[5m]", 3, "range"),
        ("up offset 5m", 4, "range"),
        ("up + 1", 4, "unexpected"), (#"up{__name__="x"}"#, 4, "twice"), (#"{"a","b"}"#, 6, "twice"),
        (#"up{1a="b"}"#, 4, "label name"),
        (#"up{a=~"("}"#, 4, "regular expression"), (#"{""}"#, 2, "empty"), (#"{""="x"}"#, 2, "empty"),
        (#"up{a:b="c"}"#, 5, "write ="),
        (#"{"a" "b"}"#, 6, "write ="), (#"{__name__=~"x","b"}"#, 16, "twice"),
    ])
    func `says where and why it cannot read`(text: String, column: Int, reason: String) throws {
        let error = try #require(throws: SelectorError.self) { try SeriesSelector(parsing: text) }
        #expect(error.column == column, "\(error)")
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test(arguments: ["{}", #"{a=""}"#, #"{a=~".*"}"#, #"{a!="x"}"#, #"{a!~".+"}"#, #"{a=~"x|"}"#])
    func `refuses a selector that every series fulfils`(text: String) throws {
        let error = try #require(throws: SelectorError.self) { try SeriesSelector(parsing: text) }
        #expect(error.reason.contains("all series"))
        #expect(error.column == nil)
    }

    @Test func `refuses what is past its limits`() {
        let matchers = Array(repeating: #"a="b""#, count: SeriesSelector.matcherLimit)
        let most = "{\(matchers.joined(separator: ","))}"
        #expect(throws: Never.self) { try SeriesSelector(parsing: most) }
        #expect(throws: SelectorError.self) { try SeriesSelector(parsing: "up" + most) }
        let long = String(repeating: "a", count: SeriesSelector.textLimitBytes)
        #expect(throws: Never.self) { try SeriesSelector(parsing: long) }
        #expect(throws: SelectorError.self) { try SeriesSelector(parsing: long + "a") }
    }

    @Test func `never crashes on a mangled selector`() throws {
        let text = Array(#"up{a="b\x41",c=~"[d-f]{1,2}(g|h)*",'e'!~`\d`,}"#)
        var generator = SystemRandomNumberGenerator()
        for place in text.indices {
            _ = try? SeriesSelector(parsing: String(text[..<place]))
            for replacement in #"{}"'`\,=~!()[]*0a "# {
                var mangled = text
                mangled[place] = replacement
                mangled.swapAt(place, Int.random(in: text.indices, using: &generator))
                if let selector = try? SeriesSelector(parsing: String(mangled)) {
                    let again = try SeriesSelector(parsing: selector.description)
                    #expect(Set(again.matchers) == Set(selector.matchers))
                }
            }
        }
    }
}
