import NIOCore
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(1))) struct EndpointTests {
    @Test func `answers the probes with their owner's words`() async throws {
        try await serving { server in
            let healthy = try await server.get("/-/healthy")
            #expect(healthy.status == 200)
            #expect(healthy.body == "Lapwing is Healthy.\n")
            #expect(healthy.headers["content-type"] == "text/plain; charset=utf-8")
            let ready = try await server.get("/-/ready")
            #expect(ready.status == 503)
            #expect(ready.body == "Lapwing is not ready: loading the checkpoint.\n")
        }
    }

    @Test(arguments: [
        ("/metrics", "metrics"), ("/api/v1/status/buildinfo", "buildinfo"), ("/api/v1/status/flags", "flags"),
        ("/api/v1/explain", "explain"),
    ])
    func `hands query and headers on to the route`(path: String, name: String) async throws {
        try await serving { server in
            let answer = try await server.get(
                "\(path)?match[]=a&match%5B%5D=b+c&self=only", headers: "Accept: text/plain\r\n")
            #expect(answer.status == 200)
            #expect(answer.body == "\(name) GET [match[]=a][match[]=b c][self=only] text/plain\n")
        }
    }

    @Test func `hands the body of a detection to its route, which may still change the status`() async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.post("/api/v1/detect", "{}")
            let answer = try await client.answer()
            #expect(answer.status == 200)
            #expect(answer.body == "detect {}")
            try await client.post("/api/v1/detect", "")
            let refusal = try await client.answer()
            #expect(refusal.status == 400)
            #expect(refusal.headers["x-why"] == "empty")
            #expect(refusal.body == "detect ")
            #expect(try await server.get("/api/v1/detect").status == 405)
            await server.observer.wait { $0.finished.count == 3 }
            #expect(server.observer.record.finished.map(\.status).sorted() == [200, 400, 405])
        }
    }

    @Test func `lists the endpoints on a page`() async throws {
        try await serving { server in
            let page = try await server.get("/")
            #expect(page.status == 200)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            for path in ["/api/v1/write", "/metrics", "/-/ready", "/-/healthy", "/api/v1/explain"] {
                #expect(page.body.contains(path))
            }
        }
    }

    @Test(arguments: ["/nothing", "/metrics/", "/api/v1/writes", "/prometheus/api/v1/read", "//metrics"])
    func `has nothing on other paths`(path: String) async throws {
        try await serving { server in
            let answer = try await server.get(path)
            #expect(answer.status == 404)
        }
    }

    @Test func `points senders of OTLP to remote write, before they have sent the body`() async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.send("POST /api/v1/otlp/v1/metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            let answer = try await client.answer()
            #expect(answer.status == 404)
            #expect(answer.body.contains("/api/v1/write"))
            #expect(answer.headers["connection"] == "close")
            try await client.closed()
        }
    }

    @Test(arguments: ["/metrics", "/-/healthy", "/-/ready", "/api/v1/status/flags", "/api/v1/explain", "/"])
    func `refuses other methods and says which are allowed`(path: String) async throws {
        try await serving { server in
            for method in ["POST", "PUT", "DELETE", "PROPFIND"] {
                let answer = try await server.get(path, method: method)
                #expect(answer.status == 405)
                #expect(answer.headers["allow"] == "GET, HEAD")
            }
        }
    }

    @Test(arguments: ["/api/v1/write", "/api/v1/push", "/prometheus/api/v1/write", "/prometheus/api/v1/push"])
    func `takes writes by POST only`(path: String) async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.post(path, "12345")
            let written = try await client.answer()
            #expect(written.status == 204)
            #expect(written.headers["x-body-bytes"] == "5")
            #expect(written.headers["content-length"] == nil)
            for method in ["GET", "HEAD", "PUT"] {
                try await client.get(path, method: method)
                let refused = try await client.answer(toHead: method == "HEAD")
                #expect(refused.status == 405)
                #expect(refused.headers["allow"] == "POST")
            }
            await client.close()
        }
    }

    @Test(arguments: ["GET", "POST"])
    func `answers the handshake of an old vmagent`(method: String) async throws {
        try await serving { server in
            let answer = try await server.get(
                "/api/v1/write?get_vm_proto_version=2", method: method, headers: "Content-Length: 0\r\n")
            #expect(answer.status == 200)
            #expect(answer.body == "1")
        }
    }

    @Test func `answers HEAD with the length and no body`() async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.get("/-/healthy", method: "HEAD")
            let answer = try await client.answer(toHead: true)
            #expect(answer.status == 200)
            #expect(answer.headers["content-length"] == "20")
            try await client.get("/-/healthy")
            #expect(try await client.answer().body == "Lapwing is Healthy.\n")
            await client.close()
        }
    }

    @Test func `names itself only when told to`() async throws {
        try await serving { server in
            let answer = try await server.get("/-/healthy")
            #expect(answer.headers["server"] == nil)
        }
        try await serving {
            $0.serverName = "Lapwing/1.2.3"
        } _: { server in
            let answer = try await server.get("/-/healthy")
            #expect(answer.headers["server"] == "Lapwing/1.2.3")
        }
    }

    @Test func `reports what was asked, with few words for the unknown`() async throws {
        try await serving { server in
            let client = try await server.connect()
            try await client.post("/prometheus/api/v1/push?a=b", "123")
            _ = try await client.answer()
            try await client.get("/secret/path", method: "PROPFIND")
            _ = try await client.answer()
            await client.close()
            await server.observer.wait { $0.closedCount == 1 && $0.finished.count == 2 }
            let finished = server.observer.record.finished
            #expect(finished.map(\.handler) == ["/api/v1/push", "other"])
            #expect(finished.map(\.method) == ["POST", "other"])
            #expect(finished.map(\.status) == [204, 404])
            #expect(finished.map(\.bodyBytes) == [3, 0])
            #expect(finished.allSatisfy { $0.duration > .zero && $0.duration < .seconds(20) })
            #expect(server.observer.record.closed == [.peer: 1])
        }
    }
}
