import TestSupport
import Testing
import TimeSeries

@testable import Scoring

@Suite struct ScoreExposureTests {
    private static let ids = (0..<24).map { SeriesID(shard: $0 % 16, row: $0 / 16) }

    private static func warmBoard() -> ScoreBoard {
        let board = ScoreBoard.make()
        for (number, id) in ids.enumerated() { board.warmUp(id, seed: UInt64(number)) }
        return board
    }

    private static func inOrder(_ ids: [SeriesID]) -> [SeriesID] { ids.sorted { $0.rawValue < $1.rawValue } }

    @Test(
        arguments: [
            ("all", .all), ("anomalous", .anomalous), ("top:1", .top(1)), ("top:500", .top(500)),
            ("", nil), ("All", nil), ("top", nil), ("top:", nil), ("top:0", nil), ("top:-1", nil), ("top:1.5", nil),
            ("top:x", nil),
            ("top: 1", nil), ("top:99999999999999999999", nil), ("none", nil),
        ] as [(String, ScoreExposure?)]) func `reads what a person writes`(text: String, exposure: ScoreExposure?)
    {
        #expect(ScoreExposure(text) == exposure)
        if let exposure { #expect(exposure.description == text) }
    }

    @Test func `shows every score, by shard and row`() {
        let board = Self.warmBoard()
        board.begin(SeriesID(shard: 0, row: 9), name: "still_warming")
        board.score(Request(SeriesID(shard: 0, row: 9), [(0, 1)]))
        #expect(board.shown(.all, at: 0) == Self.inOrder(Self.ids))
        let exposed = board.exposed(.all, since: at(-300), now: at(0))
        #expect(exposed.count == SeriesID.shardCount)
        for (shard, part) in exposed.enumerated() {
            for (row, score) in zip(part.rows, part.scores) {
                #expect(board.explain(SeriesID(shard: shard, row: Int(row)))?.score == score)
            }
        }
    }

    // MARK: Anomalous

    @Test(arguments: [60.0, 300, 3600])
    func `shows what was anomalous for five minutes after, whatever a score's time to live`(
        timeToLive: Double
    ) {
        let board = Self.warmBoard()
        let id = Self.ids[17]
        #expect(board.shown(.anomalous, at: 0, timeToLive: timeToLive).isEmpty)
        board.push(id, score: 3, seconds: 0)
        #expect(board.shown(.anomalous, at: 0, timeToLive: timeToLive) == [id])
        for seconds in stride(from: 15.0, through: 300, by: 15) {
            board.push(id, score: 0, seconds: seconds)
            #expect(board.shown(.anomalous, at: seconds, timeToLive: timeToLive) == [id], "after \(seconds) s")
        }
        board.push(id, score: 0, seconds: 301)
        #expect(board.shown(.anomalous, at: 301, timeToLive: timeToLive).isEmpty)
        board.push(id, score: 3, seconds: 310)
        #expect(board.shown(.anomalous, at: 310, timeToLive: timeToLive) == [id])
    }

    @Test func `shows what is anomalous however long it lasts`() {
        let board = Self.warmBoard()
        let id = Self.ids[3]
        board.push(id, score: 3, seconds: 0)
        // Its sender is slow: the last score is ten minutes old, and still stands.
        #expect(board.shown(.anomalous, at: 600, timeToLive: 3600) == [id])
    }

    // MARK: Top

    @Test func `shows the highest scores`() {
        let board = Self.warmBoard()
        var numbers = SeededRandom(seed: 1)
        let order = Self.ids.shuffled(using: &numbers)
        for (place, id) in order.enumerated() { board.push(id, score: 30 - Double(place), seconds: 0) }
        for count in [1, 2, 7, 23, 24, 25, 1_000_000] {
            // A board of its own each time would show the same: higher places were shown before lower ones.
            #expect(board.shown(.top(count), at: 0) == Self.inOrder(Array(order.prefix(count))), "top \(count)")
        }
    }

    @Test func `gives equal scores their places by their row, the same at each scrape`() {
        let board = ScoreBoard.make()
        for id in Self.ids {
            board.begin(id, name: "constant")
            board.score(Request(id, (-60..<0).map { (Double($0), 1) }))
        }
        let first = Self.inOrder(Self.ids).prefix(5)
        for _ in 0..<5 { #expect(board.shown(.top(5), at: 0) == Array(first)) }
    }

    @Test func `keeps a series in its place until it is clearly passed`() {
        let board = Self.warmBoard()
        let (holder, rival) = (Self.ids[20], Self.ids[4])
        board.push(holder, score: 10, seconds: 0)
        #expect(board.shown(.top(1), at: 0) == [holder])
        // The two swing around each other by a tenth.
        for second in 1...20 {
            board.push(holder, score: second % 2 == 0 ? 10 : 9.5, seconds: Double(second))
            board.push(rival, score: second % 2 == 0 ? 9.5 : 10.5, seconds: Double(second))
            #expect(board.shown(.top(1), at: Double(second)) == [holder], "second \(second)")
        }
        board.push(holder, score: 10, seconds: 21)
        board.push(rival, score: 13, seconds: 21)
        #expect(board.shown(.top(1), at: 21) == [rival])
        board.push(rival, score: 10, seconds: 22)
        board.push(holder, score: 11, seconds: 22)
        #expect(board.shown(.top(1), at: 22) == [rival])
    }

    @Test func `gives the place of a series that ended to the next`() {
        let board = Self.warmBoard()
        for (place, id) in Self.ids.enumerated() { board.push(id, score: 30 - Double(place), seconds: 0) }
        #expect(board.shown(.top(2), at: 0) == Self.inOrder([Self.ids[0], Self.ids[1]]))
        board.score(Request(Self.ids[0], [(1, staleMarker)]))
        #expect(board.shown(.top(2), at: 1) == Self.inOrder([Self.ids[1], Self.ids[2]]))
    }
}
