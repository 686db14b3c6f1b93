import Detectors
import TestSupport
import Testing
import TimeSeries

@testable import Scoring

@Suite struct ScoreBoardTests {
    private static let id = SeriesID(shard: 3, row: 7)
    private static let neighbour = SeriesID(shard: 3, row: 2)

    private static func counts(_ pairs: KeyValuePairs<SampleOutcome, Int>) -> OutcomeCounts {
        var counts = OutcomeCounts()
        for (outcome, count) in pairs { counts[outcome] = count }
        return counts
    }

    private static func spread(_ board: ScoreBoard) -> [Int] {
        let counts = board.distribution.counts
        return counts.indices.map { counts[$0] }
    }

    @Test func `knows the detectors of the catalog and no others`() {
        #expect(ScoreBoard(detector: "adaptive")?.detectorName == "adaptive")
        #expect(ScoreBoard(detector: "nope") == nil)
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
                #expect(counts == Self.counts([.scored: 4 + parts]))
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
        #expect(counts == Self.counts([.scored: 2, .duplicate: 2]))
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
                for (id, samples) in zip(ids, series) { request.add(id, Array(samples[start..<min(start + size, 200)])) }
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
        #expect(board.score(older) == Self.counts([.scored: 40]))
        #expect(board.score(newer) == Self.counts([.scored: 79, .stale: 1]))
        let states = ids.map { SeriesState($0, on: board) }
        let spread = Self.spread(board)
        for _ in 0..<3 {
            #expect(board.score(newer) == Self.counts([.late: 40, .duplicate: 40]))
            #expect(board.score(older) == Self.counts([.late: 40]))
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
        #expect(board.score(Request(Self.id, [(1, staleMarker)])) == Self.counts([.stale: 1]))
        #expect(board.explain(Self.id)?.score == nil)
        for exposure in [ScoreExposure.all, .anomalous, .top(5)] { #expect(board.shown(exposure, at: 1).isEmpty) }
        #expect(board.score(Request(Self.id, [(2, 100)])) == Self.counts([.scored: 1]))
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
        #expect(board.score(Request(Self.id, [(1, step())])) == Self.counts([.baseline: 1]))
        #expect(board.explain(Self.id)?.score == nil)
        #expect(board.score(Request(Self.id, [(2, step())])) == Self.counts([.scored: 1]))
    }

    @Test func `keeps the score of a series whose value is no number`() {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        let before = board.explain(Self.id)?.score
        #expect(board.score(Request(Self.id, [(1, .nan), (2, .infinity)])) == Self.counts([.notFinite: 2]))
        #expect(before != nil)
        #expect(board.explain(Self.id)?.score == before)
    }

    @Test(arguments: [60.0, 300, 3600]) func `shows a score until it is older than its time to live`(timeToLive: Double) {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        for exposure in [ScoreExposure.all, .top(3)] {
            #expect(board.shown(exposure, at: timeToLive - 1, timeToLive: timeToLive) == [Self.id])
            #expect(board.shown(exposure, at: timeToLive - 0.999, timeToLive: timeToLive).isEmpty)
        }
    }

    // MARK: What is looked at

    @Test func `learns anew when metadata comes later and says something else`() {
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "requests")
        board.begin(Self.neighbour, name: "temperature")
        for id in [Self.id, Self.neighbour] { board.score(Request(id, (-60..<0).map { (Double($0), Double($0 % 7)) })) }
        #expect(board.explain(Self.id)?.outlook.warmUpLeft == 0)
        let untouched = SeriesState(Self.neighbour, on: board)
        board.names.declare("requests", as: .counter)
        #expect(board.score(Request(Self.id, [(0, 10)])) == Self.counts([.warmingUp: 1]))
        let explanation = board.explain(Self.id)
        #expect(explanation?.signal.choice == .rateByMetadata)
        #expect(explanation?.score == nil)
        #expect(explanation?.outlook.warmUpLeft == AdaptiveDetector.warmUp - 1)
        #expect(SeriesState(Self.neighbour, on: board) == untouched)
    }

    @Test func `goes on without a break when metadata confirms what was thought`() {
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "requests_total")
        board.score(Request(Self.id, (-60..<0).map { (Double($0), 1000 + Double($0)) }))
        board.names.declare("requests", as: .counter)
        #expect(board.score(Request(Self.id, [(0, 1000)])) == Self.counts([.scored: 1]))
        #expect(board.explain(Self.id)?.signal.choice == .rateByMetadata)
    }

