import Foundation
import Testing

/// What the command says and does when it is called.
@Suite(.timeLimit(.minutes(2))) struct CommandTests {
    @Test func `tells its version`() async throws {
        try await Testbed.use { bed in
            let run = try await bed.run("lapwing", LapwingProgram.path(), ["--version"])
            #expect(run.exit == .code(0))
            #expect(run.output.contains(/lapwing, version [0-9]+\.[0-9]+\.[0-9]+/))
        }
    }

    @Test func `lists every flag in its help`() async throws {
        try await Testbed.use { bed in
            let help = try await bed.run("lapwing", LapwingProgram.path(), ["serve", "--help"])
            #expect(help.exit == .code(0))
            let inHelp = Set(help.output.matches(of: /--([a-z]+\.[a-z.-]+)/).map { String($0.1) })
            let lapwing = try await LapwingProgram.serve(in: bed)
            #expect(inHelp == Set(try flags(of: lapwing).keys))
            #expect(inHelp.isSuperset(of: ["web.listen-address", "storage.path", "rules.path", "log.level"]))
        }
    }

    @Test(arguments: [
        ("--web.nonsense", "1"), ("--web.idle-timeout", "5 minutes"), ("--samples.max-age", "-5m"),
        ("--scores.ttl", "0s"), ("--web.listen-address", "nowhere"), ("--web.listen-address", "127.0.0.1:65536"),
        ("--scores.expose", "some"), ("--scores.expose", "top:0"), ("--limit.body-bytes", "32 apples"),
        ("--limit.series", "0"), ("--log.format", "xml"), ("--log.level", "loud"), ("--rules.path", "/nowhere"),
        ("--storage.path", "/dev/null/data"), ("--web.listen-address", "192.0.2.1:0"),
    ])
    func `refuses a flag it cannot take, by name`(flag: String, value: String) async throws {
        try await Testbed.use { bed in
            let run = try await bed.run(
                "lapwing", LapwingProgram.path(), ["serve", "\(flag)=\(value)"],
                environment: [
                    "LAPWING_STORAGE_PATH": "\(bed.folder)/data", "LAPWING_WEB_LISTEN_ADDRESS": "127.0.0.1:0",
                ])
            guard case .code(let code) = run.exit else { throw TestbedError("ended by \(run.exit)") }
            #expect(code != 0)
            #expect(run.output.contains(flag), "\(run.output)")
        }
    }

    @Test func `takes flags from the environment, and the command line wins`() async throws {
        try await Testbed.use { bed in
            let lapwing = try await LapwingProgram.serve(
                in: bed, ["--limit.labels=7", "--scores.expose", "top:5"],
                environment: [
                    "LAPWING_LIMIT_SERIES": "123", "LAPWING_LIMIT_LABELS": "9", "LAPWING_SCORES_EXPOSE": "anomalous",
                    "LAPWING_SAMPLES_MAX_AGE": "2d",
                ])
            let flags = try flags(of: lapwing)
            #expect(flags["limit.series"] == "123")
            #expect(flags["limit.labels"] == "7")
            #expect(flags["scores.expose"] == "top:5")
            #expect(flags["samples.max-age"] == "2d")
        }
    }

    @Test func `refuses a bad flag from the environment, by name`() async throws {
        try await Testbed.use { bed in
            let run = try await bed.run(
                "lapwing", LapwingProgram.path(), ["serve", "--storage.path=\(bed.folder)/data"],
                environment: ["LAPWING_LIMIT_SERIES": "many"])
            #expect(run.exit != .code(0))
            #expect(run.output.contains("--limit.series"), "\(run.output)")
        }
    }

    @Test func `refuses a storage folder that another process uses`() async throws {
        try await Testbed.use { bed in
            let first = try await LapwingProgram.serve(in: bed)
            let second = try await bed.run(
                "second", LapwingProgram.path(),
                ["serve", "--web.listen-address=127.0.0.1:0", "--storage.path=\(bed.folder)/lapwing"])
            #expect(second.exit != .code(0))
            #expect(second.output.contains("--storage.path"), "\(second.output)")
            #expect(second.output.contains("in use"), "\(second.output)")
            #expect(try first.get("/-/healthy").status == 200)

            // The folder is free again when its process has ended, however that was.
            first.program.end()
            #expect(try await LapwingProgram.serve(in: bed).get("/-/healthy").status == 200)
        }
    }

    @Test func `refuses an address that another process uses`() async throws {
        try await Testbed.use { bed in
            let first = try await LapwingProgram.serve(in: bed)
            let second = try await bed.run(
                "second", LapwingProgram.path(),
                ["serve", "--web.listen-address=127.0.0.1:\(first.port)", "--storage.path=\(bed.folder)/second"])
            #expect(second.exit != .code(0))
            #expect(second.output.contains("--web.listen-address"), "\(second.output)")
            #expect(second.output.contains("in use"), "\(second.output)")
        }
    }

    private func flags(of lapwing: LapwingProgram) throws -> [String: String] {
        struct Envelope: Decodable { let data: [String: String] }
        return try JSONDecoder().decode(Envelope.self, from: Data(try lapwing.get("/api/v1/status/flags").body)).data
    }
}
