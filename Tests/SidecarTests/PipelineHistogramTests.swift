import Histograms
import RemoteWrite
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

/// Histograms become signals of their family: from the body of a request to the board.
@Suite struct PipelineHistogramTests {
    private static let name = Latencies.name

    /// Sends so many scrapes, 15 s apart, the last of the present.
    private static func send(
        _ scrapes: Int, to line: Line, as message: WriteProtocol = .version1, until end: Double = 0,
        _ latencies: inout Latencies, _ series: (Latencies, Double) -> [WireSeries]
    ) {
        for i in 0..<scrapes {
            latencies.serve()
            line.send(series(latencies, end + 15 * Double(i - scrapes + 1)), as: message)
        }
    }

    // MARK: Classic

    @Test(arguments: WriteProtocol.allCases)
    func `classic: the family's signals are scored, its buckets are not`(message: WriteProtocol) throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(60, to: line, as: message, &latencies) { $0.classic(at: $1) }
        #expect(try abs(#require(line.signal("rate")) - 100 / 15) < 1e-9)
        #expect(try abs(#require(line.signal("mean")) - 0.3) < 1e-6)
        #expect(try abs(#require(line.signal("p50")) - 0.1) < 1e-6)
        #expect(try abs(#require(line.signal("p90")) - 0.5) < 1e-6)
        #expect(try abs(#require(line.signal("p99")) - 1) < 1e-6)
        // It begins when there is half an hour to compare with.
        #expect(line.signal("shape") == nil)
        for suffix in ["rate", "mean", "p50", "p90", "p99"] {
            let id = try #require(line.id("\(Self.name):\(suffix)", [("job", "api")]))
            let series = try #require(line.pipeline.board.explain(id))
            #expect(try #require(series.score) < 1, "\(suffix)")
            #expect(series.signal.choice == .valueOfHistogram && abs(series.signal.interval - 15) < 0.01)
        }
        // Four buckets; sum and count go on as the counters that they are.
        #expect(line.outcomes == [.histogramPart: 4 * 60, .baseline: 2, .warmingUp: 2 * 31, .scored: 2 * 28])
        for bound in ["0.1", "0.5", "1.0", "+Inf"] {
            let id = try #require(line.id("\(Self.name)_bucket", [("job", "api"), ("le", bound)]))
            let series = try #require(line.pipeline.board.explain(id))
            #expect(series.score == nil && series.signal.choice == .partOfHistogram)
        }
        // The first scrape is what the second is compared with; ten observations make a quantile, two hundred a p99.
        let values = try #require(line.values("learned", "warming_up")) + #require(line.values("scored", "judged"))
        #expect((270...295).contains(values), "\(values)")
        #expect(line.pipeline.board.population == (scored: 7, warming: 0))
        #expect(line.metric("lapwing_series") == 11)
        #expect(line.metric("lapwing_series_created_total") == 11)
        #expect(line.metric("lapwing_histograms{kind=\"classic\"}") == 1)
        #expect(try #require(line.metric("lapwing_memory_bytes{part=\"histograms\"}")) > 600)
    }

    @Test(arguments: [[0, 1], [1, 0]]) func `a sum joins its buckets, whichever came first`(order: [Int]) throws {
        let line = Line()
        var latencies = Latencies()
        for i in 0..<8 {
            latencies.serve()
            let seconds = 15 * Double(i)
            let parts = [latencies.buckets(at: seconds), latencies.counters(at: seconds)]
            for part in order { line.send(parts[part]) }
        }
        #expect(try abs(#require(line.signal("mean")) - 0.3) < 1e-6)
        #expect(line.pipeline.families.counts.parts == 6)
        #expect(line.pipeline.families.counts.late == 0)
    }

    @Test func `a summary, a bucket without a bound and a gauge histogram make no family`() {
        let line = Line()
        line.send([], metadata: [("g", 4)])
        for second in 0..<3 {
            let time = milliseconds(Double(second))
            line.send([
                WireSeries("s_sum", [], [(time, 1)]), WireSeries("s_count", [], [(time, 1)]),
                WireSeries("b_bucket", [], [(time, 1)]), WireSeries("b_bucket", [("le", "many")], [(time, 1)]),
                WireSeries("g_bucket", [("le", "1")], [(time, 1)]),
            ])
        }
        #expect(line.pipeline.families.counts == HistogramFamilies.Counts())
        #expect(line.outcomes[.histogramPart] == nil)
        #expect(line.outcomes.values.reduce(0, +) == 15)
    }

    @Test func `a family that metadata calls a gauge histogram afterwards is let go`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(4, to: line, &latencies) { $0.classic(at: $1) }
        #expect(line.pipeline.families.counts.parts == 6)
        line.send([], metadata: [(Self.name, 4)])
        for second in 1...40 { line.send(latencies.classic(at: Double(second))) }
        #expect(line.pipeline.families.counts.parts == 0)
        let id = try #require(line.id("\(Self.name)_bucket", [("job", "api"), ("le", "0.5")]))
        let series = try #require(line.pipeline.board.explain(id))
        #expect(series.signal.choice == .valueByMetadata && series.link == nil)
        #expect(line.outcomes[.histogramPart] == 16)
        #expect(series.score != nil)
    }

    @Test func `a process that starts over adds what it counted since`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(20, to: line, &latencies) { $0.classic(at: $1) }
        latencies.restart()
        latencies.serve(0.5)
        line.send(latencies.classic(at: 15))
        #expect(try abs(#require(line.signal("rate")) - 50 / 15) < 1e-9)
        #expect(try abs(#require(line.signal("mean")) - 0.3) < 1e-6)
        #expect(try abs(#require(line.signal("p99")) - 1) < 1e-6)
    }

    @Test func `a family that ends and comes back is not compared with what was`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(20, to: line, &latencies) { $0.classic(at: $1) }
        let before = line.values("learned", "warming_up")
        line.send(
            latencies.classic(at: 15).map { series in
                var ended = series
                ended.samples[0].bits = StaleMarker.bitPattern
                return ended
            })
        #expect(line.outcomes[.stale] == 6)
        latencies.serve(7)
        line.send(latencies.classic(at: 30))
        #expect(line.values("learned", "warming_up") == before)
        latencies.serve()
        line.send(latencies.classic(at: 45))
        #expect(try abs(#require(line.signal("rate")) - 100 / 15) < 1e-9)
    }

    @Test func `samples that are late or doubled are counted, and change nothing`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(10, to: line, &latencies) { $0.classic(at: $1) }
        let rate = line.signal("rate")
        line.send(latencies.buckets(at: 0) + latencies.buckets(at: -40))
        #expect(line.outcomes[.duplicate] == 4 && line.outcomes[.late] == 4)
        #expect(line.signal("rate") == rate)
        #expect(line.pipeline.families.counts.late == 0)
    }

    // MARK: Native

    @Test(arguments: WriteProtocol.allCases)
    func `native: the family's signals are scored`(message: WriteProtocol) throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(60, to: line, as: message, &latencies) { $0.native(at: $1) }
        #expect(try abs(#require(line.signal("rate")) - 100 / 15) < 1e-9)
        #expect(try abs(#require(line.signal("mean")) - 0.3) < 1e-6)
        #expect(try abs(#require(line.signal("p50")) - 2) < 1e-5)
        #expect(try abs(#require(line.signal("p90")) - 4) < 1e-5)
        #expect(try abs(#require(line.signal("p99")) - 8) < 1e-5)
        let id = try #require(line.id("\(Self.name):p99", [("job", "api")]))
        #expect(try #require(line.pipeline.board.explain(id)?.score) < 1)
        #expect(line.outcomes.isEmpty)
        #expect(line.natives("gathered", "part_of_histogram") == 60)
        #expect(line.metric("lapwing_series") == 6)
        #expect(line.pipeline.board.population == (scored: 5, warming: 0))
        #expect(line.metric("lapwing_histograms{kind=\"native\"}") == 1)
    }

    @Test func `native: late, doubled, stale, too old and unwelcome ones are counted`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(4, to: line, &latencies) { $0.native(at: $1) }
        line.send(latencies.native(at: 0) + latencies.native(at: -7))
        line.send(latencies.native(at: -8 * 86_400) + latencies.native(at: 700))
        var stale = WireSeries(Self.name, [("job", "api")])
        stale.histograms = [.stale(time: milliseconds(1))]
        line.send([stale])
        var own = latencies.native(at: 0)[0]
        own.labels[0] = WireLabel("__name__", "lapwing_x")
        #expect(line.send([own]).status == 204)
        var invalid = latencies.native(at: 0)[0]
        invalid.labels += [WireLabel("job", "again")]
        let answer = line.send([invalid], as: .version2)
        #expect(answer.status == 400 && answer.written?.histograms == 0)
        #expect(line.natives("gathered", "part_of_histogram") == 4)
        for (outcome, reason) in [
            ("ignored", "duplicate"), ("ignored", "out_of_order"), ("ignored", "too_old"), ("ignored", "too_far_ahead"),
            ("ended", "stale_marker"), ("ignored", "own_series"), ("refused", "invalid_series"),
        ] { #expect(line.natives(outcome, reason) == 1, "\(reason)") }
        // After the marker the next is the first of two.
        let rate = line.signal("rate")
        latencies.serve(9)
        line.send(latencies.native(at: 15))
        #expect(line.signal("rate") == rate)
        latencies.serve(3)
        line.send(latencies.native(at: 30))
        #expect(try abs(#require(line.signal("rate")) - 20) < 1e-9)
    }

    @Test func `native: a restart adds what was counted since`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(20, to: line, &latencies) { $0.native(at: $1) }
        latencies.restart()
        latencies.serve(2)
        line.send(latencies.native(at: 15))
        #expect(try abs(#require(line.signal("rate")) - 200 / 15) < 1e-9)
    }

    @Test func `a histogram that is sent both ways is one family, seen through the native one`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(20, to: line, &latencies) { $0.classic(at: $1) + $0.native(at: $1) }
        #expect(line.pipeline.families.counts.families == 1)
        #expect(line.metric("lapwing_histograms{kind=\"native\"}") == 1)
        #expect(try abs(#require(line.signal("p99")) - 8) < 1e-5)
    }

    // MARK: Policies

    @Test func `a signal falls under the policy of its own name`() throws {
        let line = Line { settings in
            try? settings.detection.add(parsing: "{__name__=~\".+:p99\"} => detector=zscore")
        }
        var latencies = Latencies()
        Self.send(4, to: line, &latencies) { $0.classic(at: $1) }
        for (suffix, detector) in [("p99", "zscore"), ("p90", "adaptive")] {
            let id = try #require(line.id("\(Self.name):\(suffix)", [("job", "api")]))
            #expect(line.pipeline.board.explain(id)?.detector == detector)
        }
    }

    @Test func `metadata and behaviour do not change what a signal is`() throws {
        let line = Line()
        var latencies = Latencies()
        Self.send(4, to: line, &latencies) { $0.classic(at: $1) }
        line.send([], metadata: [("\(Self.name):p99", 1), (Self.name, 3)])
        // A rate that rises all the time looks like a counter.
        for i in 1...100 {
            latencies.serve(1 + Double(i))
            line.send(latencies.classic(at: 15 * Double(i)), now: after(15 * Double(i)))
        }
        for suffix in ["p99", "rate"] {
            let id = try #require(line.id("\(Self.name):\(suffix)", [("job", "api")]))
            #expect(line.pipeline.board.explain(id)?.signal.choice == .valueOfHistogram)
        }
        #expect(line.pipeline.families.counts.parts == 6)
    }
}
