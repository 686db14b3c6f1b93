import Exposition
import RemoteWrite
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

@Suite struct PipelineTests {
    private static let gauge = "temperature"

    /// One series with one sample of the present.
    private static func one(_ name: String, _ labels: [(String, String)] = [], _ value: Double = 1) -> WireSeries {
        WireSeries(name, labels, [(milliseconds(0), value)])
    }

    // MARK: Outcomes

    struct OutcomeCase: CustomTestStringConvertible, Sendable {
        var outcome: SampleOutcome
        var send: @Sendable (Line) -> Void
        var others: [SampleOutcome: Int] = [:]
        var testDescription: String { "\(outcome)" }
    }

    static let outcomes: [OutcomeCase] = [
        OutcomeCase(outcome: .scored, send: { line in line.warmUp() }, others: [.warmingUp: 31, .scored: 29]),
        OutcomeCase(outcome: .warmingUp, send: { $0.send([one(gauge)]) }),
        OutcomeCase(outcome: .baseline, send: { $0.send([one("requests_total")]) }),
        OutcomeCase(outcome: .notFinite, send: { $0.send([one(gauge, [], .nan)]) }),
        OutcomeCase(outcome: .stale, send: { $0.send([one(gauge, [], staleMarker)]) }),
        OutcomeCase(
            outcome: .duplicate, send: { line in for _ in 0..<2 { line.send([one(gauge)]) } },
            others: [.warmingUp: 1, .duplicate: 1]),
        OutcomeCase(
            outcome: .late,
            send: {
                $0.send([one(gauge)]); $0.send([WireSeries(gauge, [], [(milliseconds(-1), 1)])])
            },
            others: [.warmingUp: 1, .late: 1]),
        OutcomeCase(outcome: .tooOld, send: { $0.send([one(gauge)], now: after(7 * 86_400 + 1)) }),
        OutcomeCase(outcome: .tooFarAhead, send: { $0.send([one(gauge)], now: after(-601)) }),
        OutcomeCase(outcome: .ownSeries, send: { $0.send([one("anomaly_score")]) }),
        OutcomeCase(outcome: .histogramPart, send: { $0.send([one("x_bucket", [("le", "1")])]) }),
        OutcomeCase(outcome: .invalidSeries, send: { $0.send([one(gauge, [("a", "1"), ("a", "2")])]) }),
        OutcomeCase(
            outcome: .labelLimit, send: { $0.send([one(gauge, [("a", String(repeating: "x", count: 4097))])]) }),
        OutcomeCase(
            outcome: .seriesLimit, send: { $0.send((0..<4).map { one(gauge, [("n", "\($0)")]) }) },
            others: [.warmingUp: 3, .seriesLimit: 1]),
    ]

    @Test(arguments: outcomes) func `counts every outcome that there is`(example: OutcomeCase) {
        let line = Line { $0.seriesLimit = 3 }
        example.send(line)
        #expect(line.outcomes == (example.others.isEmpty ? [example.outcome: 1] : example.others))
        let label = "lapwing_samples_total{outcome=\"\(example.outcome.outcome)\",reason=\"\(example.outcome.reason)\"}"
        #expect(line.metric(label) == Double(line.outcomes[example.outcome] ?? 0))
    }

    @Test func `has a case for every outcome`() {
        // The limit on histograms refuses native ones alone, which are no samples.
        #expect(Set(Self.outcomes.map(\.outcome)) == Set(SampleOutcome.allCases).subtracting([.histogramLimit]))
    }

    @Test(arguments: WriteProtocol.allCases, WriteEncoding.allCases)
    func `gives every sample of random requests one outcome`(message: WriteProtocol, encoding: WriteEncoding) {
        let line = Line { $0.seriesLimit = 200 }
        var random = SeededRandom(seed: 42)
        var sent = 0
        for _ in 0..<60 {
            let series = random.series(count: 1 + random.below(40))
            let result = line.send(
                series, as: message, encoding: encoding, now: Timestamp(milliseconds: 1_795_220_686_000))
            sent += series.reduce(0) { $0 + $1.samples.count }
            #expect(line.outcomes.values.reduce(0, +) == sent)
            #expect(result.status == 204 || result.status == 400)
        }
        // The requests are of many kinds, or the sum would say little.
        for outcome in SampleOutcome.allCases
        where ![.scored, .labelLimit, .ownSeries, .histogramPart, .histogramLimit].contains(outcome) {
            #expect(line.metrics.sampleCount(outcome) > 0, "\(outcome)")
        }
        #expect(line.pipeline.index.count <= 200)
    }

