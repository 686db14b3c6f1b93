package import NIOCore
internal import NIOHTTP1

/// Where a streamed body is written to; a write waits until the peer has read enough of what came before.
package struct AnswerStream {
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    private let loop: any EventLoop
    private var head: HTTPResponseHead?
    private var aheadBytes = 0
    /// How far writing may run ahead of the event loop. The writer itself holds back only once the loop has seen that the
    /// socket is full, and a loop that is busy with a batch sees nothing for a while.
    private static let aheadLimitBytes = 256 << 10

    init(
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, on loop: any EventLoop,
        head: HTTPResponseHead
    ) {
        self.outbound = outbound
        self.loop = loop
        self.head = head
    }

    /// Changes the head of the answer, for a route that learns only while it works what it has to say.
    /// - Precondition: nothing was written yet.
    package mutating func setHead(status: Int, headers: [(name: String, value: String)] = []) {
        precondition(head != nil, "the head of the answer has been sent")
        head?.status = HTTPResponseStatus(statusCode: status)
        for (name, value) in headers { head?.headers.replaceOrAdd(name: name, value: value) }
    }

    /// Sends one chunk, which may be of any size; 16 to 256 KiB keep the overhead and the memory small.
    /// - Throws: when the connection is gone; the closure should end then.
    package mutating func write(_ chunk: ByteBuffer) async throws {
        guard chunk.readableBytes > 0 else { return }
        if let head = head.take() {
            // Together, so that head and first chunk leave in one system call.
            try await outbound.write(contentsOf: [.head(head), .body(.byteBuffer(chunk))])
        } else {
            try await outbound.write(.body(.byteBuffer(chunk)))
        }
        aheadBytes += chunk.readableBytes
        if aheadBytes >= Self.aheadLimitBytes {
            aheadBytes = 0
            try await loop.submit {}.get()
        }
    }

    /// Sends one chunk out of an array.
    package mutating func write(_ chunk: [UInt8]) async throws {
        try await write(ByteBuffer(bytes: chunk))
    }

    mutating func finish() async throws {
        if let head = head.take() { try await outbound.write(.head(head)) }
        try await outbound.write(.end(nil))
    }
}
