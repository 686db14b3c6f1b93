internal import NIOCore
internal import NIOHTTP1

extension ConnectionHandler {
    func channelActive(context: ChannelHandlerContext) {
        timer.connectionBegan(at: .now())
        keepTime(context)
        context.fireChannelActive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Bytes have come and are not yet a request: a header has begun, and may not take for ever.
        if phase == .waiting, !hasReadPart { timer.headerContinued(at: .now()) }
        hasReadPart = false
        context.fireChannelReadComplete()
    }

    func keepTime(_ context: ChannelHandlerContext) {
        let now = NIODeadline.now()
        if timer.deadline <= now { return timeIsUp(context) }
        let loop = context.eventLoop.assumeIsolated()
        timer.schedule(
            loop.scheduleTask(deadline: timer.nextLook(after: now)) { [weak self] in
                self?.keepTime(context)
            })
    }

    private func timeIsUp(_ context: ChannelHandlerContext) {
        switch phase {
        case .waiting where timer.headerHasBegun:
            answerNoRequest(.requestTimeout, .slow, context)
        case .waiting:
            closeNow(.idle, context)
        case .collecting:
            let allowed = door.configuration.bodyTimeout
            refuse(.text(408, "the body did not arrive within \(allowed).\n"), .slow, context)
        case .streaming:
            closeNow(.slow, context)
        case .closing:
            context.close(promise: nil)
        }
    }
}

/// Until when a connection may go on as it does.
///
/// One timer a connection, which is not set anew for each request: it looks at the deadline now and then, at most the shortest
/// timeout apart, so that no request can set a deadline that it would sleep past.
struct ConnectionTimer {
    private(set) var deadline = NIODeadline.distantFuture
    /// Whether the wait is for the rest of a header, and not for its first byte.
    private(set) var headerHasBegun = false
    private var requestHasEnded = false
    private var scheduled: Scheduled<Void>?
    private let idle, header, body, linger, shortest: TimeAmount

    init(_ configuration: WebConfiguration) {
        idle = TimeAmount(configuration.idleTimeout)
        header = TimeAmount(configuration.headerTimeout)
        body = TimeAmount(configuration.bodyTimeout)
        linger = TimeAmount(configuration.lingerTimeout)
        shortest = min(idle, header, body)
    }

    mutating func connectionBegan(at now: NIODeadline) {
        deadline = now + header
    }

    mutating func headerContinued(at now: NIODeadline) {
        guard !headerHasBegun else { return }
        headerHasBegun = true
        deadline = min(deadline, now + header)
    }

    mutating func bodyBegan(at now: NIODeadline) {
        headerHasBegun = false
        deadline = now + body
    }

    mutating func answerBegan(at now: NIODeadline) {
        headerHasBegun = false
        deadline = now + idle
    }

    mutating func requestEnded(at now: NIODeadline) {
        headerHasBegun = false
        deadline = now + idle
    }

    /// The linger timeout is shorter than the timer's pace, so the timer has to be set anew.
    mutating func closingBegan(at now: NIODeadline) {
        cancel()
        deadline = now + linger
    }

    func nextLook(after now: NIODeadline) -> NIODeadline {
        min(deadline, now + shortest)
    }

    mutating func schedule(_ next: Scheduled<Void>) {
        scheduled = next
    }

    mutating func cancel() {
        scheduled?.cancel()
        scheduled = nil
    }
}
