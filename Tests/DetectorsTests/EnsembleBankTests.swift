import Testing
import TimeSeries

@testable import Detectors

@Suite struct EnsembleBankTests {
    private func ensemble(_ parameters: [String: String], _ members: [String]) throws -> EnsembleBank {
        try EnsembleBank(
            DetectorParameters(parameters, for: EnsembleBank.description),
            members: members.map { try PatternTests.bank($0) })
    }

    private let values = Noise(seed: 2).withSpikes(490)
    private let three = ["pattern", "record", "record(feature=spread)"]

    private func scores(of members: [String]) throws -> [[Float]] {
        try members.map {
            var bank = try PatternTests.bank($0)
            return PatternTests.judge(&bank, values).map(\.score)
        }
    }

    @Test(arguments: ["max", "mean"])
    func `maximum and mean are of the members that have a score`(rule: String) throws {
        var bank: any DetectorBank = try ensemble(["combine": rule], three)
        let combined = PatternTests.judge(&bank, values).map(\.score)
        let single = try scores(of: three)
        for i in values.indices {
            let warm = single.map { $0[i] }.filter { !$0.isNaN }
            if warm.isEmpty {
                #expect(combined[i].isNaN)
            } else {
                let expected = rule == "max" ? warm.max() ?? 0 : warm.reduce(0, +) / Float(warm.count)
                #expect(abs(combined[i] - expected) <= 1e-5 * max(expected, 1))
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func `a vote is the need-th largest of the held scores`(need: Int) throws {
        var bank: any DetectorBank = try ensemble(["need": "\(need)"], three)
        let combined = PatternTests.judge(&bank, values).map(\.score)
        let single = try scores(of: three)
        var held = [Float](repeating: 0, count: 3)
        var above = 0
        for i in values.indices {
            for k in 0..<3 {
                let score = single[k][i].isNaN ? 0 : single[k][i]
                held[k] = max(min(score, 5), held[k] * Float(0.5).squareRoot())
            }
            let expected = held.sorted(by: >)[need - 1]
            let warm = single.count { !$0[i].isNaN }
            #expect(combined[i].isNaN == (warm < need), "sample \(i)")
            if !combined[i].isNaN { #expect(abs(combined[i] - expected) <= 1e-4) }
            if combined[i] > 1 { above += 1 }
        }
        #expect(above > 0)
    }

    @Test func `a rank passes 1 only for what is rare in its own history`() throws {
        var bank: any DetectorBank = try ensemble(["combine": "rank"], ["record", "pattern"])
        let long = Noise(seed: 4).values(3_000) + [500, 500, 500, 500]
        let ranks = PatternTests.judge(&bank, long).map(\.score)
        #expect(ranks.prefix(500).allSatisfy { $0.isNaN || $0 <= 1 })
        #expect(ranks[500..<3_000].count { $0 > 1 } < 15)
        #expect((ranks.suffix(4).max() ?? 0) > 1)
        #expect(ranks.allSatisfy { $0.isNaN || $0 >= 0 && $0 < 1.5 })
    }

    @Test func `batches, several samples of a row and other rows make no difference`() throws {
        for rule in ["vote", "mean", "rank"] {
            var whole: any DetectorBank = try ensemble(["combine": rule], three)
            let expected = PatternTests.judge(&whole, values)
            var split = try ensemble(["combine": rule], three)
            split.makeRoom(rows: 3)
            var found: [Judgement] = []
            for start in Swift.stride(from: 0, to: values.count, by: 35) {
                let size = min(35, values.count - start)
                var samples: [SignalSample] = []
                for i in start..<start + size {
                    let time = Timestamp(milliseconds: Int64(i) * 60_000)
                    samples.append(SignalSample(row: 1, interval: 60, time: time, value: values[i]))
                    if i % 3 == 0 { samples.append(SignalSample(row: 2, interval: 60, time: time, value: -values[i])) }
                }
                var judgements = [Judgement](repeating: .warmingUp, count: samples.count)
                var span = judgements.mutableSpan
                split.judge(samples.span, into: &span)
                for (sample, judgement) in zip(samples, judgements) where sample.row == 1 { found.append(judgement) }
            }
            #expect(found.map(\.score.bitPattern) == expected.map(\.score.bitPattern))
            #expect(found.map(\.deviation.bitPattern) == expected.map(\.deviation.bitPattern))
        }
    }

    @Test func `outlook, deviation and reasons come from the members`() throws {
        var bank: any DetectorBank = try ensemble([:], three)
        let judgements = PatternTests.judge(&bank, values)
        var record = try PatternTests.bank("record")
        let alone = PatternTests.judge(&record, values)
        let now = Timestamp(milliseconds: 0)
        #expect(bank.outlook(row: 0, at: now) == record.outlook(row: 0, at: now))
        #expect(judgements.last?.deviation == alone.last?.deviation)
        #expect(bank.reasons(row: 0).map(\.name) == ["pattern (1)", "record (2)", "record (3)"])
        bank.forget(row: 0)
        #expect(bank.reasons(row: 0).isEmpty)
        #expect(bank.outlook(row: 0, at: now).warmUpLeft > 0)
        let again = PatternTests.judge(&bank, values)
        #expect(again.map(\.score.bitPattern) == judgements.map(\.score.bitPattern))
    }

    @Test func `refuses no members, and a vote that none can win`() {
        #expect(throws: DetectorError.self) { try ensemble([:], []) }
        #expect(throws: DetectorError.self) { try ensemble(["need": "4"], three) }
        #expect(throws: DetectorError.self) { try ensemble(["combine": "median"], three) }
    }

    @Test func `the named ensembles read back as they are written`() throws {
        for ensemble in [NamedEnsemble.balancedVote, .noveltyVote, .slowMetrics, .strictVote] {
            let specification = ensemble.specification
            #expect(try DetectorSpecification(parsing: specification.description) == specification)
        }
    }
}
