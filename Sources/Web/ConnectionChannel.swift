internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// What all connections share.
struct Door: Sendable {
    let configuration: WebConfiguration
    let routes: WebRoutes
    let observer: any WebObserver
    let connections: Connections
    let heldBytes: HeldBytes

    init(configuration: WebConfiguration, routes: WebRoutes, observer: any WebObserver) {
        self.configuration = configuration
        self.routes = routes
        self.observer = observer
        connections = Connections(limit: configuration.connectionLimit)
        heldBytes = HeldBytes(limit: configuration.inFlightLimitBytes)
    }
}

/// An answer that its own task writes.
struct StreamedAnswer: Sendable {
    let head: HTTPResponseHead
    let write: @Sendable (inout AnswerStream) async throws -> Void
}

/// A connection between its set-up and its task.
///
/// A server that stops drops the connections that it has accepted and not yet come to, and NIO ends the process when the
/// writer of an asynchronous channel is dropped before it is finished: so what is dropped is closed here.
final class AdmittedConnection: ServerChildChannelValue {
    let answers: NIOAsyncChannel<StreamedAnswer, HTTPServerResponsePart>
    var channel: any Channel { answers.channel }

    init(_ answers: NIOAsyncChannel<StreamedAnswer, HTTPServerResponsePart>) {
        self.answers = answers
    }

    deinit {
        // After the connection's own task this finds everything finished and closed.
        Task { [answers] in try await answers.executeThenClose { _, _ in } }
    }
}

/// One connection in Hummingbird's server: HTTP/1.1, then ``ConnectionHandler``, which answers what is complete at once;
/// only streamed answers reach the task of the connection.
struct ConnectionChannel: ServerChildChannel {
    let door: Door

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<AdmittedConnection> {
        channel.eventLoop.makeCompletedFuture {
            let connection = Connection(channel)
            let admitted = door.connections.admit(connection)
            door.observer.connectionOpened()
            channel.closeFuture.whenComplete { [door] _ in
                door.connections.remove(connection)
                door.observer.connectionClosed(connection.endReason)
            }
            try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveBuffers())
            // One, so that the pool of the connection keeps one buffer: see there.
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderListSize = door.configuration.headerLimitBytes
            limits.maxHeaderFieldSize = door.configuration.headerLimitBytes
            var framing = HTTPResponseEncoder.Configuration()
            // The handler frames its answers itself: the encoder does not know which of them answer HEAD.
            framing.automaticallySetFramingHeaders = false
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                withPipeliningAssistance: false,
                withErrorHandling: false,
                withOutboundHeaderValidation: true,
                withEncoderConfiguration: framing,
                withDecoderLimitConfiguration: limits)
            try channel.pipeline.syncOperations.addHandler(ConnectionHandler(connection, door: door))
            let value = AdmittedConnection(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
            if !admitted {
                connection.end(.limit)
                channel.close(promise: nil)
            }
            return value
        }
    }

    func handle(value: AdmittedConnection, logger: Logger) async {
        do {
            try await value.answers.executeThenClose { inbound, outbound in
                for try await answer in inbound {
                    var stream = AnswerStream(outbound, on: value.channel.eventLoop, head: answer.head)
                    try await answer.write(&stream)
                    try await stream.finish()
                }
            }
        } catch {
            // The connection is closed by now, and counted with its reason.
            logger.debug("Answer not written to its end", metadata: ["error": "\(error)"])
        }
    }
}
