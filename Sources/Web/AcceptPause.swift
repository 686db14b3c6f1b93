internal import Logging
internal import NIOCore

/// Keeps the server listening when a connection cannot be accepted, for want of file descriptors or because the peer is gone.
///
/// Without it such an error would end the listening for good, since the async sequence of connections ends with the first error.
/// Accepting pauses for a moment after it, for the error would come again at once as long as nothing is closed.
final class AcceptPause: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let logger: Logger
    private let pause: TimeAmount
    private var isPaused = false
    private var isReadPending = false

    init(logger: Logger, pause: TimeAmount = .milliseconds(100)) {
        self.logger = logger
        self.pause = pause
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError, context.channel.isActive else { return context.fireErrorCaught(error) }
        guard !isPaused else { return }
        isPaused = true
        logger.warning("Connection not accepted", metadata: ["error": "\(error)"])
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { [weak self] in
            self?.resume(context)
        }
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { isReadPending = true } else { context.read() }
    }

    private func resume(_ context: ChannelHandlerContext) {
        isPaused = false
        if isReadPending {
            isReadPending = false
            context.read()
        }
    }
}
