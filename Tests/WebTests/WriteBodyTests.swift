import NIOCore
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(1))) struct WriteBodyTests {
    @Test func `serves requests one after another on one connection`() async throws {
        try await serving { server in
            let client = try await server.connect()
            for body in ["", "one", "two, longer"] {
                try await client.post("/api/v1/write", body, headers: "X-Echo: 1\r\n")
                let answer = try await client.answer()
                #expect(answer.status == 200)
                #expect(answer.body == body)
                #expect(answer.headers["connection"] == nil)
            }
            await client.close()
            await server.observer.wait { $0.closedCount == 1 }
            #expect(server.observer.record.opened == 1)
        }
    }

    @Test func `answers pipelined writes in their order`() async throws {
        try await serving { server in
            let client = try await server.connect()
            let request = { (body: String) in
                "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nX-Echo: 1\r\nContent-Length: \(body.count)\r\n\r\n\(body)"
            }
            try await client.send((0..<200).map { request("body \($0)") }.joined())
            for number in 0..<200 { #expect(try await client.answer().body == "body \(number)") }
            await client.close()
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13, 100])
    func `puts a body together however it is cut`(pieceBytes: Int) async throws {
        try await serving { server in
            let client = try await server.connect()
            let body = String((0..<60).map { Character(UnicodeScalar(UInt8(65 + $0 % 26))) })
            let request = "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nX-Echo: 1\r\nContent-Length: 60\r\n\r\n\(body)"
            var rest = request[...]
            while !rest.isEmpty {
                try await client.send(String(rest.prefix(pieceBytes)))
                rest = rest.dropFirst(pieceBytes)
            }
            #expect(try await client.answer().body == body)
            await client.close()
        }
    }

    @Test(arguments: [1 << 10, 300 << 10, 3 << 20])
    func `takes large bodies whole`(size: Int) async throws {
        try await serving { server in
            let client = try await server.connect()
            let body = String(repeating: "0123456789abcdef", count: size / 16)
            try await client.post("/api/v1/write", body, headers: "X-Echo: 1\r\n")
            #expect(try await client.answer().body == body)
            await client.close()
        }
    }

    @Test func `takes a chunked body`() async throws {
        try await serving { server in
            let client = try await server.connect()
            let head = "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nX-Echo: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            try await client.send(head + "5\r\nhello\r\n")
            try await client.send("7\r\n, world\r\n0\r\n\r\n")
            #expect(try await client.answer().body == "hello, world")
            try await client.post("/api/v1/write", "again", headers: "X-Echo: 1\r\n")
            #expect(try await client.answer().body == "again")
            await client.close()
        }
    }

    @Test func `invites the body of a sender that asks first`() async throws {
        try await serving { server in
            let client = try await server.connect()
            let head =
                "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nX-Echo: 1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
            try await client.send(head)
            #expect(try await client.answer().status == 100)
            try await client.send("body")
            #expect(try await client.answer().body == "body")
            await client.close()
        }
    }

    @Test(arguments: ["11", "99999999999999999999"], ["", "Expect: 100-continue\r\n"])
    func `refuses a body that is declared too large with 400, before it is sent`(
        declared: String, expect: String
    ) async throws {
        try await serving {
            $0.bodyLimitBytes = 10
        } _: { server in
            let client = try await server.connect()
            try await client.send(
                "POST /api/v1/write HTTP/1.1\r\nHost: a\r\n\(expect)Content-Length: \(declared)\r\n\r\n")
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer.headers["connection"] == "close")
            try await client.closed()
            await server.observer.wait { $0.closed == [.error: 1] }
        }
    }

    @Test func `lets a sender read the 400 although it goes on sending`() async throws {
        try await serving {
            $0.bodyLimitBytes = 1 << 20
        } _: { server in
            let client = try await server.connect()
            // The server's end of sending may cut this short, and then says nothing of the answer.
            try? await client.post("/api/v1/write", String(repeating: "x", count: 4 << 20))
            let answer = try await client.answer()
            #expect(answer.status == 400)
            #expect(answer.body.contains("4194304") && answer.body.contains("1048576"))
            try await client.closed()
        }
    }

    @Test func `takes a body at the limit and refuses a chunked one past it with 400`() async throws {
        try await serving {
            $0.bodyLimitBytes = 10
        } _: { server in
            let client = try await server.connect()
            try await client.post("/api/v1/write", "0123456789")
            #expect(try await client.answer().status == 204)
            try await client.send("POST /api/v1/write HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await client.send("6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n")
            #expect(try await client.answer().status == 400)
            try await client.closed()
        }
    }

    @Test func `asks to come again when too many bytes are held, and forgets them with their connection`() async throws
    {
        try await serving {
            $0.bodyLimitBytes = 100
            $0.inFlightLimitBytes = 100
        } _: { server in
            let first = try await server.connect()
            try await first.send(
                "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 90\r\n\r\n")
            #expect(try await first.answer().status == 100)
            // The first connection's bytes are known to be held once it is told so by the refusal of the second.
            try await first.send(String(repeating: "x", count: 80))
            var second = try await server.connect()
            var status = 204
            while status == 204 {
                try await second.post("/api/v1/write", String(repeating: "y", count: 30))
                let answer = try await second.answer()
                status = answer.status
                if status == 503 { #expect(answer.headers["retry-after"] == "5") }
            }
            #expect(status == 503)
            try await second.closed()
            await first.close()
            await server.observer.wait { $0.closedCount == 2 }
            second = try await server.connect()
            try await second.post("/api/v1/write", String(repeating: "y", count: 100))
            #expect(try await second.answer().status == 204)
            await second.close()
        }
    }

    @Test func `counts bytes as held only until their request is answered`() async throws {
        try await serving {
            $0.inFlightLimitBytes = 100
        } _: { server in
            let client = try await server.connect()
            for _ in 0..<10 {
                try await client.post("/api/v1/write", String(repeating: "x", count: 100))
                #expect(try await client.answer().status == 204)
            }
            await client.close()
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "POST /api/v1/write HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /api/v1/write HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /api/v1/write HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
    ])
    func `answers what is not HTTP with 400 and closes`(text: String) async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.send(text)
            #expect(try await client.answer().status == 400)
            try await client.closed()
            await server.observer.wait { $0.closed == [.error: 1] }
        }
    }

    @Test func `refuses a header past its limit`() async throws {
        try await serving {
            $0.headerLimitBytes = 1000
        } _: { server in
            let client = try await server.connect()
            try await client.get("/-/healthy", headers: "X-Long: \(String(repeating: "x", count: 2000))\r\n")
            #expect(try await client.answer().status == 431)
            try await client.closed()
        }
    }

    @Test func `closes after HTTP 1.0 and when asked to`() async throws {
        try await serving { server in
            for request in [
                "GET /-/healthy HTTP/1.0\r\n\r\n", "GET /-/healthy HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            ] {
                let client = try await server.connect()
                try await client.send(request)
                let answer = try await client.answer()
                #expect(answer.status == 200)
                #expect(answer.headers["connection"] == "close")
                try await client.closed()
            }
            await server.observer.wait { $0.closed == [.peer: 2] }
        }
    }

    @Test func `answers a peer that has closed its side after the request`() async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.post("/api/v1/write", "body", headers: "X-Echo: 1\r\n")
            try await client.closeOutput()
            #expect(try await client.answer().body == "body")
            try await client.closed()
        }
    }

    @Test func `forgets a request that is cut off`() async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.send("POST /api/v1/write HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
            await client.close()
            await server.observer.wait { $0.closed == [.peer: 1] }
            #expect(server.observer.record.finished.isEmpty)
        }
    }
}
