package import NIOCore
internal import NIOHTTP1

/// One request, whole: what a route is called with.
package struct WebCall: Sendable {
    /// The method's name, such as `POST`.
    package let method: String
    /// The path without the query, as it was sent.
    package let path: String
    /// What stands after the question mark.
    package let query: WebQuery
    /// The body as it was sent, still compressed; empty where a route takes none.
    package let body: ByteBuffer
    private let headers: HTTPHeaders

    /// Makes a call by hand, for tests of routes without a server.
    package init(method: String, target: String, headers: [(String, String)] = [], body: ByteBuffer = ByteBuffer()) {
        let target = RequestTarget(target)
        self.init(method: method, target: target, headers: HTTPHeaders(headers), body: body)
    }

    init(method: String, target: RequestTarget, headers: HTTPHeaders, body: ByteBuffer) {
        self.method = method
        self.path = target.path
        self.query = target.query
        self.headers = headers
        self.body = body
    }

    /// The first header field of that name, in whatever case; nil when there is none.
    /// - Complexity: O(number of header fields).
    package func header(_ name: String) -> String? {
        headers.first(name: name)
    }

    /// The values of all header fields of that name, joined with commas as RFC 9110 (5.3) allows; nil when there is none.
    package func joinedHeader(_ name: String) -> String? {
        let values = headers[name]
        return values.isEmpty ? nil : values.joined(separator: ",")
    }
}

/// A request target taken apart, in origin form (`/a?b`) or absolute form (`http://host/a?b`).
struct RequestTarget: Sendable, Equatable {
    let path: String
    let query: WebQuery

    init(_ target: String) {
        var rest = target[...]
        if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            rest = rest.firstIndex(where: { $0 == "/" || $0 == "?" }).map { rest[$0...] } ?? ""
        }
        let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = mark.map { String(rest[..<$0]) } ?? String(rest)
        query = WebQuery(mark.map { String(rest[rest.utf8.index(after: $0)...]) } ?? "")
    }
}
