import Detectors
import TestSupport
import Testing
import TimeSeries

@testable import Scoring

@Suite struct ScoreBoardTests {
    private static let id = SeriesID(shard: 3, row: 7)
    private static let neighbour = SeriesID(shard: 3, row: 2)

    private static func spread(_ board: ScoreBoard) -> [Int] {
        let counts = board.distribution.counts
        return counts.indices.map { counts[$0] }
    }

    @Test func `knows the detectors of the catalog and no others`() throws {
        #expect(try ScoreBoard().detectorNames == ["adaptive"])
        var policy = DetectionPolicy()
        policy.detector.name = "nope"
        #expect(throws: DetectorError.unknownDetector("nope", known: DetectorCatalog.names)) {
            try ScoreBoard(DetectionPlan(default: policy))
        }
    }

    // MARK: Time order

    @Test func `takes a series' samples in time order, however a request has them`() {
        // Four samples in every order, as one TimeSeries, as two and as four, with another series between.
        let samples: [Request.Sample] = [(0, 101), (1, 140), (2, 99), (3, 180)]
        var expected: (SeriesState?, SeriesState?)
        for (number, order) in ([samples] + permutations(samples)).enumerated() {
            for parts in [1, 2, 4] {
                let board = ScoreBoard.make()
                board.warmUp(Self.id)
                board.warmUp(Self.neighbour, seed: 2)
                var request = Request()
                for part in 0..<parts {
                    let size = 4 / parts
                    request.add(Self.id, Array(order[part * size..<(part + 1) * size]))
                    request.add(Self.neighbour, [(Double(part), 100 + Double(part))])
                }
                let counts = board.score(request)
                #expect(counts == OutcomeCounts([.scored: 4 + parts]))
                let state = SeriesState(Self.id, on: board)
                if number == 0 && parts == 1 { expected.0 = state }
                #expect(state == expected.0, "\(order) in \(parts)")
            }
        }
        #expect(expected.0?.time == at(3))
    }

    @Test func `of samples of one time takes the first`() {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        var request = Request(Self.id, [(1, 101), (1, 555)])
        request.add(Self.id, [(0, 100), (1, 777)])
        let counts = board.score(request)
        #expect(counts == OutcomeCounts([.scored: 2, .duplicate: 2]))
        let other = ScoreBoard.make()
        other.warmUp(Self.id)
        other.score(Request(Self.id, [(0, 100), (1, 101)]))
        #expect(SeriesState(Self.id, on: board) == SeriesState(Self.id, on: other))
    }

    @Test func `comes to the same however samples are spread over requests`() {
        // A gauge, a counter, one that shows what it is while it runs, and one that ends and comes back.
        var numbers = SeededRandom(seed: 5)
        let ids = (0..<4).map { SeriesID(shard: 9, row: $0) }
        let names = ["temperature", "requests_total", "progress", "visitors"]
        let series: [[Request.Sample]] = ids.indices.map { series in
            var sum = 0.0
            return (0..<200).map { i in
                sum += abs(numbers.noise())
                let value =
                    switch series {
                    case 0: 20 + numbers.noise()
                    case 1: i % 70 == 69 ? 0 : sum
                    case 2: sum
                    default: i % 50 == 49 ? staleMarker : numbers.noise()
                    }
                return (Double(i), value)
            }
        }
        var expected: [SeriesState?] = []
        var total = OutcomeCounts()
        for size in [1, 2, 7, 61, 200] {
            let board = ScoreBoard.make()
            for (id, name) in zip(ids, names) { board.begin(id, name: name) }
            var sum = OutcomeCounts()
            for start in stride(from: 0, to: 200, by: size) {
                var request = Request()
                for (id, samples) in zip(ids, series) {
                    request.add(id, Array(samples[start..<min(start + size, 200)]))
                }
                let counts = board.score(request)
                for outcome in SampleOutcome.allCases { sum[outcome] += counts[outcome] }
            }
            let states = ids.map { SeriesState($0, on: board) }
            if size == 1 { (expected, total) = (states, sum) }
            #expect(states == expected, "\(size) samples a request")
            #expect(sum == total, "\(size) samples a request")
        }
        #expect(total.total == 800)
        #expect(expected[2]?.choice == .rateByBehaviour)
    }

    // MARK: Replay

    @Test func `is not changed by a request that comes again, nor by an older one`() {
        let board = ScoreBoard.make()
        let ids = (0..<40).map { SeriesID(shard: $0 % 16, row: $0 / 16) }
        for (number, id) in ids.enumerated() { board.warmUp(id, seed: UInt64(number)) }
        var older = Request()
        var newer = Request()
        for (number, id) in ids.enumerated() {
            older.add(id, [(0, 100 + Double(number))])
            newer.add(id, [(1, 100 - Double(number)), (2, number == 3 ? staleMarker : 100)])
        }
        #expect(board.score(older) == OutcomeCounts([.scored: 40]))
        #expect(board.score(newer) == OutcomeCounts([.scored: 79, .stale: 1]))
        let states = ids.map { SeriesState($0, on: board) }
        let spread = Self.spread(board)
        for _ in 0..<3 {
            #expect(board.score(newer) == OutcomeCounts([.late: 40, .duplicate: 40]))
            #expect(board.score(older) == OutcomeCounts([.late: 40]))
        }
        #expect(ids.map { SeriesState($0, on: board) } == states)
        #expect(Self.spread(board) == spread)
    }

    // MARK: The end of a series

    @Test func `takes a score away at a stale marker and gives the next at the next sample`() {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        board.push(Self.id, score: 3, seconds: 0)
        #expect(board.shown(.all, at: 0) == [Self.id])
        #expect(board.score(Request(Self.id, [(1, staleMarker)])) == OutcomeCounts([.stale: 1]))
        #expect(board.explain(Self.id)?.score == nil)
        for exposure in [ScoreExposure.all, .anomalous, .top(5)] { #expect(board.shown(exposure, at: 1).isEmpty) }
        #expect(board.score(Request(Self.id, [(2, 100)])) == OutcomeCounts([.scored: 1]))
        #expect(board.explain(Self.id)?.score != nil)
        #expect(board.shown(.all, at: 2) == [Self.id])
    }

    @Test func `minds a stale marker's place among the samples of one request`() {
        for other in [false, true] {
            let board = ScoreBoard.make()
            board.warmUp(Self.id)
            board.warmUp(Self.neighbour, seed: 4)
            // An anomaly before the marker in the same request must not bring the score back.
            var request = Request(Self.id, [(0, 500), (1, staleMarker)])
            if other { request.add(Self.neighbour, [(0, 100), (1, 101)]) }
            board.score(request)
            #expect(board.explain(Self.id)?.score == nil)
            #expect(board.explain(Self.neighbour)?.score != nil)
            board.score(Request(Self.id, [(2, staleMarker), (3, 100)]))
            #expect(board.explain(Self.id)?.score != nil)
        }
    }

    @Test func `begins a counter's rate anew after the end`() {
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "requests_total")
        var sum = 0.0
        var numbers = SeededRandom(seed: 8)
        func step() -> Double {
            sum += 10 + numbers.noise()
            return sum
        }
        board.score(Request(Self.id, (-60..<0).map { (Double($0), step()) }))
        board.score(Request(Self.id, [(0, staleMarker)]))
        #expect(board.score(Request(Self.id, [(1, step())])) == OutcomeCounts([.baseline: 1]))
        #expect(board.explain(Self.id)?.score == nil)
        #expect(board.score(Request(Self.id, [(2, step())])) == OutcomeCounts([.scored: 1]))
    }

    @Test func `keeps the score of a series whose value is no number`() {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        let before = board.explain(Self.id)?.score
        #expect(board.score(Request(Self.id, [(1, .nan), (2, .infinity)])) == OutcomeCounts([.notFinite: 2]))
        #expect(before != nil)
        #expect(board.explain(Self.id)?.score == before)
    }

    @Test(arguments: [60.0, 300, 3600]) func `shows a score until it is older than its time to live`(timeToLive: Double)
    {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        for exposure in [ScoreExposure.all, .top(3)] {
            #expect(board.shown(exposure, at: timeToLive - 1, timeToLive: timeToLive) == [Self.id])
            #expect(board.shown(exposure, at: timeToLive - 0.999, timeToLive: timeToLive).isEmpty)
        }
    }

    // MARK: Counts

    @Test func `spreads scores over buckets whose upper bounds belong to them`() {
        let cases: [(Float, Int)] = [
            (0, 0), (0.125, 0), (Float(0.125).nextUp, 1), (0.25, 1), (0.3, 2), (0.5, 2), (0.51, 3), (1, 3),
            (Float(1).nextUp, 4),
            (2, 4), (2.1, 5), (4, 5), (5, 6), (8, 6), (9, 7), (16, 7), (Float(16).nextUp, 8), (1000, 8),
        ]
        for (score, bucket) in cases {
            var distribution = ScoreDistribution()
            distribution.add(score)
            #expect(
                distribution.counts.indices.map { distribution.counts[$0] } == (0..<9).map { $0 == bucket ? 1 : 0 },
                "\(score)")
            #expect(distribution.count == 1)
            #expect(distribution.sum == Double(score))
        }
    }

    @Test func `counts each score once in the distribution`() {
        let board = ScoreBoard.make()
        var scored = 0
        for shard in 0..<SeriesID.shardCount {
            let id = SeriesID(shard: shard, row: shard)
            board.warmUp(id, seed: UInt64(shard))
            board.push(id, score: 3, seconds: 0)
            scored += 60 - AdaptiveDetector.description.warmUp + 1
        }
        let distribution = board.distribution
        #expect(distribution.count == scored)
        #expect(distribution.counts[5] >= 16)
        #expect(distribution.sum > 3 * 16 * 0.99)
    }

    @Test func `counts the series that are scored and those that are learned`() {
        let board = ScoreBoard.make()
        #expect(board.population == (0, 0))
        board.begin(Self.neighbour, name: "temperature")
        board.score(Request(Self.neighbour, [(0, 1)]))
        #expect(board.population == (0, 1))
        board.warmUp(Self.id)
        #expect(board.population == (1, 1))
        board.score(Request(Self.neighbour, [(1, staleMarker)]))
        #expect(board.population == (1, 0))
        board.score(Request(Self.id, [(1, staleMarker)]))
        #expect(board.population == (0, 0))
        board.score(Request(Self.id, [(2, 100)]))
        #expect(board.population == (1, 0))
        let memory = board.memory
        #expect(memory.signals >= 8 * 32 && memory.detectors >= 8 * 64 && memory.board >= 8 * 24)
    }
}
