internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix

/// The HTTP server: listens, lets connections in under the limits, answers with the routes.
///
/// It stops gracefully with the service group that runs it: it closes the listening socket and the connections that wait,
/// and returns when the requests that had begun are answered.
package struct WebServer: Sendable {
    private let configuration: WebConfiguration
    private let door: Door
    private let onRunning: @Sendable (_ port: Int) async -> Void
    private let logger: Logger

    /// - Parameter onRunning: called once, when connections are accepted, with the port that is listened on.
    package init(
        configuration: WebConfiguration, routes: WebRoutes, observer: any WebObserver, logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.door = Door(configuration: configuration, routes: routes, observer: observer)
        self.onRunning = onRunning
        self.logger = logger
    }

    /// Serves until the task is cancelled or the service group shuts down gracefully.
    /// - Throws: when the address cannot be listened on.
    package func run() async throws {
        let server = Server(
            childChannelSetup: ConnectionChannel(door: door),
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
            onServerRunning: { [onRunning, logger] channel in
                do {
                    try await channel.eventLoop.submit {
                        try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger), position: .first)
                    }.get()
                } catch {
                    logger.warning("Accept errors will stop the server", metadata: ["error": "\(error)"])
                }
                await onRunning(channel.localAddress?.port ?? 0)
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
        try await server.run()
    }
}
