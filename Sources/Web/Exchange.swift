internal import NIOCore
internal import NIOHTTP1

/// One request and what is known of its answer.
final class Exchange {
    let head: HTTPRequestHead
    let target: RequestTarget
    let endpoint: Endpoint
    let started: NIODeadline
    var body = RequestBody(declaredBytes: nil)
    /// Body bytes received.
    private(set) var bodyBytes = 0
    /// Those of them that are booked with ``HeldBytes``.
    private var heldBytes = 0
    private var status = 0
    /// Whether the connection ends with this answer.
    var closes: Bool

    init(_ head: HTTPRequestHead, target: RequestTarget, endpoint: Endpoint, started: NIODeadline) {
        self.head = head
        self.target = target
        self.endpoint = endpoint
        self.started = started
        // Keep-alive was an extension in 1.0, and a streamed body can only end there with the connection.
        closes = !head.isKeepAlive || head.version != .http1_1
    }

    func received(_ bytes: Int) {
        bodyBytes += bytes
        heldBytes += bytes
    }

    /// Gives up the booked bytes, once.
    func takeHeldBytes() -> Int {
        defer { heldBytes = 0 }
        return heldBytes
    }

    /// The request as its route sees it; the body goes with it, so that nothing else keeps it.
    func takeCall() -> WebCall {
        defer { body = RequestBody(declaredBytes: nil) }
        return WebCall(method: head.method.rawValue, target: target, headers: head.headers, body: body.bytes)
    }

    var isHead: Bool { head.method == .HEAD }

    /// Whether a body follows the header.
    var hasUnreadBody: Bool {
        head.headers.contains(name: "transfer-encoding")
            || head.headers.first(name: "content-length").map { $0 != "0" } ?? false
    }

    /// The head of the answer, framed: the encoder adds nothing.
    func responseHead(for answer: WebAnswer, serverName: String?) -> HTTPResponseHead {
        status = answer.status
        var headers = HTTPHeaders()
        headers.reserveCapacity(answer.headers.count + 3)
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        if let serverName { headers.add(name: "Server", value: serverName) }
        switch answer.body {
        case .bytes where answer.status == 204 || answer.status == 304:
            break
        case .bytes(let bytes):
            headers.add(name: "Content-Length", value: String(bytes.readableBytes))
        case .stream where head.version == .http1_1 && !isHead:
            headers.add(name: "Transfer-Encoding", value: "chunked")
        case .stream:
            break
        }
        if closes { headers.add(name: "Connection", value: "close") }
        return HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
    }

    /// The head of a streamed answer, which may have changed since the answer was begun.
    func answered(_ status: HTTPResponseStatus) { self.status = Int(status.code) }

    func finished(at now: NIODeadline) -> FinishedRequest {
        FinishedRequest(
            handler: endpoint.rawValue, method: methodName, status: status,
            duration: .nanoseconds((now - started).nanoseconds), bodyBytes: bodyBytes)
    }

    private var methodName: String {
        switch head.method {
        case .GET, .HEAD, .POST, .PUT, .DELETE, .OPTIONS, .PATCH: head.method.rawValue
        default: "other"
        }
    }
}
