import Foundation
import Testing
import TimeSeries

@testable import Detectors

@Suite struct HoltWintersTests {
    /// Made with statsmodels by References/make_seasonal_references.py.
    private struct Reference: Decodable {
        struct Start: Decodable {
            let level: Double
            let trend: Double
            let seasonal: [Float]
            let deviation: [Float]
        }
        let alpha: Double
        let beta: Double
        let gamma: Double
        let start: Start
        let values: [Double]
        let forecast: [Double]
        let deviation: [Double]
    }

    private static func detector(_ parameters: [String: String] = [:]) throws -> HoltWinters {
        try HoltWinters(DetectorParameters(parameters, for: HoltWinters.description))
    }

    @Test(arguments: ["steady", "growing", "square"])
    func `forecasts as statsmodels does, and its band is that of the paper`(name: String) throws {
        let url = try #require(
            Bundle.module.url(
                forResource: "holt-winters-\(name)", withExtension: "json", subdirectory: "References"))
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        let detector = try Self.detector([
            "alpha": "\(reference.alpha)", "beta": "\(reference.beta)", "gamma": "\(reference.gamma)",
        ])
        var state = detector.makeState()
        state.stage = .ready
        state.level = reference.start.level
        for i in 0..<96 {
            state.seasonal[i] = reference.start.seasonal[i]
            state.deviation[i] = reference.start.deviation[i]
            state.slotSeen[i] = .max
        }
        state.spread = 2
        state.seen = 10_000
        for (i, value) in reference.values.enumerated() {
            let time = Timestamp(milliseconds: Int64(i) * 900_000)
            let outlook = detector.outlook(state, at: time)
            let expected = try #require(outlook.expected)
            #expect(abs(expected - reference.forecast[i]) < 1e-4, "sample \(i)")
            let band = max(reference.deviation[i], 0.05 * state.spread)
            #expect(abs((try #require(outlook.upper) - expected) / 3 - band) < 1e-4 * band, "sample \(i)")
            let judgement = detector.judge(SignalSample(interval: 900, time: time, value: value), state: &state)
            let score = abs(value - reference.forecast[i]) / band
            #expect(abs(Double(judgement.score) - score) < 1e-3 * max(1, score), "sample \(i)")
            #expect(abs(Double(judgement.deviation) - (value - reference.forecast[i])) < 1e-3)
        }
    }

    @Test func `judges from the third season on, and counts down to it`() throws {
        let detector = try Self.detector(["season": "1h"])
        var state = detector.makeState()
        #expect(detector.outlook(state, at: Timestamp(milliseconds: 0)).expected == nil)
        var noise = Noise(seed: 1)
        for i in 0..<400 {
            let time = Timestamp(milliseconds: Int64(i) * 30_000)
            let left = detector.outlook(state, at: time).warmUpLeft
            if i > 20 {
                #expect(i < 240 ? abs(left - (240 - i)) <= 3 && left > 0 : left == 0, "sample \(i)")
            }
            let judgement = detector.judge(SignalSample(interval: 30, time: time, value: noise.value()), state: &state)
            #expect(judgement.isWarmingUp == (i < 240))
        }
    }

    @Test func `finds a spike, a drop at noon, and learns a new level`() throws {
        var values = seasonal(days: 10, seed: 2)
        values[8 * 96 + 10] += 60
        values[8 * 96 + 60] -= 60
        for i in (9 * 96)..<(10 * 96) { values[i] += 80 }
        let scores = try calibrated(values)
        #expect(scores[8 * 96 + 10] > 2)
        #expect(scores[8 * 96 + 60] > 2)
        #expect(scores[9 * 96] > 2)
        #expect(scores[(9 * 96 + 70)...].filter { $0 > 2 }.isEmpty)
        #expect(scores[(4 * 96)..<(8 * 96)].filter { $0 > 2.5 }.isEmpty)
    }

    @Test(arguments: [0.0, 5, -1e15, 1e300])
    func `a constant series is quiet, and its first change is not`(value: Double) throws {
        var values = [Double](repeating: value, count: 500)
        values.append(value == 0 || value > 1e200 ? 1 : value / 2)
        let scores = try calibrated(values)
        #expect(scores.prefix(500).allSatisfy { $0 == 0 })
        #expect(scores[500] > 10)
    }

    @Test(arguments: [1e300, -1e12])
    func `one absurd value is soon forgotten`(absurd: Double) throws {
        for base in [seasonal(days: 12, seed: 3), [Double](repeating: 5, count: 12 * 96)] {
            var values = base
            values[500] = absurd
            values[1_100] = base[1_100] + 100
            let scores = try calibrated(values)
            #expect(scores[500] > 1)
            #expect(scores[800..<1_100].filter { $0 > 3 }.isEmpty)
            #expect(scores[1_100] > 1)
        }
    }

    @Test func `many samples in a slot teach as much as one`() throws {
        // The same pattern at 15 minutes and at one minute; then a flat season.
        var seasonals: [Float] = []
        for interval in [900, 60] {
            let detector = try Self.detector()
            var state = detector.makeState()
            for i in 0..<(5 * 86_400 / interval) {
                let time = Timestamp(milliseconds: Int64(i * interval) * 1_000)
                let angle = Double(i * interval % 86_400 / 900) / 96 * 2 * Double.pi
                let value = i < 4 * 86_400 / interval ? 100 * sin(angle) : 0
                _ = detector.judge(
                    SignalSample(interval: Float(interval), time: time, value: value), state: &state)
            }
            seasonals.append(state.seasonal[24])
        }
        #expect(abs(seasonals[0] - 90) < 10)
        #expect(abs(seasonals[0] - seasonals[1]) < 10)
    }

    @Test func `a state takes 920 bytes`() { #expect(MemoryLayout<HoltWinters.State>.stride == 920) }

    @Test func `a copied state goes on as the first does`() throws {
        let detector = try Self.detector()
        var state = detector.makeState()
        var copy = state
        for (i, value) in Noise(seed: 17).withSpikes(1_000).enumerated() {
            if i == 700 { copy = state }
            let time = Timestamp(milliseconds: Int64(i) * 900_000)
            let sample = SignalSample(interval: 900, time: time, value: value)
            let judgement = detector.judge(sample, state: &state)
            #expect(judgement.isWarmingUp == (i < 192))
            if i >= 700 { #expect(detector.judge(sample, state: &copy) == judgement) }
        }
    }

    @Test func `whatever is finite gives no NaN`() throws {
        var noise = Noise(seed: 4)
        for _ in 0..<20 {
            let values = (0..<400).map { _ in Double(bitPattern: noise.next()) }.filter(\.isFinite)
            #expect(try calibrated(values).allSatisfy { $0 >= 0 })
        }
    }

    @Test(arguments: [("alpha", "0"), ("gamma", "1.5"), ("season", "1m"), ("delta", "-1"), ("timezone", "Nowhere")])
    func `refuses parameters out of range`(name: String, value: String) {
        #expect { try Self.detector([name: value]) } throws: { "\($0)".contains("\(name)=\(value)") }
    }

    private func seasonal(days: Int, seed: UInt64) -> [Double] {
        Noise(seed: seed).values(days * 96).enumerated().map { i, value in
            value + 40 * sin(Double(i) / 96 * 2 * Double.pi)
        }
    }

    /// A value every 15 minutes; what is warming up is 0.
    private func calibrated(_ values: [Double]) throws -> [Float] {
        let detector = try Self.detector()
        var state = detector.makeState()
        return values.enumerated().map { i, value in
            let sample = SignalSample(interval: 900, time: Timestamp(milliseconds: Int64(i) * 900_000), value: value)
            let judgement = detector.judge(sample, state: &state)
            return judgement.isWarmingUp ? 0 : judgement.score / detector.divisor
        }
    }
}
