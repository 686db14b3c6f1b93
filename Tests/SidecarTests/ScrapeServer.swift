import Foundation
import Logging
import Scoring
import Synchronization
import TimeSeries
import Web

@testable import Sidecar

/// A pipeline's `/metrics` behind a real connection: answers are streams, which need one.
struct ScrapeServer: Sendable {
    let port: Int
    private let clock: Clock

    /// The time that scrapes are made at.
    final class Clock: Sendable {
        private let time = Mutex(present)
        var now: Timestamp { time.withLock { $0 } }
        func set(_ now: Timestamp) { time.withLock { $0 = now } }
    }

    /// Serves a line for the time of the closure.
    static func serving(_ line: Line, _ body: (ScrapeServer) async throws -> Void) async throws {
        let scrape = Scrape(pipeline: line.pipeline, settings: line.settings)
        let detect = DetectRoute(base: line.settings.detection.policies[0])
        let clock = Clock()
        let nothing: WebRoutes.Route = { _ in .text(404, "not in this test\n") }
        let routes = WebRoutes(
            write: nothing, metrics: { scrape.answer($0, now: clock.now) }, healthy: nothing, ready: nothing,
            buildInfo: nothing, flags: nothing, explain: nothing, detect: { detect.answer($0) },
            isDraining: { false })
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = WebServer(
            configuration: WebConfiguration(), routes: routes, observer: line.metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { port in
            continuation.yield(port)
            continuation.finish()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            for await port in ports { try await body(ScrapeServer(port: port, clock: clock)) }
            group.cancelAll()
        }
    }

    /// Scrapes as a client of its own would, `query` with its question mark.
    func scrape(
        _ query: String = "", headers: [String: String] = [:], at now: Timestamp = present
    ) async throws -> Scraped {
        clock.set(now)
        let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
        let request = "GET /metrics\(query) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(lines)\r\n"
        return try Scraped(try await exchange(Array(request.utf8)))
    }

    /// Posts a body to `/api/v1/detect`.
    func detect(_ body: String) async throws -> Scraped {
        let head = "POST /api/v1/detect HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        let request = head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        return try Scraped(try await exchange(Array(request.utf8)))
    }

    /// Sends bytes and reads to the end, on a thread that may wait.
    private func exchange(_ request: [UInt8]) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread { [port] in continuation.resume(with: Result { try Self.exchange(request, port: port) }) }.start()
        }
    }

    private static func exchange(_ request: [UInt8], port: Int) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, send(descriptor, request, request.count, 0) == request.count else {
            throw Failure(errno: errno)
        }
        var received: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count == 0 { return received }
            guard count > 0 else { throw Failure(errno: errno) }
            received += piece[..<count]
        }
    }

    struct Failure: Error {
        let errno: Int32
    }
}

/// An answer to a scrape, taken apart.
struct Scraped: Sendable {
    let status: Int
    let headers: [String: String]
    let bytes: [UInt8]

    struct NotHTTP: Error {}

    init(_ answer: [UInt8]) throws {
        guard let blank = answer.firstRange(of: Array("\r\n\r\n".utf8)) else { throw NotHTTP() }
        let lines = String(decoding: answer[..<blank.lowerBound], as: UTF8.self).split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1)
            headers[sides[0].lowercased()] = String(sides[1].drop { $0 == " " })
        }
        self.headers = headers
        var rest = answer[blank.upperBound...]
        guard headers["transfer-encoding"] == "chunked" else {
            bytes = Array(rest)
            return
        }
        var body: [UInt8] = []
        while true {
            guard let line = rest.firstRange(of: Array("\r\n".utf8)),
                let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16),
                rest.endIndex - line.upperBound >= size + 2
            else { throw NotHTTP() }
            if size == 0 { break }
            body += rest[line.upperBound..<line.upperBound + size]
            rest = rest[(line.upperBound + size + 2)...]
        }
        bytes = body
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var lines: [Substring] { text.split(separator: "\n") }
    /// The lines of scores, comments left out.
    var scores: [Substring] { lines.filter { $0.hasPrefix("anomaly_") } }
}

/// What a command makes of its input, and how it ends.
func filter(_ command: String, _ arguments: [String], _ input: [UInt8]) throws -> (status: Int32, output: [UInt8]) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lapwing-\(UUID().uuidString)")
    try Data(input).write(to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command)
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: folder)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let read = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, Array(read))
}
