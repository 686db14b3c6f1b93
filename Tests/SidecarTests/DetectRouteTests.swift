import Foundation
import TestSupport
import Testing
import TimeSeries

@testable import Scoring
@testable import Sidecar

@Suite struct DetectRouteTests {
    private struct Reply: Decodable {
        struct Series: Decodable {
            let labels: [String: String]
            let timestamps: [Double]
            let values: [Double?]
            let score: [Double?]
            let smoothed: [Double]
            let onset: [Bool]
            let expected: [Double?]
            let lower: [Double?]
            let upper: [Double?]
        }

        struct Content: Decodable {
            let detector: String
            let series: [Series]
        }

        let status: String
        let data: Content?
        let error: String?
    }

    private func detect(_ body: String) async throws -> (status: Int, reply: Reply) {
        var answer: (Int, Reply)?
        try await ScrapeServer.serving(Line()) { server in
            let scraped = try await server.detect(body)
            answer = (scraped.status, try JSONDecoder().decode(Reply.self, from: Data(scraped.bytes)))
        }
        return try #require(answer)
    }

    private static let values: [Double] = {
        var numbers = SeededRandom(seed: 31)
        return (0..<200).map { (i: Int) -> Double in
            let spike = i == 150 ? 80.0 : 0
            return 50 + Double(numbers.next() % 1000) / 250 + spike
        }
    }()

    @Test func `scores a posted series as a received one is scored`() async throws {
        let times = Self.values.indices.map { 1_700_000_000 + 60 * $0 }
        let (status, reply) = try await detect("{\"timestamps\":\(times),\"values\":\(Self.values)}")
        #expect(status == 200)
        #expect(reply.status == "success")
        let series = try #require(reply.data?.series.first)
        var scorer = try SeriesScorer(DetectionPolicy())
        var expected = ScoredSeries()
        for (time, value) in zip(times, Self.values) {
            expected.append(scorer.score(value, at: Timestamp(milliseconds: Int64(time) * 1000)))
        }
        #expect(series.score == expected.scores)
        #expect(series.onset == expected.onsets)
        #expect(series.onset[150])
        #expect(series.expected.count == 200 && series.expected[0] == nil && series.upper[199] != nil)
        #expect(reply.data?.detector == "adaptive")
    }

    @Test func `takes several series with labels, a policy, and samples without a value`() async throws {
        let (status, reply) = try await detect(
            """
            {"detection": "sensitivity=2", "detector": "adaptive", "signal": "rate", "series": [
            {"labels": {"job": "a"}, "timestamps": [0, 60.5, 61], "values": [1, null, 3]},
            {"timestamps": [], "values": []}]}
            """)
        #expect(status == 200)
        #expect(reply.data?.series.map(\.labels) == [["job": "a"], [:]])
        #expect(reply.data?.series.first?.score == [0, nil, 0])
    }

    @Test(arguments: [
        ("", "must be JSON"), ("[1]", "must be JSON"), ("{}", "no series"),
        (#"{"timestamps":[1],"values":[]}"#, "1 timestamps for 0 values"),
        (#"{"timestamps":[1e15],"values":[1]}"#, "no time"),
        (#"{"detector":"nope","timestamps":[1],"values":[1]}"#, "no detector"),
        (#"{"detection":"sensitivity=0","timestamps":[1],"values":[1]}"#, "0.1 to 10"),
        (#"{"signal":"sum","timestamps":[1],"values":[1]}"#, "value, rate or auto"),
    ])
    func `says what is wrong with a request`(body: String, words: String) async throws {
        let (status, reply) = try await detect(body)
        #expect(status == 400)
        #expect(reply.status == "error")
        #expect(reply.error?.contains(words) == true, "\(reply.error ?? "")")
    }

    @Test func `a time zone reaches the detector that is named beside it`() async throws {
        let (status, reply) = try await detect(
            #"{"detector":"seasonal","detection":"timezone=Europe/Berlin","timestamps":[1],"values":[1]}"#)
        #expect(status == 200)
        #expect(reply.data?.detector == "seasonal(timezone=Europe/Berlin)")
    }

    @Test func `refuses more samples than the limit`() async throws {
        let zeros = [Int](repeating: 0, count: DetectRoute.sampleLimit + 1)
        let (status, reply) = try await detect("{\"timestamps\":\(zeros),\"values\":\(zeros)}")
        #expect(status == 400)
        #expect(reply.error?.contains("more than 1000000") == true)
    }
}
