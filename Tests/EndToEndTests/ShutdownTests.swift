import Foundation
import Testing

/// The orderly end: what has begun is finished, what is new is sent away.
@Suite(.timeLimit(.minutes(2))) struct ShutdownTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func `answers the request in flight and sends new ones away`(signal: Int32) async throws {
        try await Testbed.use { bed in
            let lapwing = try await LapwingProgram.serve(in: bed)
            let body = LapwingProgram.sampleBody("slow_metric")
            let slow = try beginPost(of: body, to: lapwing)
            let kept = try Connection(to: lapwing.port)
            try kept.sendHead("GET", "/-/ready")
            #expect(try kept.answer().status == 200)

            lapwing.program.send(signal: signal)
            // In one go: the door stays open for a second, and a pause could last longer on a busy machine.
            var refused = try lapwing.postSample("late_metric")
            while refused.status == 204 { refused = try lapwing.postSample("late_metric") }
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"].flatMap { Int($0) } ?? 0 > 0)
            #expect(lapwing.program.isRunning)
            try await eventually("new connections are refused", within: .seconds(5)) {
                (try? Connection(to: lapwing.port)) == nil
            }

            try slow.send(Array(body[(body.count / 2)...]))
            #expect(try slow.answer().status == 204)
            #expect(try await lapwing.program.exit(within: .seconds(5)) == .code(0))
        }
    }

    @Test func `ends at once when nothing is in flight`() async throws {
        try await Testbed.use { bed in
            let lapwing = try await LapwingProgram.serve(in: bed)
            let idle = try Connection(to: lapwing.port)
            lapwing.program.send(signal: SIGTERM)
            #expect(try await lapwing.program.exit(within: .seconds(5)) == .code(0))
            #expect(try idle.receive() == [])
        }
    }

    @Test func `does not wait for ever for a request that never comes whole`() async throws {
        try await Testbed.use { bed in
            let lapwing = try await LapwingProgram.serve(in: bed, ["--web.read-timeout=3s"])
            let stuck = try beginPost(of: LapwingProgram.sampleBody("stuck_metric"), to: lapwing)
            lapwing.program.send(signal: SIGTERM)
            #expect(try await lapwing.program.exit(within: .seconds(15)) == .code(0))
            #expect(try stuck.answer().status == 408)
        }
    }

    @Test func `does not hang on a second signal`() async throws {
        try await Testbed.use { bed in
            let lapwing = try await LapwingProgram.serve(in: bed)
            let body = LapwingProgram.sampleBody("slow_metric")
            let slow = try beginPost(of: body, to: lapwing)
            lapwing.program.send(signal: SIGTERM)
            try await eventually("the first signal is heard", within: .seconds(5)) {
                lapwing.program.output.contains("Stopping")
            }
            lapwing.program.send(signal: SIGTERM)
            lapwing.program.send(signal: SIGINT)
            try? slow.send(Array(body[(body.count / 2)...]))
            #expect(try await lapwing.program.exit(within: .seconds(10)) == .code(0))
        }
    }

    /// Sends the head and half of the body, once the head is known to have been read.
    private func beginPost(of body: [UInt8], to lapwing: LapwingProgram) throws -> Connection {
        let connection = try Connection(to: lapwing.port)
        try connection.sendHead(
            "POST", "/api/v1/write",
            headers: ["Content-Encoding": "snappy", "Content-Length": "\(body.count)", "Expect": "100-continue"])
        #expect(try connection.answer().status == 100)
        try connection.send(Array(body[..<(body.count / 2)]))
        return connection
    }
}
