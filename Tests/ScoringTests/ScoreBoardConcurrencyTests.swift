import Synchronization
import TestSupport
import Testing
import TimeSeries

@testable import Scoring

/// What must hold while many threads use one board; run them under the thread sanitizer too.
@Suite(.timeLimit(.minutes(2))) struct ScoreBoardConcurrencyTests {
    private static let ids = (0..<100).map { SeriesID(shard: $0 % 16, row: $0 / 16) }

    private static func makeRequests() -> [Request] {
        var numbers = SeededRandom(seed: 1)
        return (0..<60).map { second in
            var request = Request()
            for id in ids {
                request.add(id, [(Double(second), numbers.noise()), (Double(second) + 0.5, numbers.noise())])
            }
            return request
        }
    }

    @Test func `scores each sample once when the same request comes from eight threads at once`() {
        let requests = Self.makeRequests()
        let alone = ScoreBoard.make()
        for id in Self.ids { alone.begin(id, name: "temperature") }
        for request in requests { alone.score(request) }

        let board = ScoreBoard.make()
        for id in Self.ids { board.begin(id, name: "temperature") }
        let scored = Atomic(0)
        let ignored = Atomic(0)
        for request in requests {
            onThreads(8) { _ in
                let counts = board.score(request)
                scored.add(counts[.scored] + counts[.warmingUp], ordering: .relaxed)
                ignored.add(counts[.duplicate] + counts[.late], ordering: .relaxed)
            }
        }
        #expect(scored.load(ordering: .relaxed) == 60 * 200)
        #expect(ignored.load(ordering: .relaxed) == 7 * 60 * 200)
        for id in Self.ids { #expect(SeriesState(id, on: board) == SeriesState(id, on: alone)) }
        #expect(board.distribution.count == alone.distribution.count)
    }

    @Test func `stands scoring, scraping, naming, metadata, explaining and forgetting at once`() {
        let requests = Self.makeRequests()
        let board = ScoreBoard.make()
        let received = Atomic(0)
        let counted = Atomic(0)
        onThreads(8) { thread in
            for (second, request) in requests.enumerated() {
                switch thread {
                case 0:
                    let shown = board.exposed(second % 2 == 0 ? .top(10) : .all, since: at(0), now: at(60))
                    if second % 2 == 0, shown.reduce(0, { $0 + $1.rows.count }) > 10 {
                        Issue.record("more than ten are shown")
                    }
                case 1:
                    for (number, id) in Self.ids.enumerated() { board.begin(id, name: "metric_\(number % 10)") }
                    board.names.declare("metric_\(second % 10)", as: second % 3 == 0 ? .counter : .gauge)
                case 2:
                    for id in Self.ids { _ = board.explain(id)?.reasons }
                    _ = (board.population, board.memory, board.distribution)
                case 3: for shard in 0..<16 { _ = board.forgetIdle(shard: shard, before: at(Double(second))) }
                default:
                    received.add(request.sampleCount, ordering: .relaxed)
                    counted.add(board.score(request, now: at(Double(second))).total, ordering: .relaxed)
                }
            }
        }
        #expect(counted.load(ordering: .relaxed) == received.load(ordering: .relaxed))
    }
}
