import Foundation
import NIOCore
import TestSupport
import Testing
import TimeSeries
import Web

@testable import Sidecar

@Suite struct ExplainTests {
    private static func ask(
        _ line: Line, _ query: String, now: Timestamp = present
    ) throws -> (status: Int, json: [String: Any]) {
        let answer = Explain(pipeline: line.pipeline).answer(
            WebCall(method: "GET", target: "/api/v1/explain\(query)"), now: now)
        #expect(answer.headers.contains { $0 == ("Content-Type", "application/json") })
        guard case .bytes(let body) = answer.body else {
            Issue.record("the answer is a stream")
            return (answer.status, [:])
        }
        let json = try JSONSerialization.jsonObject(with: Data(body.readableBytesView))
        return (answer.status, json as? [String: Any] ?? [:])
    }

    private static func series(_ line: Line, _ query: String, now: Timestamp = present) throws -> [[String: Any]] {
        let answer = try ask(line, query, now: now)
        #expect(answer.status == 200)
        #expect(answer.json["status"] as? String == "success")
        let data = answer.json["data"] as? [String: Any]
        return data?["series"] as? [[String: Any]] ?? []
    }

    @Test func `explains a scored gauge`() throws {
        let line = Line()
        line.warmUp("temperature", [("host", "a")])
        let all = try Self.series(line, "?series=temperature{host=%22a%22}", now: after(2.5))
        #expect(all.count == 1)
        let one = all.first ?? [:]
        #expect(one["labels"] as? [String: String] == ["__name__": "temperature", "host": "a"])
        let signal = one["signal"] as? [String: String]
        #expect(signal?["kind"] == "value")
        #expect(signal?["unit"] == "as exposed")
        #expect(signal?["reason"]?.isEmpty == false)
        let sample = one["lastSample"] as? [String: Double]
        #expect(sample?["timestamp"] == 1_795_220_000)
        #expect(sample?["ageSeconds"] == 2.5)
        #expect((sample?["value"]).map { (100...102).contains($0) } == true)
        #expect(one["intervalSeconds"] as? Double == 1)
        #expect(one["stale"] as? Bool == false)
        #expect(one["anomalous"] as? Bool == false)
        #expect(one["inEpisode"] as? Bool == false)
        #expect(one["detector"] as? String == "adaptive")
        #expect(one["warmUpSamplesLeft"] as? Int == 0)
        #expect((one["score"] as? Double).map { (0...1).contains($0) } == true)
        let bounds = ["lower", "expected", "upper"].compactMap { one[$0] as? Double }
        #expect(bounds.count == 3 && bounds == bounds.sorted())
        #expect((one["reasons"] as? [String: Double])?["residual"] != nil)
    }

