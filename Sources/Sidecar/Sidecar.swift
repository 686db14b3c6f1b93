internal import Foundation
package import Logging
internal import Scoring
internal import ServiceLifecycle
internal import Synchronization
internal import TimeSeries
internal import UnixSignals
internal import Web

/// Everything put together: the pipeline, the door, the housekeeping, and an orderly end.
package struct Sidecar: Sendable {
    private let settings: Settings
    private let flags: [String: String]
    private let logger: Logger

    /// - Parameter flags: what `/api/v1/status/flags` shows.
    package init(settings: Settings, flags: [String: String], logger: Logger) {
        self.settings = settings
        self.flags = flags
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Parameter onListening: called with the address that is listened on, once it is.
    package func run(onListening: @escaping @Sendable (ListenAddress) -> Void = { _ in }) async throws {
        let storage = try StorageFolder(path: settings.storagePath)
        try checkRules()
        let metrics = SelfMetrics()
        let pipeline = try Pipeline(settings: settings, metrics: metrics)
        metrics.describe(pipeline, settings: settings)
        let lifecycle = Lifecycle()
        let server = WebServer(
            configuration: webConfiguration, routes: routes(to: pipeline, lifecycle), observer: metrics, logger: logger,
            onRunning: { [logger, settings] port in
                lifecycle.becomeReady()
                let address = ListenAddress(host: settings.listenAddress.host, port: port)
                logger.info("Listening", metadata: ["address": "\(address)"])
                onListening(address)
            })
        logger.info("Starting", metadata: ["version": "\(Build.version)", "storage.path": "\(settings.storagePath)"])
        let services: [any Service] = [
            ClosureService { try await listen(with: server, lifecycle) },
            ClosureService { try await evictIdleSeries(pipeline) },
            // Services stop in the opposite order: this one first, while the door still answers.
            ClosureService { [logger] in await lifecycle.drainAtTheEnd(logger: logger) },
        ]
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await group.run()
        logger.info("Stopped")
        withExtendedLifetime(storage) {}
    }

    private func listen(with server: WebServer, _ lifecycle: Lifecycle) async throws {
        do {
            try await server.run()
        } catch {
            if lifecycle.isReady || lifecycle.isDraining { throw error }
            throw UnusableFlag(listenAddress: settings.listenAddress, error)
        }
    }

    private func checkRules() throws(UnusableFlag) {
        guard let path = settings.rulesPath else { return }
        guard FileManager.default.fileExists(atPath: path) else { throw UnusableFlag(missingRules: path) }
        logger.warning("Rule files are not read by this version", metadata: ["rules.path": "\(path)"])
    }

    private var webConfiguration: WebConfiguration {
        var configuration = WebConfiguration()
        configuration.host = settings.listenAddress.host
        configuration.port = settings.listenAddress.port
        configuration.connectionLimit = settings.connectionLimit
        configuration.idleTimeout = settings.idleTimeout
        configuration.bodyTimeout = settings.readTimeout
        configuration.bodyLimitBytes = settings.bodyLimitBytes
        configuration.inFlightLimitBytes = settings.inFlightLimitBytes
        configuration.serverName = "Lapwing/\(Build.version)"
        return configuration
    }

    private func routes(to pipeline: Pipeline, _ lifecycle: Lifecycle) -> WebRoutes {
        let write = WriteRoute(pipeline: pipeline)
        let scrape = Scrape(pipeline: pipeline, settings: settings)
        let explain = Explain(pipeline: pipeline)
        let detect = DetectRoute(base: settings.detection.policies[0])
        let status = Status(flags: flags)
        return WebRoutes(
            write: { write.answer($0, now: .now) },
            metrics: { scrape.answer($0, now: .now) },
            healthy: { _ in .text(200, "Lapwing is Healthy.\n") },
            ready: { _ in
                lifecycle.isReady
                    ? .text(200, "Lapwing is Ready.\n") : .comeAgain(afterSeconds: 1, "Lapwing is not ready.\n")
            },
            buildInfo: { _ in status.buildInfo() },
            flags: { _ in status.flagValues() },
            explain: { explain.answer($0, now: .now) },
            detect: { detect.answer($0) },
            isDraining: { lifecycle.isDraining })
    }

    /// Looks for series that fell silent, ten times within their timeout.
    private func evictIdleSeries(_ pipeline: Pipeline) async throws {
        let pause = max(.seconds(1), settings.idleSeriesTimeout / 10)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                guard (try? await Task.sleep(for: pause)) != nil else { return }
                pipeline.evictIdleSeries(now: .now)
            }
        }
    }
}

/// Where in its life the process is.
final class Lifecycle: Sendable {
    private let ready = Atomic(false)
    private let draining = Atomic(false)

    /// How long new requests are told to come again before the door closes: long enough for a probe or a sender to see it.
    static let drainPause = Duration.seconds(1)

    var isReady: Bool { ready.load(ordering: .relaxed) && !isDraining }
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func becomeReady() { ready.store(true, ordering: .relaxed) }

    /// Waits for the end, then refuses new requests for a moment while those that have begun are answered.
    func drainAtTheEnd(logger: Logger) async {
        try? await gracefulShutdown()
        logger.info("Stopping: new requests are refused, those that have begun are answered")
        draining.store(true, ordering: .relaxed)
        // Shielded: the pause is the very thing that the shutdown is to wait for.
        await Task { try? await Task.sleep(for: Self.drainPause) }.value
    }
}

extension Timestamp {
    /// The wall clock.
    static var now: Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
