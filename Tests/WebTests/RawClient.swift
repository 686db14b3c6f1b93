import NIOCore
import NIOPosix

/// A connection that sends bytes just as they are given, for requests that no proper client would make.
struct RawClient: Sendable {
    private let channel: any Channel
    private let inbox: NIOLoopBound<Inbox>
    private static let patience = TimeAmount.seconds(20)

    static func connect(port: Int) async throws -> RawClient {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let inbox = Inbox()
                    try channel.pipeline.syncOperations.addHandler(inbox)
                    return RawClient(channel: channel, inbox: NIOLoopBound(inbox, eventLoop: channel.eventLoop))
                }
            }
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    /// A whole POST of a body.
    func post(_ path: String, _ body: String, headers: String = "") async throws {
        try await send(
            "POST \(path) HTTP/1.1\r\nHost: a\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func get(_ path: String, method: String = "GET", headers: String = "") async throws {
        try await send("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n")
    }

    /// The next answer, whole.
    func answer(toHead: Bool = false) async throws -> RawAnswer {
        try await wait { inbox in RawAnswer(taking: &inbox.bytes, toHead: toHead, isClosed: inbox.isClosed) }
    }

    /// Waits until that many bytes are there, and leaves them.
    func receive(atLeast count: Int) async throws {
        try await wait { inbox in inbox.bytes.readableBytes >= count ? () : nil }
    }

    /// Waits until the server has closed.
    func closed() async throws {
        try await wait { inbox in inbox.isClosed ? () : nil }
    }

    func closeOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() async {
        try? await channel.close()
    }

    /// Stops or goes on reading, to play a peer that does not read its answers.
    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    private func wait<Found: Sendable>(for find: @escaping @Sendable (Inbox) -> Found?) async throws -> Found {
        try await channel.eventLoop.flatSubmit { [channel, inbox] in
            let promise = channel.eventLoop.makePromise(of: Found.self)
            let late = channel.eventLoop.scheduleTask(in: Self.patience) { promise.fail(Late()) }
            promise.futureResult.whenComplete { _ in late.cancel() }
            inbox.value.look { inbox in
                if let found = find(inbox) {
                    promise.succeed(found)
                } else if inbox.isClosed {
                    promise.fail(Closed())
                } else {
                    return false
                }
                return true
            }
            return promise.futureResult
        }.get()
    }

    struct Late: Error {}
    /// The server has closed, and what was waited for has not come.
    struct Closed: Error {}
}

/// Keeps what the server sends, and looks at it whenever more has come.
final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var bytes = ByteBuffer()
    private(set) var isClosed = false
    private var watcher: ((Inbox) -> Bool)?

    func look(_ watcher: @escaping (Inbox) -> Bool) {
        self.watcher = watcher(self) ? nil : watcher
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var piece = unwrapInboundIn(data)
        bytes.writeBuffer(&piece)
        lookAgain()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        lookAgain()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func lookAgain() {
        if let watcher, watcher(self) { self.watcher = nil }
    }
}

/// An HTTP/1.1 answer, read by rules of its own and not by the library that wrote it.
struct RawAnswer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: String

    /// Takes one answer off the front; nil while it is not complete.
    init?(taking bytes: inout ByteBuffer, toHead: Bool, isClosed: Bool) {
        let text = String(buffer: bytes)
        guard let blank = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
        let lines = text[..<blank.lowerBound].split(separator: "\r\n")
        status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1)
            headers[sides[0].lowercased()] = String(sides[1].drop { $0 == " " })
        }
        self.headers = headers
        let headBytes = text.utf8.distance(from: text.utf8.startIndex, to: blank.upperBound)
        let rest = text.utf8[blank.upperBound...]
        if toHead || status == 204 || status < 200 {
            body = ""
            bytes.moveReaderIndex(forwardBy: headBytes)
        } else if let length = headers["content-length"].flatMap({ Int($0) }) {
            guard rest.count >= length else { return nil }
            body = String(decoding: rest.prefix(length), as: UTF8.self)
            bytes.moveReaderIndex(forwardBy: headBytes + length)
        } else if headers["transfer-encoding"] == "chunked" {
            var chunks: [UInt8] = []
            var at = Array(rest)[...]
            while true {
                guard let line = at.firstRange(of: Array("\r\n".utf8)) else { return nil }
                guard let size = Int(String(decoding: at[..<line.lowerBound], as: UTF8.self), radix: 16) else {
                    return nil
                }
                at = at[line.upperBound...]
                guard at.count >= size + 2 else { return nil }
                chunks += at.prefix(size)
                at = at.dropFirst(size + 2)
                if size == 0 { break }
            }
            body = String(decoding: chunks, as: UTF8.self)
            bytes.moveReaderIndex(forwardBy: bytes.readableBytes - at.count)
        } else {
            guard isClosed else { return nil }
            body = String(decoding: rest, as: UTF8.self)
            bytes.moveReaderIndex(to: bytes.writerIndex)
        }
    }
}
