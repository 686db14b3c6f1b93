internal import NIOCore
internal import NIOHTTP1

/// One connection's way through its requests, one at a time, on its event loop.
///
/// A request is judged by its header, its body collected under the limits, its answer written in the same turn of the loop:
/// no task and no other thread is involved. While an answer is streamed, or the peer reads too slowly, further requests
/// wait in a queue, and nothing more is read.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = StreamedAnswer
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum Phase {
        /// For the header of a request.
        case waiting
        case collecting
        case streaming
        /// What comes in is thrown away, until the peer has read the last answer and closes.
        case closing
    }

    let connection: Connection
    let door: Door
    let admission: Admission
    var phase = Phase.waiting
    var exchange: Exchange?
    var timer: ConnectionTimer
    /// Whether the bytes of the present turn made a part of a request.
    var hasReadPart = false
    private var queue = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    private var isHandlingQueue = false
    private var isReadPending = false
    private var isInputClosed = false
    private var parserError: HTTPParserError?
    private var isQuiescing = false

    init(_ connection: Connection, door: Door) {
        self.connection = connection
        self.door = door
        admission = Admission(configuration: door.configuration, routes: door.routes)
        timer = ConnectionTimer(door.configuration)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        hasReadPart = true
        if queue.isEmpty, !isHeldBack(context) {
            handle(part, context)
        } else {
            queue.append(part)
        }
    }

    private func isHeldBack(_ context: ChannelHandlerContext) -> Bool {
        phase == .streaming || (phase != .closing && !context.channel.isWritable)
    }

    private func handle(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, phase) {
        case (.head(let head), .waiting): begin(head, context)
        case (.body(let piece), .collecting): collect(piece, context)
        case (.end, .collecting): answerBody(context)
        default: break  // The end of a request without a body, or what follows a refusal.
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard connection.becomeBusy() else { return phase = .closing }
        let target = RequestTarget(head.uri)
        let endpoint = Endpoint(path: target.path)
        let exchange = Exchange(head, target: target, endpoint: endpoint, started: .now())
        self.exchange = exchange
        switch admission.verdict(on: head, for: endpoint, target: target) {
        case .collect(let declaredBytes):
            exchange.body = RequestBody(declaredBytes: declaredBytes)
            phase = .collecting
            timer.bodyBegan(at: exchange.started)
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
            }
        case .answer(let answer):
            // A body that nobody wants is not waited for.
            if exchange.hasUnreadBody { refuse(answer, .error, context) } else { respond(answer, context) }
        case .refuse(let answer, let reason):
            refuse(answer, reason, context)
        }
    }

    private func collect(_ piece: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let exchange else { return }
        var piece = piece
        let size = piece.readableBytes
        guard exchange.bodyBytes + size <= door.configuration.bodyLimitBytes else {
            return refuse(admission.tooLarge("more than that"), .error, context)
        }
        guard door.heldBytes.take(size) else {
            return refuse(admission.comeAgain("too many body bytes are being received at once.\n"), .limit, context)
        }
        exchange.received(size)
        exchange.body.append(&piece)
    }

    private func answerBody(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        let route = exchange.endpoint == .detect ? door.routes.detect : door.routes.write
        respond(route(exchange.takeCall()), context)
    }

    // MARK: Answers

    func refuse(_ answer: WebAnswer, _ reason: ConnectionEnd, _ context: ChannelHandlerContext) {
        connection.end(reason)
        exchange?.closes = true
        respond(answer, context)
    }

    private func respond(_ answer: WebAnswer, _ context: ChannelHandlerContext) {
        guard let exchange else { return }
        if isQuiescing { exchange.closes = true }
        door.heldBytes.giveBack(exchange.takeHeldBytes())
        let head = exchange.responseHead(for: answer, serverName: door.configuration.serverName)
        switch answer.body {
        case .stream(let write) where !exchange.isHead:
            phase = .streaming
            timer.answerBegan(at: .now())
            context.fireChannelRead(wrapInboundOut(StreamedAnswer(head: head, write: write)))
            context.fireChannelReadComplete()
        case .stream:
            send(head, nil, context)
        case .bytes(let bytes):
            send(head, exchange.isHead || bytes.readableBytes == 0 ? nil : bytes, context)
        }
    }

    private func send(_ head: HTTPResponseHead, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        finish(context)
        context.flush()
    }

    /// The parts of a streamed answer come down here.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        guard phase == .streaming else { return }
        switch unwrapOutboundIn(data) {
        case .head(let head): exchange?.answered(head.status)
        case .body: break
        case .end:
            finish(context)
            context.flush()
            handleQueue(context)
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard let exchange else { return }
        let now = NIODeadline.now()
        self.exchange = nil
        door.observer.requestFinished(exchange.finished(at: now))
        if exchange.closes || isQuiescing {
            close(isQuiescing ? .draining : .peer, context)
        } else {
            phase = .waiting
            timer.requestEnded(at: now)
            connection.becomeIdle(at: now)
        }
    }

    /// Answers a header that never became a request.
    func answerNoRequest(_ status: HTTPResponseStatus, _ reason: ConnectionEnd, _ context: ChannelHandlerContext) {
        connection.end(reason)
        let headers: HTTPHeaders = ["Connection": "close", "Content-Length": "0"]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        close(reason, context)
    }

    // MARK: The end

    /// Closes once everything is sent: first our side, so that the peer reads the answer and not a reset, then all of it.
    func close(_ reason: ConnectionEnd, _ context: ChannelHandlerContext) {
        guard phase != .closing else { return }
        connection.end(reason)
        phase = .closing
        queue.removeAll()
        timer.closingBegan(at: .now())
        keepTime(context)
        let mode = isInputClosed ? CloseMode.all : .output
        let sent = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in bound.value.close(mode: mode, promise: nil) }
        // An empty write ends when everything before it has been sent.
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: sent)
    }

    /// Closes without waiting for anything.
    func closeNow(_ reason: ConnectionEnd, _ context: ChannelHandlerContext) {
        connection.end(reason)
        phase = .closing
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if phase == .waiting, queue.isEmpty { closeNow(.draining, context) }
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if phase == .closing { context.close(promise: nil) } else { handleQueue(context) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            parserError = error
            handleQueue(context)
        } else {
            closeNow(.peer, context)
        }
    }

    /// A streamed answer that fails is cut off: its task closes the channel.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if phase == .streaming { connection.end(.error) }
        context.close(mode: mode, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer.cancel()
        if let exchange { door.heldBytes.giveBack(exchange.takeHeldBytes()) }
        exchange = nil
        phase = .closing
        queue.removeAll()
        context.fireChannelInactive()
    }

    // MARK: The queue

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        handleQueue(context)
    }

    func read(context: ChannelHandlerContext) {
        if isHeldBack(context) { isReadPending = true } else { context.read() }
    }

    private func handleQueue(_ context: ChannelHandlerContext) {
        // Sending can change whether more can be sent, and so lead back here: a loop, not a recursion.
        guard !isHandlingQueue else { return }
        isHandlingQueue = true
        defer { isHandlingQueue = false }
        while !isHeldBack(context), let part = queue.popFirst() { handle(part, context) }
        guard !isHeldBack(context), phase != .closing else { return }
        if let error = parserError.take() {
            inputFailed(error, context)
        } else if isInputClosed {
            close(.peer, context)
        } else if isReadPending {
            isReadPending = false
            context.read()
        }
    }

    private func inputFailed(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        let cutOff = error == .invalidEOFState
        if phase == .collecting, !cutOff {
            refuse(.text(400, "the body is not framed as HTTP demands.\n"), .error, context)
        } else if cutOff {
            close(.peer, context)
        } else {
            answerNoRequest(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest, .error, context)
        }
    }
}
