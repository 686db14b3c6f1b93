import Testing
import TimeSeries

@testable import Detectors

@Suite struct StateBankTests {
    @Test func `scores as the detector does sample by sample, a row several times in a batch`() {
        let detector = AdaptiveDetector()
        var bank: any DetectorBank = StateBank(detector)
        bank.makeRoom(rows: 7)
        var states = (0..<7).map { _ in detector.makeState() }
        var noise = Noise(seed: 1)
        var anomalous = 0
        for batch in 0..<100 {
            // Rows at random: most come more than once, some not at all.
            let rows = (0..<20).map { _ in UInt32(noise.next() % 7) }
            let times = rows.indices.map { Timestamp(milliseconds: Int64(batch * 100 + $0)) }
            let values = rows.map { noise.value() * Double($0 + 1) + (noise.next() % 64 == 0 ? 400 : 0) }
            let judgements = judge(rows, times, values, by: &bank)
            for i in rows.indices {
                let judgement = detector.judge(
                    SignalSample(time: times[i], value: values[i]), state: &states[Int(rows[i])])
                if judgement.isWarmingUp {
                    #expect(judgements[i].isWarmingUp)
                    continue
                }
                #expect(abs(judgements[i].score - judgement.score / detector.divisor) <= 1e-6 * judgements[i].score)
                #expect(judgements[i].deviation == judgement.deviation)
                if judgements[i].score > 1 { anomalous += 1 }
            }
        }
        #expect(anomalous > 5)
        for row in 0..<7 {
            #expect(bank.outlook(row: row, at: now) == detector.outlook(states[row], at: now))
            #expect(bank.reasons(row: row) == detector.reasons(states[row]))
        }
    }

    @Test func `cuts scores to the limit`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        bank.makeRoom(rows: 1)
        for (value, expected) in [(5.0, Float(0)), (7, 1_000), (-1e300, 1_000)] {
            let scores = judge(
                [UInt32](repeating: 0, count: 32), (0..<32).map { Timestamp(milliseconds: $0) },
                [Double](repeating: 5, count: 31) + [value], by: &bank)
            #expect(scores[31].score == expected)
            bank.forget(row: 0)
        }
        #expect(CalibratedScore.limit == 1_000)
    }

    @Test func `an infinite value is scored and does no lasting harm`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        bank.makeRoom(rows: 1)
        var values = Noise(seed: 2).values(100)
        values[80] = .infinity
        values[90] = -.infinity
        let scores = judge(
            [UInt32](repeating: 0, count: 100), (0..<100).map { Timestamp(milliseconds: $0) }, values, by: &bank)
        #expect(scores[80].score == 1_000)
        #expect(scores.dropFirst(31).allSatisfy { $0.score >= 0 && $0.score <= 1_000 })
    }

    @Test func `forgets one row and not its neighbours`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        bank.makeRoom(rows: 3)
        for i in 0..<40 {
            _ = judge(
                [0, 1, 2], [Timestamp](repeating: Timestamp(milliseconds: Int64(i)), count: 3), [1, 2, 3], by: &bank)
        }
        bank.forget(row: 1)
        #expect(bank.outlook(row: 0, at: now).warmUpLeft == 0)
        #expect(bank.outlook(row: 1, at: now) == Outlook(expected: nil, lower: nil, upper: nil, warmUpLeft: 31))
        #expect(bank.outlook(row: 2, at: now).expected == 3)
    }

    @Test func `makes room without losing what was learned, and never takes it away`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        #expect(bank.memoryBytes == 0)
        bank.makeRoom(rows: 1)
        _ = judge([0], [Timestamp(milliseconds: 0)], [42], by: &bank)
        for rows in [0, 1, 2, 3, 1_000, 500] {
            bank.makeRoom(rows: rows)
            #expect(bank.outlook(row: 0, at: now).expected == 42)
            #expect(bank.outlook(row: max(1, rows) - 1, at: now).warmUpLeft == (rows < 2 ? 30 : 31))
        }
        #expect(bank.outlook(row: 999, at: now).warmUpLeft == 31)
        #expect(bank.memoryBytes >= 64_000)
        #expect(bank.memoryBytes <= 192_000)
    }

    @Test func `an empty batch is nothing`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        #expect(judge([], [], [], by: &bank).isEmpty)
    }

    @Test func `a row without room stops the program`() async {
        await #expect(processExitsWith: .failure) {
            var bank = StateBank(AdaptiveDetector())
            bank.makeRoom(rows: 3)
            var judgements: [Judgement] = [.warmingUp]
            var room = judgements.mutableSpan
            bank.judge([SignalSample(row: 3, time: Timestamp(milliseconds: 0), value: 1)].span, into: &room)
        }
    }

    private let now = Timestamp(milliseconds: 1_000)

    private func judge(
        _ rows: [UInt32], _ times: [Timestamp], _ values: [Double], by bank: inout any DetectorBank
    ) -> [Judgement] {
        var judgements = [Judgement](repeating: Judgement(score: -1, deviation: 0), count: rows.count)
        var room = judgements.mutableSpan
        let samples = rows.indices.map { SignalSample(row: rows[$0], time: times[$0], value: values[$0]) }
        bank.judge(samples.span, into: &room)
        return judgements
    }
}
