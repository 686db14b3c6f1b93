internal import Logging
internal import NIOCore

/// Keeps the server listening when a connection cannot be accepted, for want of file descriptors or because the peer is gone.
///
/// Without it such an error would end the listening for good, since the async sequence of connections ends with the first error.
/// Accepting pauses for a moment after it, for the error would come again at once as long as nothing is closed.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let logger: Logger
    private let pause: TimeAmount
    private var nextWarning = NIODeadline.uptimeNanoseconds(0)

    init(logger: Logger, pause: TimeAmount = .milliseconds(100)) {
        self.logger = logger
        self.pause = pause
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError, let options = context.channel.syncOptions, context.channel.isActive else {
            return context.fireErrorCaught(error)
        }
        warn(error)
        // Only this takes the socket off the selector, which would report it as readable all the time.
        try? options.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            try? options.setOption(.autoRead, value: true)
        }
    }

    private func warn(_ error: any Error) {
        let now = NIODeadline.now()
        guard now >= nextWarning else { return }
        nextWarning = now + .seconds(10)
        logger.warning("Connections are not accepted", metadata: ["error": "\(error)"])
    }
}
