package import NIOCore

/// What a route gives back: complete at once, or written piece by piece.
package struct WebAnswer: Sendable {
    package enum Body: Sendable {
        /// The whole body.
        case bytes(ByteBuffer)
        /// A body of unknown length, written by a task of its own, off the event loop, as fast as the peer reads it.
        /// When the closure throws, the connection is cut without the last chunk: the peer sees that something is missing.
        case stream(@Sendable (inout AnswerStream) async throws -> Void)
    }

    package var status: Int
    /// Header fields besides `Content-Length`, `Transfer-Encoding`, `Connection` and `Server`, which are the server's.
    package var headers: [(name: String, value: String)]
    package var body: Body

    package init(status: Int, headers: [(name: String, value: String)] = [], body: Body = .bytes(ByteBuffer())) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A complete body of one media type.
    package init(
        status: Int, contentType: String, headers: [(name: String, value: String)] = [], bytes: some Sequence<UInt8>
    ) {
        self.init(
            status: status, headers: [("Content-Type", contentType)] + headers, body: .bytes(ByteBuffer(bytes: bytes)))
    }

    /// Plain text; what a person reads should end in a new line.
    package static func text(
        _ status: Int, _ text: String, headers: [(name: String, value: String)] = []
    ) -> WebAnswer {
        WebAnswer(status: status, contentType: "text/plain; charset=utf-8", headers: headers, bytes: text.utf8)
    }

    /// "Not now, come again": the one status after which every sender keeps its data and obeys `Retry-After`.
    package static func comeAgain(afterSeconds seconds: Int, _ reason: String) -> WebAnswer {
        text(503, reason, headers: [("Retry-After", "\(seconds)")])
    }
}