    @Test func `says of a series that is being learned how long it will take`() throws {
        let line = Line()
        line.send([WireSeries("requests_total", [], [(milliseconds(-1), 5), (milliseconds(0), 9)])])
        let one = try Self.series(line, "?series=requests_total").first ?? [:]
        #expect((one["signal"] as? [String: String])?["kind"] == "rate")
        #expect((one["signal"] as? [String: String])?["unit"] == "per second")
        #expect(one["warmUpSamplesLeft"] as? Int == 30)
        #expect(one["expected"] as? Double == 4)
        for key in ["score", "lower", "upper"] { #expect(one[key] == nil, "\(key)") }
        #expect(one["anomalous"] as? Bool == false)
    }

    @Test func `says that a series is anomalous, that it ended, and that its value is no number`() throws {
        let line = Line()
        line.warmUp()
        line.send([WireSeries("temperature", [], [(milliseconds(1), 900)])])
        var one = try Self.series(line, "?series=temperature").first ?? [:]
        #expect(one["anomalous"] as? Bool == true)
        #expect(one["inEpisode"] as? Bool == true)
        #expect((one["score"] as? Double).map { $0 > 1 } == true)
        line.send([WireSeries("temperature", [], [(milliseconds(2), staleMarker)])])
        one = try Self.series(line, "?series=temperature").first ?? [:]
        #expect(one["stale"] as? Bool == true)
        #expect(one["score"] == nil)
        #expect((one["lastSample"] as? [String: Any])?["value"] as? String == "NaN")
        line.send([WireSeries("temperature", [], [(milliseconds(3), .infinity)])])
        one = try Self.series(line, "?series=temperature").first ?? [:]
        #expect(one["stale"] as? Bool == false)
        #expect((one["lastSample"] as? [String: Any])?["value"] as? String == "+Inf")
    }

    @Test(arguments: [false, true]) func `says of a histogram's series which family they belong to`(native: Bool) throws
    {
        let line = Line()
        var latencies = Latencies()
        for i in 0..<4 {
            latencies.serve()
            line.send(native ? latencies.native(at: Double(15 * i)) : latencies.classic(at: Double(15 * i)))
        }
        let signals = ["rate", "mean", "p50", "p90", "p99", "shape"].map { "request_seconds:\($0){job=\"api\"}" }
        let names = native ? ["request_seconds"] : ["request_seconds_bucket", "request_seconds_sum"]
        for name in names + ["request_seconds:p99"] {
            let one = try Self.series(line, "?series=\(name)").first ?? [:]
            let histogram = one["histogram"] as? [String: Any]
            #expect(histogram?["role"] as? String == (name.hasSuffix("p99") ? "signal" : "part"))
            #expect(histogram?["family"] as? String == "request_seconds{job=\"api\"}")
            #expect(histogram?["signals"] as? [String] == signals)
        }
        let part = try Self.series(line, "?series=\(names[0])").first ?? [:]
        let signal = part["signal"] as? [String: String]
        #expect(signal?["kind"] == "none")
        #expect(signal?["reason"] == "a part of a histogram, whose signals are scored instead")
        #expect(part["score"] == nil && part["detector"] == nil && part["warmUpSamplesLeft"] as? Int == 0)
        line.warmUp()
        #expect(try Self.series(line, "?series=temperature").first?["histogram"] == nil)
    }

    @Test func `says of a series whose samples were all too old that it has none`() throws {
        let line = Line { $0.sampleAgeLimit = .seconds(10) }
        line.send([WireSeries("temperature", [], [(milliseconds(-60), 1)])])
        let one = try Self.series(line, "?series=temperature").first ?? [:]
        #expect((one["labels"] as? [String: String])?["__name__"] == "temperature")
        #expect(one["lastSample"] == nil)
        #expect(one["warmUpSamplesLeft"] as? Int == 31)
    }

    @Test func `explains the series of every selector, and none where none matches`() throws {
        let line = Line()
        for host in ["a", "b", "c"] { line.warmUp("temperature", [("host", host)]) }
        #expect(try Self.series(line, "?series=temperature").count == 3)
        #expect(try Self.series(line, "?series={host=%22a%22}&series={host=%22b%22}").count == 2)
        #expect(try Self.series(line, "?series=nothing").isEmpty)
        #expect(try Self.series(line, "?series={host=~%22a%7Cc%22}").count == 2)
    }

    @Test(arguments: [(99, false), (100, false), (101, true), (300, true)])
    func `explains at most a hundred series, and says when there are more`(count: Int, isCut: Bool) throws {
        let line = Line()
        line.send((0..<count).map { WireSeries("temperature", [("n", "\($0)")], [(milliseconds(0), 1)]) })
        for query in [
            "?series=temperature", "?series={n=~%22.%2B%22}&series=nothing", "?series=nothing&series=temperature",
        ] {
            let data = try Self.ask(line, query).json["data"] as? [String: Any]
            #expect((data?["series"] as? [Any])?.count == min(count, 100))
            #expect(data?["truncated"] as? Bool == isCut)
        }
    }

    @Test(arguments: [
        ("", "name the series"), ("?other=x", "name the series"), ("?series=", "selector"), ("?series={", "selector"),
        ("?series=up{a=~%22(%22}", "selector"), ("?series=up&series={}", "selector"),
    ]) func `says what is wrong with the question`(query: String, text: String) throws {
        let answer = try Self.ask(Line(), query)
        #expect(answer.status == 400)
        #expect(answer.json["status"] as? String == "error")
        #expect(answer.json["errorType"] as? String == "bad_data")
        #expect((answer.json["error"] as? String)?.contains(text) == true)
    }
}
