import Foundation
import TestSupport

/// The built program, at work.
struct LapwingProgram {
    let program: RunningProgram
    let port: Int

    /// Where it is: beside the tests, or where `LAPWING_BINARY` says.
    static func path() throws -> String {
        if let path = ProcessInfo.processInfo.environment["LAPWING_BINARY"] { return path }
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/lapwing"
        guard access(path, X_OK) == 0 else {
            throw TestbedError("\(path) is not there: build it, or name it in LAPWING_BINARY")
        }
        return path
    }

    /// Starts `lapwing serve` on a port that the system chooses, and waits until it is ready.
    static func serve(in bed: Testbed, _ flags: [String] = [], environment: [String: String] = [:]) async throws -> Self
    {
        let program = try bed.start(
            "lapwing", try path(),
            ["serve", "--web.listen-address=127.0.0.1:0", "--storage.path=\(bed.folder)/lapwing"] + flags,
            environment: environment)
        let port = try await eventually("lapwing says where it listens", every: .milliseconds(20)) {
            if !program.isRunning { throw TestbedError("lapwing ended at once: \(program.output)") }
            return listeningPort(in: program.output)
        }
        let lapwing = LapwingProgram(program: program, port: port)
        try await eventually("lapwing is ready") { try lapwing.get("/-/ready").status == 200 }
        return lapwing
    }

    private static func listeningPort(in log: String) -> Int? {
        log.split(separator: "\n").first { $0.contains("Listening") }
            .flatMap { $0.firstMatch(of: /127\.0\.0\.1:([0-9]+)/) }.flatMap { Int($0.1) }
    }

    func get(_ path: String) throws -> HTTPAnswer { try HTTP.get(port, path) }

    func metrics() throws -> Exposition { try Exposition(try get("/metrics").text) }

    /// What it counts of itself, without the scores.
    func selfMetrics() throws -> Exposition { try Exposition(try get("/metrics?self=only").text) }

    func post(_ body: [UInt8], zstd: Bool = false) throws -> HTTPAnswer {
        try HTTP.post(port, "/api/v1/write", body, headers: ["Content-Encoding": zstd ? "zstd" : "snappy"])
    }

    /// Sends one sample of this moment as a proper sender would.
    func postSample(_ name: String) throws -> HTTPAnswer { try post(Self.sampleBody(name)) }

    static func sampleBody(_ name: String) -> [UInt8] {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        return Snappy.compress(WriteMessage.version1([WireSeries(name, [("job", "tests")], [(now, 1)])]))
    }

    /// What it says of a series when asked why.
    func explain(_ selector: String) throws -> [Explanation] {
        let answer = try get(HTTP.path("/api/v1/explain", [("series", selector)]))
        guard answer.status == 200 else { throw TestbedError("explain: \(answer.status) \(answer.text)") }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        return try decoder.decode(Envelope.self, from: Data(answer.body)).data.series
    }

    struct Explanation: Decodable {
        struct LastSample: Decodable {
            let timestamp: Double
            let value: Double
        }
        struct Signal: Decodable { let kind: String }

        let labels: [String: String]
        let signal: Signal
        let lastSample: LastSample
        let score: Double?
        let stale: Bool
    }

    private struct Envelope: Decodable {
        struct Series: Decodable { let series: [Explanation] }
        let data: Series
    }
}
