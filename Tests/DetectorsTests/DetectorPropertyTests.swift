import Testing
import TimeSeries

@testable import Detectors

/// What every detector of the catalog owes, whatever its equation.
@Suite struct DetectorPropertyTests {
    /// Runs a bank of one row over values, a sample a minute unless said otherwise.
    private struct Run {
        var bank: any DetectorBank
        var time: Int64 = 1_700_000_000_000
        var seconds: Float = 60

        init(_ text: String) throws {
            // An ensemble by itself has no members.
            let written = text == "ensemble" ? "ensemble(adaptive, zscore, record)" : text
            bank = try DetectorCatalog.makeBank(DetectorSpecification(parsing: written))
            bank.makeRoom(rows: 1)
        }

        mutating func judge(_ value: Double) -> Judgement {
            let sample = SignalSample(interval: seconds, time: Timestamp(milliseconds: time), value: value)
            time += Int64(seconds * 1000)
            var judgements = [Judgement(score: -1, deviation: 0)]
            var room = judgements.mutableSpan
            bank.judge([sample].span, into: &room)
            return judgements[0]
        }

        var outlook: Outlook { bank.outlook(row: 0, at: Timestamp(milliseconds: time)) }
    }

    private static let extremes: [Double] = [
        0, 1, -1, 1e-30, -1e-30, 1e30, -1e30, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
        .leastNonzeroMagnitude, .leastNormalMagnitude, 1e-38, 1e38, 3.4e38, .pi,
    ]

    @Test(arguments: DetectorCatalog.names)
    func `whatever is finite gives no NaN and no infinity`(name: String) throws {
        var noise = Noise(seed: 21)
        for round in 0..<6 {
            var run = try Run(name)
            for i in 0..<400 {
                let value: Double
                switch round % 3 {
                case 0: value = Self.extremes[Int(noise.next() % UInt64(Self.extremes.count))]
                case 1: value = i < 300 ? noise.value() : Self.extremes[(i / 40 + round) % Self.extremes.count]
                default:
                    let bits = Double(bitPattern: noise.next())
                    value = bits.isFinite ? bits : 0
                }
                let judgement = run.judge(value)
                if !judgement.isWarmingUp, !(judgement.score >= 0 && judgement.score <= CalibratedScore.limit) {
                    Issue.record("score \(judgement.score) for \(value), sample \(i) of round \(round)")
                    return
                }
                if judgement.deviation.isInfinite {
                    Issue.record("deviation \(judgement.deviation) for \(value), sample \(i) of round \(round)")
                    return
                }
                let outlook = run.outlook
                for bound in [outlook.expected, outlook.lower, outlook.upper] where bound?.isNaN == true {
                    Issue.record("\(outlook) after \(value), sample \(i) of round \(round)")
                    return
                }
                for reason in run.bank.reasons(row: 0) where reason.value.isNaN {
                    Issue.record("\(reason) after \(value), sample \(i) of round \(round)")
                    return
                }
            }
        }
    }

    @Test(arguments: DetectorCatalog.names, [0.0, 1, -273.15, 1e15 + 0.25, 1e-12, -1e30])
    func `a constant series never alarms`(name: String, value: Double) throws {
        var run = try Run(name)
        for i in 0..<700 {
            let judgement = run.judge(value)
            if !judgement.isWarmingUp, judgement.score > 1 {
                Issue.record("score \(judgement.score), sample \(i)")
                return
            }
        }
    }

    @Test(arguments: DetectorCatalog.names)
    func `a single absurd value is forgotten`(name: String) throws {
        // After it, ordinary values soon score as they do without it, and a real spike is seen again.
        // Static bounds are none by default.
        var run = try Run(name == "threshold" ? "threshold(upper=300)" : name)
        for value in Noise(seed: 22).values(700) { _ = run.judge(value) }
        _ = run.judge(1e18)
        var later: [Float] = []
        for value in Noise(seed: 23).values(4_000) { later.append(run.judge(value).score) }
        let alarms = later.suffix(1_500).count { $0 > 1 }
        #expect(alarms < 75, "\(alarms) of the last 1,500 ordinary values are anomalous")
        var best: Float = 0
        for value in [400.0, 400, 400, 400, 400, 400, 400, 400] { best = max(best, run.judge(value).score) }
        for value in Noise(seed: 24).values(60) { best = max(best, run.judge(value).score) }
        #expect(best > 1, "a change by 150 standard deviations scores \(best)")
    }

    @Test(arguments: DetectorCatalog.names)
    func `a copied state goes on as the original does`(name: String) throws {
        var run = try Run(name)
        let values = Noise(seed: 25).withSpikes(1_200)
        for value in values[..<700] { _ = run.judge(value) }
        var copy = run
        for value in values[700...] {
            let (one, other) = (run.judge(value), copy.judge(value))
            #expect(one.score.bitPattern == other.score.bitPattern)
            #expect(one.deviation.bitPattern == other.deviation.bitPattern)
        }
        #expect(run.outlook == copy.outlook)
    }

    @Test(arguments: DetectorCatalog.entries.map(\.description.name))
    func `holds to the invariances it claims`(name: String) throws {
        let invariances = try #require(DetectorCatalog.entry(named: name)).description.invariances
        // Values and changes that are exact in binary, so that only the detector can make a difference.
        let values = Noise(seed: 26).withSpikes(1_400).map { ($0 * 64).rounded() / 64 }
        func scores(_ change: (Double) -> Double) throws -> [Float] {
            var run = try Run(name)
            return values.map { run.judge(change($0)).score }
        }
        let plain = try scores { $0 }
        if invariances.contains(.shift) { expectAlike(plain, try scores { $0 + 1024 }, "shift") }
        if invariances.contains(.scale) { expectAlike(plain, try scores { $0 * 256 }, "scale") }
    }

    private func expectAlike(_ left: [Float], _ right: [Float], _ what: String) {
        for (i, (a, b)) in zip(left, right).enumerated() where a.isNaN != b.isNaN || abs(a - b) > 0.02 * max(a, 0.1) {
            Issue.record("\(what): sample \(i) scores \(a) and \(b)")
            return
        }
    }

    @Test(arguments: DetectorCatalog.names.filter { $0 != "ensemble" })
    func `the warm-up is as long as it says`(name: String) throws {
        let entry = try #require(DetectorCatalog.entry(named: name))
        var run = try Run(name)
        var warming = 0
        for value in Noise(seed: 27).values(entry.description.warmUp + 5) where run.judge(value).isWarmingUp {
            warming += 1
        }
        #expect(warming == entry.description.warmUp)
    }
}
