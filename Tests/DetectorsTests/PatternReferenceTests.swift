import Foundation
import TestSupport
import Testing
import TimeSeries

@testable import Detectors

/// Holds pattern memory, range records, seasonal records and their votes against the prototypes of the study: on small synthetic series
/// always, on all of NAB where its folder is given (see References/make_nab_scores.py).
@Suite struct PatternReferenceTests {
    private struct Reference: Decodable {
        let values: [Double]
        let scores: [String: [String: Double]]
    }

    @Test(arguments: ["diurnal", "steps", "walk", "counts"])
    func `the scores are those of the prototypes`(name: String) throws {
        let url = try #require(
            Bundle.module.url(forResource: "pattern-\(name)", withExtension: "json", subdirectory: "References"))
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        let times = reference.values.indices.map { 300 * Double($0) }
        let exact = Scores<Double>(reference.values, at: times)
        let production = Scores<Float>(reference.values, at: times)
        for (key, expected) in reference.scores {
            #expect(!expected.isEmpty)
            var worst = (exact: 0.0, production: 0.0)
            for (place, score) in expected {
                let i = try #require(Int(place))
                worst.exact = max(worst.exact, difference(exact[key][i], score))
                worst.production = max(worst.production, difference(production[key][i], score))
            }
            #expect(worst.exact <= 1e-9, "\(key)")
            #expect(worst.production <= 1e-3, "\(key)")
        }
    }

    @Test(.enabled(if: NABScores.areAtHand, "set LAPWING_QUALITY and LAPWING_PROTOTYPE_SCORES, see NABScores"))
    func `on all of NAB the scores are those of the prototypes`() throws {
        let nab = try NABScores()
        var worst: [String: (exact: Double, production: Double)] = [:]
        for series in nab.series {
            let values = series.values
            let seasonal = try nab.scores(of: "R", series)
            #expect(seasonal.count == values.count)
            let exact = Scores<Double>(values, at: series.times, seasonal: seasonal)
            let production = Scores<Float>(values, at: series.times, seasonal: seasonal)
            for key in ["P2", "P6", "P12", "P48", "T", "E1", "E2", "V3", "V5", "V6", "RP"] {
                let expected = try nab.scores(of: key, series)
                var of = worst[key] ?? (0, 0)
                for i in values.indices {
                    of.exact = max(of.exact, difference(exact[key][i], expected[i]))
                    of.production = max(of.production, difference(production[key][i], expected[i]))
                }
                worst[key] = of
            }
        }
        #expect(nab.series.count == 58)
        for (key, of) in worst.sorted(by: { $0.key < $1.key }) {
            print("NAB \(key): greatest difference in Double \(of.exact), in Float \(of.production)")
            #expect(of.exact <= 1e-9, "\(key)")
            #expect(of.production <= 1e-3, "\(key)")
        }
    }

    /// Against the score, or a hundredth of what is anomalous where that is more.
    private func difference(_ score: Double, _ expected: Double) -> Double {
        abs(score - expected) / max(expected, 0.01)
    }
}

/// The scores of a series by the names of the prototypes; where they warm up, 0.
private struct Scores<Number: PatternNumber> {
    private var byName: [String: [Double]] = [:]

    init(_ values: [Double], at seconds: [Double], seasonal: [Double]? = nil) {
        let patterns = [("P2", 2, 4, 0.5), ("P6", 6, 4, 0.35), ("P12", 12, 4, 0.3), ("P48", 6, 48, 0.3)]
        for (name, stride, length, threshold) in patterns {
            let core = Pattern<Number>(stride: stride, length: length)
            var state = Pattern<Number>.State()
            byName[name] = values.map { Double(core.judge($0, step: 1, state: &state) ?? 0) / threshold }
        }
        // Records are in Double in production too.
        let clock = CivilClock.utc
        let departures = SeasonalRecord()
        var departureState = SeasonalRecord.State()
        byName["T"] = values.indices.map { i in
            let time = Timestamp(milliseconds: Int64(seconds[i] * 1_000))
            let bin = clock.reading(at: time).part(of: SeasonalRecord.bins)
            return (departures.judge(values[i], bin: bin, step: 1, state: &departureState)?.raw ?? 0) / 0.04
        }
        let records: [(String, Record<Double>, Double)] = [
            ("E1", Record(.mean, halfLife: 4), 0.018), ("E2", Record(.spread, halfLife: 24), 0.0156),
        ]
        for (name, core, threshold) in records {
            var state = Record<Double>.State()
            byName[name] = values.map { (core.judge($0, step: 1, state: &state)?.raw ?? 0) / threshold }
        }
        byName["V5"] = vote(["P2", "P6", "P12", "E1", "E2"])
        byName["V6"] = vote(["P2", "P6", "P12", "P48", "T", "E2"])
        if let seasonal {
            byName["R"] = seasonal
            byName["V3"] = vote(["R", "P2", "P6"])
            byName["RP"] = vote(["R", "P2"])
        }
    }

    subscript(_ name: String) -> [Double] { byName[name] ?? [] }

    private func vote(_ members: [String]) -> [Double] {
        let keep = Number(0.5.squareRoot())
        var held = [Number](repeating: 0, count: members.count)
        return self[members[0]].indices.map { i in
            for member in held.indices {
                held[member] = Vote.held(held[member], score: Number(self[members[member]][i]), keep: keep)
            }
            return Double(Vote<Number>.largest(2, of: held.span, in: 0..<held.count))
        }
    }
}
