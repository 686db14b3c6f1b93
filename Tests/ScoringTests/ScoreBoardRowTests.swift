import Detectors
import TestSupport
import Testing
import TimeSeries

@testable import Scoring

/// What a row of the board stands for: what is looked at, and whose series it is.
@Suite struct ScoreBoardRowTests {
    private static let id = SeriesID(shard: 3, row: 7)
    private static let neighbour = SeriesID(shard: 3, row: 2)

    @Test func `learns anew when metadata comes later and says something else`() {
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "requests")
        board.begin(Self.neighbour, name: "temperature")
        for id in [Self.id, Self.neighbour] { board.score(Request(id, (-60..<0).map { (Double($0), Double($0 % 7)) })) }
        #expect(board.explain(Self.id)?.outlook.warmUpLeft == 0)
        let untouched = SeriesState(Self.neighbour, on: board)
        board.names.declare("requests", as: .counter)
        #expect(board.score(Request(Self.id, [(0, 10)])) == OutcomeCounts([.warmingUp: 1]))
        let explanation = board.explain(Self.id)
        #expect(explanation?.signal.choice == .rateByMetadata)
        #expect(explanation?.score == nil)
        #expect(explanation?.outlook.warmUpLeft == AdaptiveDetector.description.warmUp - 1)
        #expect(SeriesState(Self.neighbour, on: board) == untouched)
    }

    @Test func `goes on without a break when metadata confirms what was thought`() {
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "requests_total")
        board.score(Request(Self.id, (-60..<0).map { (Double($0), 1000 + Double($0)) }))
        board.names.declare("requests", as: .counter)
        #expect(board.score(Request(Self.id, [(0, 1000)])) == OutcomeCounts([.scored: 1]))
        #expect(board.explain(Self.id)?.signal.choice == .rateByMetadata)
    }

    @Test func `takes samples that come before it is said what the series is`() {
        // Another request may find a row before the one that registered it has named it.
        let board = ScoreBoard.make()
        #expect(board.score(Request(Self.id, [(0, 10), (1, 20)])) == OutcomeCounts([.warmingUp: 2]))
        board.begin(Self.id, name: "requests_total")
        #expect(board.explain(Self.id)?.outlook.warmUpLeft == AdaptiveDetector.description.warmUp)
        board.score(Request(Self.id, [(2, 40)]))
        #expect(board.explain(Self.id)?.outlook.expected == 20)
    }

    @Test func `stands every value that a sender may write`() {
        let values = [
            0, -0.0, 1e308, -1e308, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1e-300, .greatestFiniteMagnitude,
            -.greatestFiniteMagnitude, 1, -1,
        ]
        for name in ["temperature", "requests_total"] {
            let board = ScoreBoard.make()
            board.begin(Self.id, name: name)
            board.names.declare("requests", as: .counter)
            var numbers = SeededRandom(seed: 3)
            var counts = OutcomeCounts()
            for i in 0..<2_000 {
                let value = values[Int.random(in: values.indices, using: &numbers)]
                let part = board.score(Request(Self.id, [(Double(i) / 1000, value)]))
                for outcome in SampleOutcome.allCases { counts[outcome] += part[outcome] }
                guard let score = board.explain(Self.id)?.score else { continue }
                #expect(score >= 0 && score <= CalibratedScore.limit)
            }
            #expect(counts[.scored] + counts[.warmingUp] + counts[.baseline] == 2_000)
            #expect(counts[.scored] > 1_900)
        }
    }

    // MARK: Eviction

    @Test func `forgets series that fell silent, by our own clock`() {
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "temperature")
        // The sample's own time has no say in it.
        board.score(Request(Self.id, [(100_000, 1)]), now: at(10))
        board.score(Request(Self.neighbour, [(-100_000, 1)]), now: at(20))
        #expect(board.forgetIdle(shard: 3, before: at(10)).rows.isEmpty)
        #expect(board.forgetIdle(shard: 4, before: at(100)).rows.isEmpty)
        #expect(board.forgetIdle(shard: 3, before: at(11)).rows == [7])
        #expect(board.explain(Self.id) == nil)
        #expect(board.explain(Self.neighbour) != nil)
        #expect(board.forgetIdle(shard: 3, before: at(11)).rows.isEmpty)
        // A late or doubled sample is a sign of life as well.
        board.score(Request(Self.neighbour, [(-200_000, 1)]), now: at(30))
        #expect(board.forgetIdle(shard: 3, before: at(30)).rows.isEmpty)
        #expect(board.forgetIdle(shard: 3, before: at(31)).rows == [2])
    }

    @Test func `gives a row to another series as if it were new`() {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        for i in 0..<40 { board.push(Self.id, score: i % 12 == 0 ? 5 : 0, seconds: Double(i)) }
        #expect(board.forgetIdle(shard: 3, before: at(1_000)).rows == [7])

        let fresh = ScoreBoard.make()
        for board in [board, fresh] {
            board.begin(Self.id, name: "requests_total")
            // Older than what the row held before.
            board.score(Request(Self.id, (0..<60).map { (Double($0) - 1_000, Double($0 * $0)) }))
            board.push(Self.id, score: 5, seconds: 0)
        }
        #expect(SeriesState(Self.id, on: board) == SeriesState(Self.id, on: fresh))
        #expect(board.explain(Self.id)?.signal.nameID == 2)
    }

    @Test func `forgets a series that was registered and never had a sample to take`() {
        // All its samples were too old, say: it takes a place under the limit all the same.
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "temperature", now: at(10))
        #expect(board.forgetIdle(shard: 3, before: at(10)).rows.isEmpty)
        #expect(board.forgetIdle(shard: 3, before: at(11)).rows == [7])
    }

    @Test func `wipes off what a request still wrote to a row after its series was forgotten`() {
        // It had found the series just before. The row rests for a sweep, then another series gets it.
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        #expect(board.forgetIdle(shard: 3, before: at(1)).rows == [7])
        board.score(Request(Self.id, [(5_000, 1)]), now: at(1))
        #expect(board.forgetIdle(shard: 3, before: at(1)).rows.isEmpty)
        board.begin(Self.id, name: "temperature", now: at(2))
        #expect(board.score(Request(Self.id, [(10, 1)]), now: at(3)) == OutcomeCounts([.warmingUp: 1]))
    }
}
