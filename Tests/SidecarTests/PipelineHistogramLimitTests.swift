import Histograms
import RemoteWrite
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

/// Limits, eviction, names that are taken, and many connections.
@Suite(.timeLimit(.minutes(2))) struct PipelineHistogramLimitTests {
    private static let name = Latencies.name

    @Test func `buckets past the limit of families are scored one by one`() throws {
        let line = Line { $0.histogramFamilyLimit = 1 }
        // One a shard of sixteen, so that of a hundred most find no room.
        for second in 0..<40 {
            for n in 0..<100 {
                var latencies = Latencies()
                latencies.labels = [("n", "\(n)")]
                latencies.serve(Double(second))
                line.send(Array(latencies.buckets(at: Double(second)).prefix(2)))
            }
        }
        let families = line.pipeline.families.counts.families
        #expect((8...16).contains(families))
        #expect(line.outcomes[.histogramPart] == 2 * 40 * families)
        #expect(line.outcomes[.scored] == 2 * 8 * (100 - families))
        #expect(
            line.metric("lapwing_histograms_series_refused_total{reason=\"too_many_families\"}")
                == Double(2 * (100 - families)))
        var latencies = Latencies()
        for n in 0..<50 {
            latencies.labels = [("native", "\(n)")]
            line.send(latencies.native(at: 0))
        }
        let taken = try #require(line.natives("gathered", "part_of_histogram"))
        #expect(taken + (try #require(line.natives("refused", "histogram_limit"))) == 50)
    }

    @Test func `signals past the limit of series are refused and counted, and get room when there is some`() throws {
        let line = Line {
            $0.seriesLimit = 6
            $0.idleSeriesTimeout = .seconds(100)
        }
        line.send([WireSeries("other", [], [(milliseconds(0), 1)])], now: after(-60))
        var latencies = Latencies()
        for i in 0..<8 {
            latencies.serve()
            line.send(latencies.buckets(at: 15 * Double(i)), now: after(15 * Double(i)))
        }
        // Five series leave room for one: the rate is the first.
        #expect(line.pipeline.index.count == 6)
        #expect(try abs(#require(line.signal("rate")) - 100 / 15) < 1e-9)
        #expect(line.signal("p99") == nil)
        #expect(try #require(line.values("refused", "series_limit")) >= 6)
        line.pipeline.evictIdleSeries(now: after(105))
        latencies.serve()
        line.send(latencies.buckets(at: 120), now: after(120))
        #expect(line.signal("p50") != nil)
    }

    @Test(arguments: [false, true]) func `silent families go with their series, and may come back`(native: Bool) throws
    {
        let line = Line { $0.idleSeriesTimeout = .seconds(100) }
        var latencies = Latencies()
        func send(at seconds: Double) {
            latencies.serve()
            let series = native ? latencies.native(at: seconds) : latencies.classic(at: seconds)
            line.send(series, now: after(seconds))
        }
        for i in 0..<4 { send(at: 15 * Double(i)) }
        let known = line.pipeline.index.count
        #expect(known == (native ? 6 : 11))
        line.pipeline.evictIdleSeries(now: after(100))
        #expect(line.pipeline.index.count == known)
        line.pipeline.evictIdleSeries(now: after(146))
        #expect(line.pipeline.index.count == 0)
        #expect(line.pipeline.families.counts.families == 0 && line.pipeline.families.counts.parts == 0)
        for i in 0..<4 { send(at: 200 + 15 * Double(i)) }
        #expect(line.pipeline.index.count == known)
        #expect(try abs(#require(line.signal("rate")) - 100 / 15) < 1e-9)
        #expect(line.pipeline.families.counts.families == 1)
    }

    @Test func `a signal that falls silent alone is forgotten alone`() throws {
        let line = Line { $0.idleSeriesTimeout = .seconds(100) }
        var latencies = Latencies()
        for i in 0..<4 {
            latencies.serve()
            line.send(latencies.classic(at: 15 * Double(i)), now: after(15 * Double(i)))
        }
        #expect(line.signal("p99") != nil)
        // Nothing is served any more: the window runs empty, and only the rate is told.
        for i in 4..<60 {
            line.send(latencies.classic(at: 15 * Double(i)), now: after(15 * Double(i)))
            line.pipeline.evictIdleSeries(now: after(15 * Double(i)))
        }
        #expect(line.signal("rate") == 0)
        #expect(line.signal("p99") == nil)
        for i in 60..<80 {
            latencies.serve(4)
            line.send(latencies.classic(at: 15 * Double(i)), now: after(15 * Double(i)))
        }
        #expect(try abs(#require(line.signal("p99")) - 1) < 1e-6)
    }

    @Test func `a name that somebody else uses is left to them`() throws {
        let line = Line()
        let rule = { (seconds: Double) in
            WireSeries("\(Self.name):p99", [("job", "api")], [(milliseconds(seconds), 777)])
        }
        line.send([rule(-60)])
        var latencies = Latencies()
        for i in 0..<8 {
            latencies.serve()
            line.send(latencies.classic(at: 15 * Double(i)))
        }
        #expect(line.signal("p99") == 777)
        #expect(line.signal("p90") != nil)
        #expect(try #require(line.values("ignored", "own_series")) > 0)
    }

    @Test func `what is sent under a signal's name is not mixed with it`() throws {
        let line = Line()
        var latencies = Latencies()
        for i in 0..<8 {
            latencies.serve()
            line.send(latencies.classic(at: 15 * Double(i)))
        }
        line.send([WireSeries("\(Self.name):rate", [("job", "api")], [(milliseconds(200), 777)])])
        #expect(line.outcomes[.ownSeries] == 1)
        #expect(try abs(#require(line.signal("rate")) - 100 / 15) < 1e-9)
    }

    // MARK: Many connections

    @Test(arguments: [false, true]) func `a scrape that comes on eight connections counts once`(native: Bool) throws {
        let line = Line()
        var latencies = (0..<10).map { n in
            var one = Latencies()
            one.labels = [("n", "\(n)")]
            return one
        }
        for i in 0..<40 {
            for n in latencies.indices { latencies[n].serve(1 + Double((i + n) % 3)) }
            let series = latencies.flatMap { native ? $0.native(at: 15 * Double(i)) : $0.classic(at: 15 * Double(i)) }
            // A series that nobody knows is found by others a moment before it is known to be a part, so the first comes alone.
            onThreads(i == 0 ? 1 : 8) { _ in line.send(series, now: after(15 * Double(i))) }
        }
        #expect(line.pipeline.families.counts.families == 10)
        #expect(line.pipeline.families.counts.parts == (native ? 10 : 60))
        if native {
            #expect(line.natives("gathered", "part_of_histogram") == 400)
            #expect(line.natives("ignored", "duplicate") == 7 * 390.0)
        } else {
            #expect(line.outcomes[.histogramPart] == 1_600)
            #expect(line.outcomes[.duplicate] == 7 * 39 * 60)
        }
        for n in latencies.indices {
            let rate = try #require(line.signal("rate", [("n", "\(n)")]))
            #expect(abs(rate - 100 / 15 * (1 + Double((39 + n) % 3))) < 1e-9)
            let id = try #require(line.id("\(Self.name):rate", [("n", "\(n)")]))
            #expect(line.pipeline.board.explain(id)?.score != nil)
        }
        // Of each family 39 rates and means, and each only once.
        #expect(line.values("ignored", "duplicate") == nil && line.values("ignored", "out_of_order") == nil)
    }

    @Test func `the parts of a scrape may come on several connections at once`() throws {
        let line = Line()
        var latencies = Latencies()
        for i in 0..<200 {
            latencies.serve()
            let parts = latencies.classic(at: Double(i))
            onThreads(6) { line.send([parts[$0]], now: after(Double(i))) }
        }
        #expect(line.pipeline.families.counts.parts == 6)
        #expect(line.pipeline.families.counts.late == 0)
        #expect(try abs(#require(line.signal("rate")) - 100) < 1e-9)
        #expect(try abs(#require(line.signal("mean")) - 0.3) < 1e-6)
    }

    @Test func `stands sending, evicting and scraping histograms at once`() {
        let line = Line {
            $0.idleSeriesTimeout = .seconds(5)
            $0.seriesLimit = 600
            $0.histogramFamilyLimit = 64
        }
        onThreads(6) { thread in
            var random = SeededRandom(seed: UInt64(thread))
            for second in 0..<60 {
                let now = after(Double(second))
                switch thread {
                case 0: line.pipeline.evictIdleSeries(now: now)
                case 1:
                    _ = (line.metric("lapwing_series"), line.pipeline.board.exposed(.top(5), since: present, now: now))
                default:
                    var latencies = Latencies()
                    latencies.labels = [("n", "\(random.below(60))")]
                    latencies.serve(Double(second))
                    let series = latencies.classic(at: Double(second)) + latencies.native(at: Double(second))
                    line.send(series, as: random.pick(WriteProtocol.allCases), now: now)
                }
            }
        }
        #expect(line.outcomes.values.reduce(0, +) == 4 * 60 * 6)
        for _ in 0..<2 { line.pipeline.evictIdleSeries(now: after(1_000)) }
        #expect(line.pipeline.index.count == 0)
        line.pipeline.evictIdleSeries(now: after(1_000))
        #expect(line.pipeline.families.counts.parts == 0 && line.pipeline.families.counts.families == 0)
    }
}
