import Foundation
import Testing
import TimeSeries

@testable import Detectors

@Suite struct SeasonalQuantileTests {
    /// Made with numpy by References/make_seasonal_references.py.
    private struct Reference: Decodable {
        struct Series: Decodable {
            let seed: UInt64
            /// 5 %, 50 % and 95 % of each half-hour over the last 90 days.
            let quantiles: [[Double]]
        }
        let days: Int
        let perBin: Int
        let series: [String: Series]
    }

    private static func detector(_ parameters: [String: String] = [:]) throws -> SeasonalQuantile {
        try SeasonalQuantile(DetectorParameters(parameters, for: SeasonalQuantile.description))
    }

    @Test(arguments: ["normal", "skewed", "night-is-quiet"])
    func `its quantiles are those that numpy finds, as far as a step allows`(name: String) throws {
        let url = try #require(
            Bundle.module.url(forResource: "seasonal-quantile", withExtension: "json", subdirectory: "References"))
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        let series = try #require(reference.series[name])
        let detector = try Self.detector()
        var state = detector.makeState()
        for (i, value) in values(name, seed: series.seed, count: reference.days * 48 * reference.perBin).enumerated() {
            let time = Timestamp(milliseconds: Int64(i) * 900_000)
            _ = detector.judge(SignalSample(interval: 900, time: time, value: value), state: &state)
        }
        var sums = (low: 0.0, middle: 0.0, high: 0.0)
        for bin in 0..<48 {
            let expected = series.quantiles[bin]
            let sketch = state.sketches[bin]
            let width = expected[2] - expected[0]
            let errors = (
                low: (Double(sketch.low) + state.offset - expected[0]) / width,
                middle: (Double(sketch.middle) + state.offset - expected[1]) / width,
                high: (Double(sketch.high) + state.offset - expected[2]) / width
            )
            #expect(max(abs(errors.low), abs(errors.middle), abs(errors.high)) < 0.4, "bin \(bin): \(errors)")
            sums = (sums.low + errors.low, sums.middle + errors.middle, sums.high + errors.high)
        }
        // On the mean over the bins there is no bias.
        #expect(max(abs(sums.low), abs(sums.middle), abs(sums.high)) / 48 < 0.06, "\(sums)")
    }

    @Test func `judges after two days`() throws {
        let detector = try Self.detector()
        var state = detector.makeState()
        var noise = Noise(seed: 1)
        for i in 0..<300 {
            let time = Timestamp(milliseconds: Int64(i) * 900_000)
            let left = detector.outlook(state, at: time).warmUpLeft
            if i > 10 { #expect(i < 192 ? abs(left - (192 - i)) <= 12 : left == 0, "sample \(i)") }
            let judgement = detector.judge(SignalSample(interval: 900, time: time, value: noise.value()), state: &state)
            #expect(judgement.isWarmingUp == (i < 192))
        }
    }

    @Test func `what is usual by day is anomalous at night`() throws {
        var noise = Noise(seed: 2)
        // Every five minutes for two weeks; busy from 8 to 18.
        var values = (0..<(14 * 288)).map { i in noise.value() + ((i / 12) % 24 >= 8 && (i / 12) % 24 < 18 ? 200 : 0) }
        let night = 13 * 288 + 3 * 12
        values[night] += 200
        values[night + 100] -= 150
        values[night + 5] += 25
        let scores = try calibrated(values)
        #expect(scores[night] > 5)
        #expect(scores[night + 100] > 5)
        #expect(scores[night + 5] > 1)
        #expect(scores[(7 * 288)..<night].filter { $0 > 1 }.isEmpty)
    }

    @Test func `learns a new level within days`() throws {
        var values = Noise(seed: 3).values(40 * 288)
        for i in (20 * 288)..<(40 * 288) { values[i] += 40 }
        let scores = try calibrated(values)
        #expect(scores[20 * 288] > 1)
        #expect(scores[(38 * 288)...].filter { $0 > 1 }.isEmpty)
    }

    @Test(arguments: [0.0, 5, -1e15, 1e300])
    func `a constant series is quiet, and its first change is not`(value: Double) throws {
        var values = [Double](repeating: value, count: 2_000)
        values.append(value == 0 || value > 1e200 ? 1 : value / 2)
        let scores = try calibrated(values)
        #expect(scores.prefix(2_000).allSatisfy { $0 == 0 })
        #expect(scores[2_000] > 10)
    }

    @Test(arguments: [1e300, -1e12])
    func `one absurd value is soon forgotten`(absurd: Double) throws {
        for base in [Noise(seed: 4).values(12 * 288), [Double](repeating: 5, count: 12 * 288)] {
            var values = base
            values[2_000] = absurd
            values[3_300] = base[3_300] + 40
            let scores = try calibrated(values)
            #expect(scores[2_000] > 1)
            #expect(scores[2_300..<3_300].filter { $0 > 1 }.isEmpty)
            #expect(scores[3_300] > 1)
        }
    }

    @Test(arguments: [1e-6, 1e9])
    func `neither the unit nor the level matters`(unit: Double) throws {
        let values = Noise(seed: 5).withSpikes(6 * 288).map { ($0 * 1_024).rounded() / 1_024 }
        let scores = try calibrated(values)
        #expect(scores.contains { $0 > 1 })
        for other in [try calibrated(values.map { $0 * unit }), try calibrated(values.map { $0 + 1e4 })] {
            for (a, b) in zip(scores, other) where abs(a - b) > 0.02 * max(a, 1) {
                Issue.record("\(a) and \(b)")
                return
            }
        }
    }

    @Test func `days off have quantiles of their own where asked for`() throws {
        let detector = try Self.detector(["weekend": "separate"])
        var state = detector.makeState()
        var noise = Noise(seed: 6)
        for i in 0..<(35 * 48) {
            let time = Timestamp(milliseconds: Int64(i) * 1_800_000)
            let isOff = CivilClock.utc.reading(at: time).isRestDay
            let sample = SignalSample(interval: 1_800, time: time, value: noise.value() + (isOff ? 0 : 100))
            _ = detector.judge(sample, state: &state)
        }
        // 1970-02-05 was a Thursday.
        let thursday = Timestamp(milliseconds: 35 * 86_400_000)
        let saturday = thursday.advanced(byMilliseconds: 2 * 86_400_000)
        let (working, off) = (detector.outlook(state, at: thursday), detector.outlook(state, at: saturday))
        #expect(abs(try #require(working.expected) - 200) < 10)
        #expect(try #require(off.expected) < 150)
        #expect(try #require(working.lower) < 195)
    }

    @Test func `the outlook's bounds are where the score is one`() throws {
        let detector = try Self.detector()
        var state = detector.makeState()
        for (i, value) in Noise(seed: 7).values(1_500).enumerated() {
            let time = Timestamp(milliseconds: Int64(i) * 300_000)
            if i > 1_450 {
                let outlook = detector.outlook(state, at: time)
                let middle = try #require(outlook.expected)
                for bound in [try #require(outlook.lower), try #require(outlook.upper)] {
                    for (share, isAnomalous) in [(0.999, false), (1.001, true)] {
                        var next = state
                        let value = middle + (bound - middle) * share
                        let judgement = detector.judge(
                            SignalSample(interval: 300, time: time, value: value), state: &next)
                        #expect((judgement.score > detector.divisor) == isAnomalous)
                    }
                }
            }
            _ = detector.judge(SignalSample(interval: 300, time: time, value: value), state: &state)
        }
    }

    @Test func `a state takes 1304 bytes`() { #expect(MemoryLayout<SeasonalQuantile.State>.stride == 1304) }

    @Test func `a copied state goes on as the first does`() throws {
        let detector = try Self.detector()
        var state = detector.makeState()
        var copy = state
        for (i, value) in Noise(seed: 17).withSpikes(1_000).enumerated() {
            if i == 700 { copy = state }
            let time = Timestamp(milliseconds: Int64(i) * 300_000)
            let sample = SignalSample(interval: 300, time: time, value: value)
            let judgement = detector.judge(sample, state: &state)
            #expect(judgement.isWarmingUp == (i < 576))
            if i >= 700 { #expect(detector.judge(sample, state: &copy) == judgement) }
        }
    }

    @Test func `whatever is finite gives no NaN`() throws {
        var noise = Noise(seed: 8)
        for _ in 0..<20 {
            let values = (0..<900).map { _ in Double(bitPattern: noise.next()) }.filter(\.isFinite)
            #expect(try calibrated(values).allSatisfy { $0 >= 0 })
        }
    }

    @Test(arguments: [("quantile", "0.4"), ("weekend", "no"), ("timezone", "Nowhere"), ("holidays", "tomorrow")])
    func `refuses parameters out of range`(name: String, value: String) {
        #expect { try Self.detector([name: value]) } throws: { "\($0)".contains("\(name)=\(value)") }
    }

    /// A value every five minutes; what is warming up is 0.
    private func calibrated(_ values: [Double]) throws -> [Float] {
        let detector = try Self.detector()
        var state = detector.makeState()
        return values.enumerated().map { i, value in
            let sample = SignalSample(interval: 300, time: Timestamp(milliseconds: Int64(i) * 300_000), value: value)
            let judgement = detector.judge(sample, state: &state)
            return judgement.isWarmingUp ? 0 : judgement.score / detector.divisor
        }
    }

    /// The series of the reference script, by the same generator.
    private func values(_ name: String, seed: UInt64, count: Int) -> [Double] {
        var state = seed
        func uniform() -> Double {
            state = (state * 1_664_525 + 1_013_904_223) % (1 << 32)
            return Double(state >> 8) / 0x1p24
        }
        return (0..<count).map { k in
            let time = k / 2 % 48
            var bell = -6.0
            for _ in 0..<12 { bell += uniform() }
            return switch name {
            case "normal": 100 + 2 * Double(time) + 5 * bell
            case "skewed": 10 + Double(time) + 4 * bell * bell
            default: 50 + (time < 16 ? 1 : 20) * bell
            }
        }
    }
}
