import Logging
import NIOCore
import Synchronization
import Web

/// A server on a port of its own, with routes that say what they were asked.
struct Serving: Sendable {
    let port: Int
    let observer: RecordingObserver
    let draining: Switch

    func connect() async throws -> RawClient {
        try await RawClient.connect(port: port)
    }

    /// One request on a connection of its own.
    func get(_ path: String, method: String = "GET", headers: String = "") async throws -> RawAnswer {
        let client = try await connect()
        try await client.get(path, method: method, headers: headers)
        let answer = try await client.answer(toHead: method == "HEAD")
        await client.close()
        return answer
    }
}

/// Runs a server for the time of the closure.
func serving(
    _ configure: (inout WebConfiguration) -> Void = { _ in },
    routes change: (inout WebRoutes) -> Void = { _ in },
    _ body: (Serving) async throws -> Void
) async throws {
    var configuration = WebConfiguration()
    configure(&configuration)
    let observer = RecordingObserver()
    let draining = Switch()
    var routes = WebRoutes.echoing(isDraining: { draining.isOn })
    change(&routes)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let server = WebServer(
        configuration: configuration, routes: routes, observer: observer, logger: .silent
    ) { port in
        continuation.yield(port)
        continuation.finish()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        for await port in ports {
            try await body(Serving(port: port, observer: observer, draining: draining))
        }
        group.cancelAll()
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

final class Switch: Sendable {
    private let state = Atomic(false)
    var isOn: Bool { state.load(ordering: .acquiring) }
    func turnOn() { state.store(true, ordering: .releasing) }
}

extension WebRoutes {
    /// Every route says its name and what came with the request.
    static func echoing(isDraining: @escaping @Sendable () -> Bool) -> WebRoutes {
        func echo(_ name: String) -> Route {
            { call in
                let query = call.query.items.map { "[\($0.name)=\($0.value)]" }.joined()
                return .text(200, "\(name) \(call.method) \(query) \(call.header("accept") ?? "-")\n")
            }
        }
        return WebRoutes(
            write: { call in
                if call.header("X-Echo") != nil { return .text(200, String(buffer: call.body)) }
                return WebAnswer(status: 204, headers: [("X-Body-Bytes", "\(call.body.readableBytes)")])
            },
            metrics: echo("metrics"), healthy: { _ in .text(200, "Lapwing is Healthy.\n") },
            ready: { _ in .text(503, "Lapwing is not ready: loading the checkpoint.\n") },
            buildInfo: echo("buildinfo"), flags: echo("flags"), explain: echo("explain"),
            detect: { call in
                .init(
                    status: 200,
                    body: .stream { stream in
                        if call.body.readableBytes == 0 { stream.setHead(status: 400, headers: [("X-Why", "empty")]) }
                        try await stream.write(Array("detect \(String(buffer: call.body))".utf8))
                    })
            },
            isDraining: isDraining)
    }
}

/// Keeps what it was told, and lets a test wait for it.
final class RecordingObserver: WebObserver {
    struct Record: Sendable {
        var opened = 0
        var closed: [ConnectionEnd: Int] = [:]
        var finished: [FinishedRequest] = []
        var closedCount: Int { closed.values.reduce(0, +) }
    }

    private struct State {
        var record = Record()
        var waiting: [(condition: @Sendable (Record) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var record: Record { state.withLock { $0.record } }

    func connectionOpened() { change { $0.opened += 1 } }
    func connectionClosed(_ reason: ConnectionEnd) { change { $0.closed[reason, default: 0] += 1 } }
    func requestFinished(_ request: FinishedRequest) { change { $0.finished.append(request) } }

    /// Returns when the record is as wanted; the test's time limit bounds it.
    func wait(until condition: @escaping @Sendable (Record) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                if condition(state.record) { return true }
                state.waiting.append((condition, continuation))
                return false
            }
            if isMet { continuation.resume() }
        }
    }

    private func change(_ change: (inout Record) -> Void) {
        let met = state.withLock { state in
            change(&state.record)
            let record = state.record
            let met = state.waiting.filter { $0.condition(record) }.map(\.continuation)
            state.waiting.removeAll { $0.condition(record) }
            return met
        }
        for continuation in met { continuation.resume() }
    }
}
