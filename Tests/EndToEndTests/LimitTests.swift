import Foundation
import TestSupport
import Testing

/// What a sender can do to the process: its memory stays, each attempt is counted, proper senders are served meanwhile.
@Suite(.timeLimit(.minutes(3))) struct LimitTests {
    /// How much resident memory may rise, at its peak.
    private static let allowance = 64 << 20

    @Test func `is not impressed by bodies that declare four gigabytes`() async throws {
        try await withSteadyMemory { lapwing in
            for (body, isZstd) in [
                (Snappy.block(declaring: 4 << 30, [0]), false), (Snappy.block(declaring: (4 << 30) - 1, [0]), false),
                (Zstd.frame(declaring: 4 << 30, [0]), true), (Zstd.frame(declaring: UInt64.max - 2, [0]), true),
            ] {
                #expect(try lapwing.post(body, zstd: isZstd).status == 400)
            }
            let metrics = try lapwing.selfMetrics()
            #expect(metrics.sum("lapwing_rejected_bodies_total") == 4)
            // Snappy's own length ends below four gigabytes: the first is no snappy at all.
            #expect(metrics.sum("lapwing_rejected_bodies_total", ["reason": "too_large"]) == 3)
        }
    }

    @Test func `refuses a body by its declared length before it comes`() async throws {
        try await withSteadyMemory { lapwing in
            let connection = try Connection(to: lapwing.port)
            try connection.sendHead(
                "POST", "/api/v1/write", headers: ["Content-Encoding": "snappy", "Content-Length": "\(4 << 30)"])
            #expect(try connection.answer().status == 400)
            let refused = ["handler": "/api/v1/write", "code": "400"]
            #expect(try lapwing.selfMetrics().sum("lapwing_http_requests_total", refused) == 1)
        }
    }

    @Test func `is not blown up by a zstd bomb`() async throws {
        try await withSteadyMemory { lapwing in
            let bomb = Self.bomb(bytes: 4 << 30)
            #expect(bomb.count < 256 << 10)
            for _ in 0..<8 { #expect(try lapwing.post(bomb, zstd: true).status == 400) }
            let metrics = try lapwing.selfMetrics()
            #expect(metrics.sum("lapwing_rejected_bodies_total", ["reason": "too_large"]) == 8)
        }
    }

    @Test func `hangs up on a body that drips`() async throws {
        try await withSteadyMemory(["--web.read-timeout=3s"]) { lapwing in
            let dripping = try (0..<20).map { _ in try Connection(to: lapwing.port) }
            for connection in dripping {
                try connection.sendHead(
                    "POST", "/api/v1/write", headers: ["Content-Encoding": "snappy", "Content-Length": "1000000"])
            }
            let slow = ["reason": "slow"]
            try await eventually("dripping connections are closed", within: .seconds(30)) {
                for connection in dripping { try? connection.send([0]) }
                return try lapwing.selfMetrics().sum("lapwing_http_connections_closed_total", slow) == 20
            }
            #expect(try lapwing.selfMetrics().sum("lapwing_http_requests_total", ["code": "408"]) == 20)
        }
    }

    @Test func `bears a thousand idle connections`() async throws {
        try allowOpenFiles(2_500)
        try await withSteadyMemory(["--web.max-connections=2000"]) { lapwing in
            let idle = try (0..<1_000).map { _ in try Connection(to: lapwing.port) }
            // Opened, not open: on a busy machine the first may have been closed for their silence before the last came.
            try await eventually("they are all counted", within: .seconds(30)) {
                try lapwing.selfMetrics().sum("lapwing_http_connections_opened_total") >= 1_000
            }
            #expect(try lapwing.postSample("meanwhile").status == 204)
            idle.forEach { $0.shutDown() }
            try await eventually("they are all gone", within: .seconds(30)) {
                try lapwing.selfMetrics().sum("lapwing_http_connections") < 10
            }
        }
    }

    @Test func `lets no more connections in than it may`() async throws {
        try allowOpenFiles(2_500)
        try await withSteadyMemory { lapwing in
            let idle = try (0..<1_000).map { _ in try Connection(to: lapwing.port) }
            let limit = ["reason": "limit"]
            try await eventually("those beyond the limit have made room", within: .seconds(30)) {
                try lapwing.selfMetrics().sum("lapwing_http_connections_closed_total", limit) >= 488
            }
            #expect(try lapwing.selfMetrics().sum("lapwing_http_connections") <= 512)
            #expect(try lapwing.postSample("meanwhile").status == 204)
            idle.forEach { $0.shutDown() }
        }
    }

    @Test func `counts series beyond their limit and goes on with those it knows`() async throws {
        try await withSteadyMemory(["--limit.series=2"]) { lapwing in
            // One is known from before.
            for name in ["second", "third", "fourth", "second"] { #expect(try lapwing.postSample(name).status == 204) }
            let metrics = try lapwing.selfMetrics()
            #expect(metrics.sum("lapwing_series") == 2)
            #expect(metrics.sum("lapwing_series_refused_total", ["reason": "series_limit"]) == 2)
            #expect(metrics.sum("lapwing_samples_total", ["outcome": "learned"]) >= 2)
        }
    }

    /// Lets `attack` loose on a running program; checks that its memory stays, and that it serves a proper sender afterwards.
    private func withSteadyMemory(_ flags: [String] = [], _ attack: (LapwingProgram) async throws -> Void) async throws
    {
        try await Testbed.use { bed in
            let lapwing = try await LapwingProgram.serve(in: bed, flags)
            #expect(try lapwing.postSample("proper").status == 204)
            _ = try lapwing.metrics()
            let before = try lapwing.program.residentBytes().now
            try await attack(lapwing)
            let peak = try lapwing.program.residentBytes().peak
            #expect(peak - before <= Self.allowance, "resident memory rose by \((peak - before) >> 20) MiB")
            #expect(try lapwing.postSample("proper").status == 204)
            #expect(lapwing.program.isRunning)
        }
    }

    /// A frame of zstd in which each four bytes stand for 128 KiB of the same byte, and that does not say how much that is.
    private static func bomb(bytes: Int) -> [UInt8] {
        let blockBytes = 128 << 10
        // No content size, a window of 128 KiB (RFC 8878, section 3.1.1.1), then run-length blocks (section 3.1.1.2).
        var frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3]
        let count = bytes / blockBytes
        for i in 0..<count {
            let head = blockBytes << 3 | 1 << 1 | (i == count - 1 ? 1 : 0)
            frame += [UInt8(head & 0xff), UInt8(head >> 8 & 0xff), UInt8(head >> 16), 0]
        }
        return frame
    }

    /// Raises the number of files that this process, and with it its programs, may have open.
    private func allowOpenFiles(_ count: Int) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur >= count { return }
        guard limit.rlim_max >= count else {
            throw TestbedError("ulimit -Hn is \(limit.rlim_max), wanted are \(count)")
        }
        limit.rlim_cur = rlim_t(count)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
