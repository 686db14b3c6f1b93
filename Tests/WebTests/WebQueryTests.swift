import Testing

@testable import Web

@Suite struct WebQueryTests {
    @Test(arguments: [
        ("", []),
        ("a=1", ["a=1"]),
        ("a", ["a="]),
        ("=1", ["=1"]),
        ("a=1&&b=2&", ["a=1", "b=2"]),
        ("a=b=c", ["a=b=c"]),
        ("match[]=up&match%5B%5D=%7Bjob%3D%22x%22%7D", ["match[]=up", "match[]={job=\"x\"}"]),
        ("q=a+b%2Bc", ["q=a b+c"]),
        ("q=100%&r=%4&s=%zz&t=%41", ["q=100%", "r=%4", "s=%zz", "t=A"]),
        ("q=%C3%A9%FF", ["q=é\u{FFFD}"]),
    ])
    func `decodes names and values in order`(text: String, expected: [String]) {
        #expect(WebQuery(text).items.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test func `keeps repeated names`() {
        let query = WebQuery("match[]=a&x=1&match[]=b")
        #expect(query.values(of: "match[]") == ["a", "b"])
        #expect(query.value(of: "x") == "1")
        #expect(query.value(of: "y") == nil)
    }

    @Test(arguments: [
        ("/a?b=c", "/a", "b=c"), ("/a", "/a", ""), ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"),
        ("http://host:1/a?b", "/a", "b"), ("http://host", "", ""), ("http://host?b", "", "b"), ("*", "*", ""),
        ("/a?u=http://b", "/a", "u=http://b"),
    ])
    func `takes a request target apart`(target: String, path: String, query: String) {
        let target = RequestTarget(target)
        #expect(target.path == path)
        #expect(target.query.text == query)
    }
}
