import Testing
import TimeSeries

@testable import Scoring

@Suite struct ScoreOutputTests {
    @Test(arguments: [
        ("", [ScoreOutput.score]), ("score", [.score]), ("onset", [.score, .onset]),
        ("upper, lower,expected ,smoothed", [.score, .smoothed, .expected, .lower, .upper]),
    ])
    func `reads names, always with the score, in one order`(text: String, expected: [ScoreOutput]) {
        #expect(ScoreOutput.list(text) == expected)
    }

    @Test(arguments: ["scores", "score,all", "Upper"])
    func `refuses what it does not know`(text: String) {
        #expect(ScoreOutput.list(text) == nil)
    }

    @Test func `the board gives the values that were asked for`() {
        let board = ScoreBoard.make()
        let id = SeriesID(shard: 0, row: 0)
        board.warmUp(id)
        board.push(id, score: 3, seconds: 0)
        let exposed = board.exposed(
            .all, others: [.onset, .lower, .expected, .upper, .smoothed], since: at(-1), now: at(0))[0]
        let values = exposed.others.map { $0[0] }
        #expect(exposed.scores[0] > 1)
        #expect(values[0] == 1)
        #expect(values[1] < values[2] && values[2] < values[3])
        #expect(values[4] > 0 && values[4] < Double(exposed.scores[0]))
    }
}
