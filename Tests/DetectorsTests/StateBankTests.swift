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
            let scores = score(rows, times, values, by: &bank)
            for i in rows.indices {
                let raw = detector.score(values[i], at: times[i], state: &states[Int(rows[i])])
                guard let raw else {
                    #expect(scores[i].isNaN)
                    continue
                }
                #expect(abs(scores[i] - raw / 6) <= 1e-6 * scores[i])
                if scores[i] > 1 { anomalous += 1 }
            }
        }
        #expect(anomalous > 5)
        for row in 0..<7 {
            #expect(bank.outlook(row: row) == detector.outlook(states[row]))
            #expect(bank.reasons(row: row) == detector.reasons(states[row]))
        }
    }

    @Test func `cuts scores to the limit`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        bank.makeRoom(rows: 1)
        for (value, expected) in [(5.0, Float(0)), (7, 1_000), (-1e300, 1_000)] {
            let scores = score(
                [UInt32](repeating: 0, count: 32), (0..<32).map { Timestamp(milliseconds: $0) },
                [Double](repeating: 5, count: 31) + [value], by: &bank)
            #expect(scores[31] == expected)
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
        let scores = score(
            [UInt32](repeating: 0, count: 100), (0..<100).map { Timestamp(milliseconds: $0) }, values, by: &bank)
        #expect(scores[80] == 1_000)
        #expect(scores.dropFirst(31).allSatisfy { $0 >= 0 && $0 <= 1_000 })
    }

    @Test func `forgets one row and not its neighbours`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        bank.makeRoom(rows: 3)
        for i in 0..<40 {
            _ = score(
                [0, 1, 2], [Timestamp](repeating: Timestamp(milliseconds: Int64(i)), count: 3), [1, 2, 3], by: &bank)
        }
        bank.forget(row: 1)
        #expect(bank.outlook(row: 0).warmUpLeft == 0)
        #expect(bank.outlook(row: 1) == Outlook(expected: nil, lower: nil, upper: nil, warmUpLeft: 31))
        #expect(bank.outlook(row: 2).expected == 3)
    }

    @Test func `makes room without losing what was learned, and never takes it away`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        #expect(bank.memoryBytes == 0)
        bank.makeRoom(rows: 1)
        _ = score([0], [Timestamp(milliseconds: 0)], [42], by: &bank)
        for rows in [0, 1, 2, 3, 1_000, 500] {
            bank.makeRoom(rows: rows)
            #expect(bank.outlook(row: 0).expected == 42)
            #expect(bank.outlook(row: max(1, rows) - 1).warmUpLeft == (rows < 2 ? 30 : 31))
        }
        #expect(bank.outlook(row: 999).warmUpLeft == 31)
        #expect(bank.memoryBytes >= 64_000)
        #expect(bank.memoryBytes <= 192_000)
    }

    @Test func `an empty batch is nothing`() {
        var bank: any DetectorBank = StateBank(AdaptiveDetector())
        #expect(score([], [], [], by: &bank).isEmpty)
    }

    @Test func `a row without room stops the program`() async {
        await #expect(processExitsWith: .failure) {
            var bank = StateBank(AdaptiveDetector())
            bank.makeRoom(rows: 3)
            var scores: [Float] = [0]
            var room = scores.mutableSpan
            bank.score([RowSample(row: 3, time: Timestamp(milliseconds: 0), value: 1)].span, into: &room)
        }
    }

    private func score(
        _ rows: [UInt32], _ times: [Timestamp], _ values: [Double], by bank: inout any DetectorBank
    ) -> [Float] {
        var scores = [Float](repeating: -1, count: rows.count)
        var room = scores.mutableSpan
        let samples = rows.indices.map { RowSample(row: rows[$0], time: times[$0], value: values[$0]) }
        bank.score(samples.span, into: &room)
        return scores
    }
}
