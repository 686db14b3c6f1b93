import Foundation
import NIOCore
import Testing
import Web

@testable import Sidecar

@Suite struct StatusTests {
    private static func data(_ answer: WebAnswer) throws -> [String: String] {
        #expect(answer.status == 200)
        guard case .bytes(let body) = answer.body else { return [:] }
        let json = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
        #expect(json?["status"] as? String == "success")
        return json?["data"] as? [String: String] ?? [:]
    }

    @Test func `says which program this is, with the keys of Prometheus`() throws {
        let data = try Self.data(Status(flags: [:]).buildInfo())
        #expect(data["version"] == Build.version)
        for key in ["version", "revision", "branch", "buildUser", "buildDate"] { #expect(data[key] != nil, "\(key)") }
    }

    @Test func `shows the flags as they were given`() throws {
        let flags = ["web.listen-address": "127.0.0.1:9599", "storage.path": "a \"b\"\\é/c", "rules.path": ""]
        #expect(try Self.data(Status(flags: flags).flagValues()) == flags)
    }

    @Test func `is ready from the start of serving to the beginning of the end`() {
        let lifecycle = Lifecycle()
        #expect(!lifecycle.isReady && !lifecycle.isDraining)
        lifecycle.becomeReady()
        #expect(lifecycle.isReady && !lifecycle.isDraining)
    }
}
