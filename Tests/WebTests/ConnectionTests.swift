import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    @Test(arguments: [true, false])
    func `cuts off a body that comes too slowly with 408`(drips: Bool) async throws {
        try await serving {
            $0.bodyTimeout = .milliseconds(200)
        } _: { server in
            let client = try await server.connect()
            try await client.send("POST /api/v1/write HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n12345")
            try await withThrowingTaskGroup(of: Void.self) { group in
                if drips {
                    group.addTask {
                        while !Task.isCancelled {
                            try? await client.send("x")
                            try? await Task.sleep(for: .milliseconds(20))
                        }
                    }
                }
                let answer = try await client.answer()
                #expect(answer.status == 408)
                #expect(answer.headers["connection"] == "close")
                await server.observer.wait { $0.closed == [.slow: 1] }
                group.cancelAll()
            }
            #expect(server.observer.record.finished.map(\.status) == [408])
        }
    }

    @Test(arguments: [true, false])
    func `cuts off a header that comes too slowly with 408`(isFirst: Bool) async throws {
        try await serving {
            $0.headerTimeout = .seconds(1)
        } _: { server in
            let client = try await server.connect()
            if !isFirst {
                try await client.get("/-/healthy")
                _ = try await client.answer()
            }
            try await client.send("POST /api/v1/write HT")
            #expect(try await client.answer().status == 408)
            await server.observer.wait { $0.closed == [.slow: 1] }
        }
    }

    @Test func `keeps a connection between requests longer than a header may take`() async throws {
        try await serving {
            $0.headerTimeout = .seconds(1)
        } _: { server in
            let resting = try await server.connect()
            try await resting.get("/-/healthy")
            _ = try await resting.answer()
            // When the silent connection, opened later, has been closed, the resting one has rested long enough.
            let silent = try await server.connect()
            try await silent.closed()
            try await resting.get("/-/healthy")
            #expect(try await resting.answer().status == 200)
            await resting.close()
        }
    }

    @Test func `closes a connection that never says anything`() async throws {
        try await serving {
            $0.headerTimeout = .milliseconds(200)
        } _: { server in
            let client = try await server.connect()
            try await client.closed()
            await server.observer.wait { $0.closed == [.idle: 1] }
            #expect(server.observer.record.opened == 1)
        }
    }

    @Test func `closes a connection that rests too long after a request`() async throws {
        try await serving {
            $0.idleTimeout = .milliseconds(200)
        } _: { server in
            let client = try await server.connect()
            try await client.get("/-/healthy")
            #expect(try await client.answer().status == 200)
            try await client.closed()
            await server.observer.wait { $0.closed == [.idle: 1] }
        }
    }

    @Test func `makes room by closing those that never asked before those that rest`() async throws {
        try await serving {
            $0.connectionLimit = 3
        } _: { server in
            let sender = try await server.connect()
            try await sender.get("/-/healthy")
            _ = try await sender.answer()
            var silent: [RawClient] = []
            for _ in 0..<10 {
                silent.append(try await server.connect())
                let count = silent.count
                await server.observer.wait { $0.opened == count + 1 }
            }
            for client in silent.prefix(8) { try await client.closed() }
            await server.observer.wait { $0.closed == [.limit: 8] }
            try await sender.get("/-/healthy")
            #expect(try await sender.answer().status == 200)
        }
    }

    @Test func `turns a newcomer away when all are busy`() async throws {
        try await serving {
            $0.connectionLimit = 2
        } _: { server in
            var busy: [RawClient] = []
            for _ in 0..<2 {
                let client = try await server.connect()
                try await client.send(
                    "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
                #expect(try await client.answer().status == 100)
                busy.append(client)
            }
            let newcomer = try await server.connect()
            try await newcomer.closed()
            await server.observer.wait { $0.closed == [.limit: 1] }
            for client in busy {
                try await client.send("x")
                #expect(try await client.answer().status == 204)
            }
        }
    }

    @Test func `sends newcomers away while draining and finishes what has begun`() async throws {
        try await serving { server in
            let begun = try await server.connect()
            try await begun.send(
                "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nX-Echo: 1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
            )
            #expect(try await begun.answer().status == 100)
            let resting = try await server.connect()
            try await resting.get("/metrics")
            #expect(try await resting.answer().status == 200)
            server.draining.turnOn()
            for path in ["/metrics", "/-/ready", "/", "/nothing"] {
                let answer = try await server.get(path)
                #expect(answer.status == 503)
                #expect(answer.headers["retry-after"] == "5")
                #expect(answer.headers["connection"] == "close")
            }
            #expect(try await server.get("/-/healthy").status == 200)
            try await resting.post("/api/v1/write", "late")
            #expect(try await resting.answer().status == 503)
            try await resting.closed()
            try await begun.send("body")
            #expect(try await begun.answer().body == "body")
            await begun.close()
        }
    }

    @Test func `stops gracefully when what has begun is answered`() async throws {
        let configuration = WebConfiguration()
        let observer = RecordingObserver()
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let web = WebServer(
            configuration: configuration, routes: .echoing(isDraining: { false }), observer: observer, logger: .silent
        ) { continuation.yield($0) }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: ClosureService { try await web.run() })], logger: .silent))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let begun = try await RawClient.connect(port: port)
            try await begun.send(
                "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nX-Echo: 1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
            )
            #expect(try await begun.answer().status == 100)
            let resting = try await RawClient.connect(port: port)
            try await resting.get("/-/healthy")
            _ = try await resting.answer()
            await group.triggerGracefulShutdown()
            try await resting.closed()
            await observer.wait { $0.closed == [.draining: 1] }
            try await begun.send("body")
            let answer = try await begun.answer()
            #expect(answer.body == "body")
            #expect(answer.headers["connection"] == "close")
            try await tasks.waitForAll()
            #expect(observer.record.closed == [.draining: 2])
        }
    }

    @Test func `closes a connection that the stopping server accepted and never came to`() async throws {
        let door = Door(
            configuration: WebConfiguration(), routes: .echoing(isDraining: { true }), observer: RecordingObserver())
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(listener.localAddress)
        // The server drops what it has accepted when it stops: here the value is dropped as soon as it is made.
        let closed = listener.eventLoop.makePromise(of: Void.self)
        _ = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.closeFuture.cascade(to: closed)
                return ConnectionChannel(door: door).setup(channel: channel, logger: .silent).map { _ in }
            }
        try await closed.futureResult.get()
        try await listener.close()
    }
}

/// A service made of a closure.
private struct ClosureService: Service {
    let body: @Sendable () async throws -> Void
    func run() async throws { try await body() }
}