    @Test func `takes samples that come before it is said what the series is`() {
        // Another request may find a row before the one that registered it has named it.
        let board = ScoreBoard.make()
        #expect(board.score(Request(Self.id, [(0, 10), (1, 20)])) == Self.counts([.warmingUp: 2]))
        board.begin(Self.id, name: "requests_total")
        #expect(board.explain(Self.id)?.outlook.warmUpLeft == AdaptiveDetector.warmUp)
        board.score(Request(Self.id, [(2, 40)]))
        #expect(board.explain(Self.id)?.outlook.expected == 20)
    }

    @Test func `stands every value that a sender may write`() {
        let values = [
            0, -0.0, 1e308, -1e308, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 1e-300, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, -1,
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

    // MARK: Counts

    @Test func `spreads scores over buckets whose upper bounds belong to them`() {
        let cases: [(Float, Int)] = [
            (0, 0), (0.125, 0), (Float(0.125).nextUp, 1), (0.25, 1), (0.3, 2), (0.5, 2), (0.51, 3), (1, 3), (Float(1).nextUp, 4),
            (2, 4), (2.1, 5), (4, 5), (5, 6), (8, 6), (9, 7), (16, 7), (Float(16).nextUp, 8), (1000, 8),
        ]
        for (score, bucket) in cases {
            var distribution = ScoreDistribution()
            distribution.add(score)
            #expect(distribution.counts.indices.map { distribution.counts[$0] } == (0..<9).map { $0 == bucket ? 1 : 0 }, "\(score)")
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
            scored += 60 - AdaptiveDetector.warmUp + 1
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
        #expect(memory.signals >= 8 * 32 && memory.detectors >= 8 * 64 && memory.board >= 8 * 16)
    }

    // MARK: Eviction

    @Test func `forgets series that fell silent, by our own clock`() {
        let board = ScoreBoard.make()
        board.begin(Self.id, name: "temperature")
        // The sample's own time has no say in it.
        board.score(Request(Self.id, [(100_000, 1)]), now: at(10))
        board.score(Request(Self.neighbour, [(-100_000, 1)]), now: at(20))
        #expect(board.forgetIdle(shard: 3, before: at(10)).isEmpty)
        #expect(board.forgetIdle(shard: 4, before: at(100)).isEmpty)
        #expect(board.forgetIdle(shard: 3, before: at(11)) == [7])
        #expect(board.explain(Self.id) == nil)
        #expect(board.explain(Self.neighbour) != nil)
        #expect(board.forgetIdle(shard: 3, before: at(11)).isEmpty)
        // A late or doubled sample is a sign of life as well.
        board.score(Request(Self.neighbour, [(-200_000, 1)]), now: at(30))
        #expect(board.forgetIdle(shard: 3, before: at(30)).isEmpty)
        #expect(board.forgetIdle(shard: 3, before: at(31)) == [2])
    }

    @Test func `gives a row to another series as if it were new`() {
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        for i in 0..<40 { board.push(Self.id, score: i % 12 == 0 ? 5 : 0, seconds: Double(i)) }
        #expect(board.forgetIdle(shard: 3, before: at(1_000)) == [7])

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
        #expect(board.forgetIdle(shard: 3, before: at(10)).isEmpty)
        #expect(board.forgetIdle(shard: 3, before: at(11)) == [7])
    }

    @Test func `wipes off what a request still wrote to a row after its series was forgotten`() {
        // It had found the series just before. The row rests for a sweep, then another series gets it.
        let board = ScoreBoard.make()
        board.warmUp(Self.id)
        #expect(board.forgetIdle(shard: 3, before: at(1)) == [7])
        board.score(Request(Self.id, [(5_000, 1)]), now: at(1))
        #expect(board.forgetIdle(shard: 3, before: at(1)).isEmpty)
        board.begin(Self.id, name: "temperature", now: at(2))
        #expect(board.score(Request(Self.id, [(10, 1)]), now: at(3)) == Self.counts([.warmingUp: 1]))
    }
}
