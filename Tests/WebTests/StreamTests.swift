import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    private static func streaming(
        _ write: @escaping @Sendable (inout AnswerStream) async throws -> Void
    ) -> (inout WebRoutes) -> Void {
        {
            $0.metrics = { _ in WebAnswer(status: 200, headers: [("Content-Type", "text/plain")], body: .stream(write))
            }
        }
    }

    @Test(arguments: [0, 1, 2, 100])
    func `sends a streamed answer whole and keeps the connection`(chunks: Int) async throws {
        let routes = Self.streaming { stream in
            for number in 0..<chunks { try await stream.write(Array("chunk \(number)\n".utf8)) }
        }
        try await serving(routes: routes) { server in
            let client = try await server.connect()
            for _ in 0..<2 {
                try await client.get("/metrics")
                let answer = try await client.answer()
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "text/plain")
                #expect(answer.headers["transfer-encoding"] == "chunked")
                #expect(answer.body == (0..<chunks).map { "chunk \($0)\n" }.joined())
            }
            await client.close()
        }
    }

    @Test func `does not stream to HEAD`() async throws {
        let routes = Self.streaming { _ in Issue.record("a stream was opened for HEAD") }
        try await serving(routes: routes) { server in
            let client = try await server.connect()
            try await client.get("/metrics", method: "HEAD")
            let answer = try await client.answer(toHead: true)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/plain")
            try await client.get("/-/healthy")
            #expect(try await client.answer().body == "Lapwing is Healthy.\n")
            await client.close()
        }
    }

    @Test func `ends a stream to HTTP 1.0 with the connection`() async throws {
        let routes = Self.streaming { try await $0.write(Array("all of it".utf8)) }
        try await serving(routes: routes) { server in
            let client = try await server.connect()
            try await client.send("GET /metrics HTTP/1.0\r\n\r\n")
            let answer = try await client.answer()
            #expect(answer.headers["transfer-encoding"] == nil)
            #expect(answer.body == "all of it")
        }
    }

    @Test func `waits with further requests until the stream is done`() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let routes = Self.streaming { stream in
            try await stream.write(Array("a".utf8))
            for await _ in gate { break }
            try await stream.write(Array("b".utf8))
        }
        try await serving(routes: routes) { server in
            let client = try await server.connect()
            let get = { (path: String) in "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }
            try await client.send(get("/metrics") + get("/-/healthy") + get("/-/ready"))
            try await client.receive(atLeast: 50)
            #expect(server.observer.record.finished.isEmpty)
            opener.yield()
            #expect(try await client.answer().body == "ab")
            #expect(try await client.answer().body == "Lapwing is Healthy.\n")
            #expect(try await client.answer().status == 503)
            await client.close()
            await server.observer.wait { $0.closed == [.peer: 1] }
        }
    }

    @Test func `cuts the connection when a stream fails`() async throws {
        struct Failure: Error {}
        let routes = Self.streaming { stream in
            try await stream.write(Array("half".utf8))
            throw Failure()
        }
        try await serving(routes: routes) { server in
            let client = try await server.connect()
            try await client.get("/metrics")
            try await client.closed()
            await server.observer.wait { $0.closed == [.error: 1] }
            #expect(server.observer.record.finished.isEmpty)
        }
    }

    @Test func `does not write ahead of a peer that does not read, and drops it in the end`() async throws {
        let written = Counter()
        let routes = Self.streaming { stream in
            while true {
                try await stream.write([UInt8](repeating: 65, count: 1 << 20))
                written.add(1)
            }
        }
        try await serving({ $0.idleTimeout = .milliseconds(500) }, routes: routes) { server in
            let client = try await server.connect()
            try await client.setReading(false)
            try await client.get("/metrics")
            await server.observer.wait { $0.closed == [.slow: 1] }
            // What fits into the two socket buffers, and not what a loop writes in half a second.
            #expect(written.count < 64)
            await client.close()
        }
    }

    @Test func `does not answer ahead of a peer that does not read`() async throws {
        let asked = Counter()
        try await serving(
            { $0.idleTimeout = .milliseconds(500) },
            routes: {
                $0.flags = { _ in
                    asked.add(1)
                    return .text(200, String(repeating: "f", count: 1 << 20))
                }
            },
            { server in
                let client = try await server.connect()
                try await client.setReading(false)
                try await client.send(
                    String(repeating: "GET /api/v1/status/flags HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000))
                await server.observer.wait { $0.closedCount == 1 }
                #expect(asked.count > 0 && asked.count < 64)
                await client.close()
            })
    }
}

final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add(_ amount: Int) { value.add(amount, ordering: .relaxed) }
}
