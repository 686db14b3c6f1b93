import Exposition
import RemoteWrite
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

/// What must hold while many connections send at once; run them under the thread sanitizer too.
@Suite(.timeLimit(.minutes(2))) struct PipelineConcurrencyTests {
    @Test func `scores a request once that comes on eight connections at once`() {
        let line = Line()
        let requests = (0..<40).map { second in
            (0..<50).map {
                WireSeries("temperature", [("n", "\($0)")], [(milliseconds(Double(second)), Double($0 * second % 7))])
            }
        }
        for (number, request) in requests.enumerated() {
            let message: WriteProtocol = number % 2 == 0 ? .version1 : .version2
            onThreads(8) { _ in line.send(request, as: message) }
        }
        #expect(line.pipeline.index.count == 50)
        #expect(line.metric("lapwing_series_created_total") == 50)
        #expect(line.outcomes == [.warmingUp: 31 * 50, .scored: 9 * 50, .duplicate: 7 * 40 * 50])

        let alone = Line()
        for request in requests { alone.send(request) }
        for number in 0..<50 {
            let labels = [("n", "\(number)")]
            guard let id = line.id("temperature", labels), let other = alone.id("temperature", labels) else {
                Issue.record("series \(number) is missing")
                continue
            }
            let scores = (line.pipeline.board.explain(id)?.score, alone.pipeline.board.explain(other)?.score)
            #expect(scores.0 != nil && scores.0 == scores.1)
        }
    }

    @Test func `stands writing, evicting and scraping at once`() {
        let line = Line {
            $0.idleSeriesTimeout = .seconds(5)
            $0.seriesLimit = 400
        }
        onThreads(6) { thread in
            var random = SeededRandom(seed: UInt64(thread))
            for second in 0..<60 {
                let now = after(Double(second))
                switch thread {
                case 0: line.pipeline.evictIdleSeries(now: now)
                case 1:
                    var text: [UInt8] = []
                    line.metrics.registry.write(.openMetrics, to: &text)
                    _ = line.pipeline.board.exposed(.top(5), since: present, now: now)
                default:
                    let series = (0..<20).map { _ in
                        let labels = [("n", "\(random.below(500))"), ("a", "1")]
                        return WireSeries(
                            "temperature", random.chance(0.5) ? labels : labels.reversed(), [(now.milliseconds, 1)])
                    }
                    line.send(series, as: random.pick(WriteProtocol.allCases), now: now)
                }
            }
        }
        #expect(line.outcomes.values.reduce(0, +) == 4 * 60 * 20)
        line.pipeline.evictIdleSeries(now: after(1_000))
        line.pipeline.evictIdleSeries(now: after(1_000))
        #expect(line.pipeline.index.count == 0)
    }
}