    @Test func `counts the window of times inclusively`() {
        let line = Line {
            $0.sampleAgeLimit = .seconds(100)
            $0.sampleAheadLimit = .seconds(10)
        }
        let times = [-100.001, -100, 10, 10.001]
        line.send([WireSeries(Self.gauge, [], times.map { (milliseconds($0), 1) })])
        #expect(line.outcomes == [.warmingUp: 2, .tooOld: 1, .tooFarAhead: 1])
    }

    @Test func `stands times from the ends of the clock`() {
        let line = Line { $0.sampleAgeLimit = .milliseconds(Int64.max) }
        for now in [Timestamp(milliseconds: .min), Timestamp(milliseconds: .max), present] {
            line.send([WireSeries(Self.gauge, [], [(.min, 1), (.max, 2), (0, 3)])], now: now)
        }
        #expect(line.outcomes.values.reduce(0, +) == 9)
    }

    // MARK: Which series

    @Test(arguments: ["anomaly_score", "anomaly_expected", "lapwing_samples_total", "anomaly_"])
    func `drops its own series that come back`(name: String) {
        let line = Line()
        let result = line.send([Self.one(name, [("job", "lapwing")]), Self.one("up")])
        #expect(result.status == 204)
        #expect(line.outcomes == [.ownSeries: 1, .warmingUp: 1])
        #expect(line.pipeline.index.count == 1)
    }

    @Test(arguments: ["anomaly", "anomalous_score", "lapwing", "my_anomaly_score", "node_lapwing_x"])
    func `keeps series whose names only look like its own`(name: String) {
        let line = Line()
        line.send([WireSeries(name, [("also", "anomaly_score")], [(milliseconds(0), 1)])])
        #expect(line.pipeline.index.count == 1)
        #expect(line.outcomes[.ownSeries] == nil)
    }

    @Test func `knows a series by its labels in any order, in both protocols`() {
        let line = Line()
        for (second, order) in [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]].enumerated() {
            for (tenth, message) in WriteProtocol.allCases.enumerated() {
                let time = milliseconds(Double(second) + Double(tenth) / 10)
                line.send([WireSeries(Self.gauge, order.map { ($0, "1") }, [(time, 1)])], as: message)
            }
        }
        #expect(line.pipeline.index.count == 1)
        #expect(line.outcomes == [.warmingUp: 6])
        #expect(line.metric("lapwing_series_created_total") == 1)
    }

    @Test func `knows a series that stands twice in the request that brings it`() {
        let line = Line()
        line.send([
            WireSeries("up", [("a", "1"), ("b", "2")], [(milliseconds(2), 1)]),
            WireSeries("up", [("a", "1"), ("b", "2")], [(milliseconds(0), 1)]),
            WireSeries("up", [("b", "2"), ("a", "1")], [(milliseconds(1), 1), (milliseconds(0), 1)]),
        ])
        #expect(line.pipeline.index.count == 1)
        #expect(line.outcomes == [.warmingUp: 3, .duplicate: 1])
    }

    @Test func `takes an empty label for none`() {
        let line = Line()
        line.send([Self.one("up", [("a", ""), ("b", "2")])])
        line.send([WireSeries("up", [("b", "2")], [(milliseconds(1), 1)])])
        #expect(line.pipeline.index.count == 1)
        #expect(line.id("up", [("b", "2")]) != nil)
    }

    @Test func `takes dropped labels off, and with them what told two senders apart`() {
        let line = Line { $0.droppedLabels = ["replica", "cluster"] }
        line.send([Self.one("up", [("cluster", "x"), ("instance", "a"), ("replica", "0")])])
        line.send([Self.one("up", [("cluster", "x"), ("instance", "a"), ("replica", "1")])])
        line.send([WireSeries("up", [("instance", "a")], [(milliseconds(1), 1)])])
        #expect(line.pipeline.index.count == 1)
        #expect(line.outcomes == [.warmingUp: 2, .duplicate: 1])
        #expect(line.id("up", [("instance", "a")]) != nil)
    }

    // MARK: Limits

    @Test func `refuses labels past each limit, counts why, and takes the rest`() {
        let line = Line {
            $0.labelLimits.labels = 4
            $0.labelLimits.nameBytes = 10
            $0.labelLimits.valueBytes = 20
        }
        let long = { (count: Int) in String(repeating: "x", count: count) }
        let result = line.send([
            Self.one("up", [("a", "1"), ("b", "1"), ("c", "1")]),
            Self.one("up", [("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]),
            Self.one("up", [(long(10), "1")]),
            Self.one("up", [(long(11), "1")]),
            Self.one("up", [("a", long(20))]),
            Self.one("up", [("a", long(21))]),
        ])
        #expect(result.status == 204)
        #expect(line.outcomes == [.warmingUp: 3, .labelLimit: 3])
        for reason in ["too_many_labels", "label_name_too_long", "label_value_too_long"] {
            #expect(line.metric("lapwing_series_refused_total{reason=\"\(reason)\"}") == 1, "\(reason)")
        }
    }

    @Test func `refuses new series past the limit, and goes on with those it knows`() {
        let line = Line { $0.seriesLimit = 2 }
        line.send([Self.one("a"), Self.one("b")])
        let result = line.send([Self.one("c"), WireSeries("a", [], [(milliseconds(1), 1)]), Self.one("d", [], 7)])
        #expect(result.status == 204)
        #expect(line.outcomes == [.warmingUp: 3, .seriesLimit: 2])
        #expect(line.metric("lapwing_series_refused_total{reason=\"series_limit\"}") == 2)
        #expect(line.metric("lapwing_series") == 2)
        #expect(line.metric("lapwing_series_limit") == 2)
    }

    @Test func `gives a body that it cannot read 400, counts why, and stays as it was`() {
        let line = Line { $0.bodyLimitBytes = 1 << 20 }
        let bodies: [(String, [UInt8])] = [
            ("empty_body", []), ("corrupt_compression", Array("nonsense".utf8)),
            ("malformed_protobuf", Snappy.compress([0xFF])),
            ("too_large", Snappy.compress([UInt8](repeating: 0, count: 2 << 20))),
        ]
        for (reason, body) in bodies {
            let result = line.send(body: body)
            #expect(result.status == 400)
            #expect(!result.message.isEmpty)
            #expect(line.metric("lapwing_rejected_bodies_total{reason=\"\(reason)\"}") == 1, "\(reason)")
        }
        #expect(line.outcomes.isEmpty)
        #expect(line.send([Self.one("up")]).status == 204)
    }

    // MARK: Eviction

    @Test func `forgets series that fell silent by our own clock, and uses their rows again`() {
        let line = Line {
            $0.idleSeriesTimeout = .seconds(100)
            $0.seriesLimit = 2
        }
        line.send([Self.one("a", [("x", "1"), ("y", "1")]), Self.one("b")])
        line.send([Self.one("a", [("y", "1"), ("x", "1")])])
        // A doubled sample is a sign of life too.
        line.send([Self.one("b")], now: after(50))
        line.pipeline.evictIdleSeries(now: after(100))
        #expect(line.pipeline.index.count == 2)
        line.pipeline.evictIdleSeries(now: after(101))
        #expect(line.pipeline.index.count == 1)
        #expect(line.id("a", [("x", "1"), ("y", "1")]) == nil)
        #expect(line.id("b") != nil)
        #expect(line.metric("lapwing_series_evicted_total") == 1)

        line.send([Self.one("c")], now: after(102))
        #expect(line.pipeline.index.count == 2)
        line.pipeline.evictIdleSeries(now: after(1_000))
        line.pipeline.evictIdleSeries(now: after(1_001))
        #expect(line.pipeline.index.count == 0)
        #expect(line.pipeline.board.population == (0, 0))
        // It may come back, as a new series.
        let counts = line.outcomes[.warmingUp] ?? 0
        line.send([Self.one("a", [("y", "1"), ("x", "1")])], now: after(1_002))
        #expect(line.outcomes[.warmingUp] == counts + 1)
    }

    @Test func `forgets series of which no sample was ever taken`() {
        let line = Line {
            $0.idleSeriesTimeout = .seconds(100)
            $0.sampleAgeLimit = .seconds(10)
        }
        line.send([WireSeries("old", [], [(milliseconds(-60), 1)])])
        #expect(line.outcomes == [.tooOld: 1])
        line.pipeline.evictIdleSeries(now: after(101))
        #expect(line.pipeline.index.count == 0)
    }
}
