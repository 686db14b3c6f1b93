import Testing
import TimeSeries

@testable import Detectors

@Suite struct SeasonalTests {
    private static func detector(_ parameters: [String: String] = [:]) throws -> SeasonalDetector {
        try SeasonalDetector(DetectorParameters(parameters, for: SeasonalDetector.description))
    }

    /// 2023-11-15 00:00 UTC, a Wednesday.
    private static let start: Int64 = 1_700_006_400

    @Test func `a state takes 336 bytes`() {
        #expect(MemoryLayout<SeasonalDetector.State>.stride <= 336)
    }

    @Test func `withholds the first 31 samples and counts them down`() throws {
        let detector = try Self.detector()
        var state = detector.makeState()
        for (i, value) in Noise(seed: 1).values(60).enumerated() {
            let time = Timestamp(milliseconds: (Self.start + Int64(i) * 60) * 1_000)
            let outlook = detector.outlook(state, at: time)
            #expect(outlook.warmUpLeft == max(0, 31 - i))
            #expect((outlook.expected == nil) == (i == 0))
            #expect((outlook.lower == nil) == (i < 31))
            #expect(
                detector.judge(SignalSample(interval: 60, time: time, value: value), state: &state).isWarmingUp
                    == (i < 31))
        }
    }

    @Test(arguments: [0.0, 1, -273.15, 1e-300, 1e15, -1e30, 1e300])
    func `a constant series scores zero`(value: Double) throws {
        let scores = try calibrated([Double](repeating: value, count: 3_000))
        #expect(scores.dropFirst(31).allSatisfy { $0 == 0 })
    }

    @Test func `a spike and a drop to the night's level by day are anomalous, the same level by night is not`() throws {
        var noise = Noise(seed: 2)
        // Hours 8 to 18 are busy, every 5 minutes, for two weeks.
        var values = (0..<4_032).map { i in
            (noise.value() - 100) + ((i / 12) % 24 >= 8 && (i / 12) % 24 < 18 ? 200 : 20)
        }
        let noon = 13 * 288 + 12 * 12
        values[noon] = 20
        values[noon + 60] += 90
        let scores = try calibrated(values, interval: 300)
        #expect(scores[noon] > 1)
        #expect(scores[noon + 60] > 1)
        // The jumps at eight and at eighteen are as large, and known.
        #expect(scores[(10 * 288)..<noon].allSatisfy { $0 < 1.2 && $0 < scores[noon] / 2 })
    }

    @Test func `knows the hour better than adaptive does`() throws {
        // A job that runs for half an hour every night at three: after a week nobody wants to hear of it.
        var noise = Noise(seed: 3)
        let values = (0..<20_160).map { i in noise.value() + (i % 1_440 >= 180 && i % 1_440 < 210 ? 60 : 0) }
        let scores = try calibrated(values)
        let detector = Seasonal<Float>()
        let week = scores[10_080...]
        var state = Seasonal<Float>.State()
        var raw: [Float] = []
        for (i, value) in values.enumerated() {
            // The same without an idea of time.
            let judged = detector.judge(value, slot: .init(bin: 0, other: 0), step: 1, state: &state)
            if i >= 10_080 { raw.append((judged?.raw ?? 0) / 6) }
        }
        #expect(week.filter { $0 > 1 }.count < raw.filter { $0 > 1 }.count)
        #expect((week.max() ?? 0) < (raw.max() ?? 0))
    }

    @Test func `follows the clock on the wall through a change`() throws {
        // Busy from nine to five in Berlin, half-hours, from 2026-03-01 on; on the 29th the clock was put forward.
        let first: Int64 = 1_772_323_200
        let clock = try CivilClock(zone: "Europe/Berlin", detector: "test")
        func expected(_ zone: String) throws -> (before: Double, after: Double) {
            let detector = try Self.detector(["timezone": zone])
            var state = detector.makeState()
            var noise = Noise(seed: 4)
            var nights: [Double] = []
            for i in 0..<(60 * 48) {
                let time = Timestamp(milliseconds: (first + Int64(i) * 1_800) * 1_000)
                let hour = clock.reading(at: time).part(of: 24)
                let usual = detector.outlook(state, at: time).expected
                if hour == 9, clock.reading(at: time).part(of: 48) == 18 { nights.append(usual ?? 0) }
                let value = noise.value() + (hour >= 9 && hour < 17 ? 400 : 0)
                _ = detector.judge(SignalSample(interval: 1_800, time: time, value: value), state: &state)
            }
            return (nights[26], nights[29])
        }
        let civil = try expected("Europe/Berlin")
        let fixed = try expected("UTC")
        // At nine the value jumps to 500: who knows the hour expects it on both sides of the change.
        #expect(abs(civil.before - 500) < 100)
        #expect(abs(civil.after - 500) < 100)
        #expect(abs(fixed.after - 500) > 200)
    }

    @Test func `days off have a pattern of their own where asked for`() throws {
        let detector = try Self.detector(["weekend": "separate", "holidays": "2023-12-13"])
        let same = try Self.detector()
        var states = (detector.makeState(), same.makeState())
        var noise = Noise(seed: 5)
        // Four weeks from a Wednesday, half-hours; busy on working days from 8 to 18.
        var last: (off: Outlook, same: Outlook)?
        for i in 0..<(28 * 48) {
            let time = Timestamp(milliseconds: (Self.start + Int64(i) * 1_800) * 1_000)
            let reading = CivilClock.utc.reading(at: time)
            let isBusy = !reading.isRestDay && (8..<18).contains(reading.part(of: 24))
            let sample = SignalSample(interval: 1_800, time: time, value: noise.value() + (isBusy ? 300 : 0))
            _ = detector.judge(sample, state: &states.0)
            _ = same.judge(sample, state: &states.1)
        }
        // 2023-12-13 at noon is a Wednesday, and a holiday; the next day is not.
        let noon = Timestamp(milliseconds: (Self.start + 28 * 86_400 + 43_200) * 1_000)
        let nextNoon = noon.advanced(byMilliseconds: 86_400_000)
        last = (detector.outlook(states.0, at: noon), same.outlook(states.1, at: noon))
        let working = try #require(detector.outlook(states.0, at: nextNoon).expected)
        let off = try #require(last?.off.expected)
        #expect(working - off > 100, "\(working) and \(off)")
        #expect(same.outlook(states.1, at: noon).expected == same.outlook(states.1, at: nextNoon).expected)
    }

    @Test func `one absurd value is anomalous and leaves nothing behind`() throws {
        for absurd in [1e300, -1e300, 1e15] {
            var values = Noise(seed: 6).withSpikes(3_000)
            let clean = try calibrated(values)
            values.insert(absurd, at: 2_000)
            let scores = try calibrated(values)
            #expect(scores[2_000] > 1)
            // The values come a minute later than they did.
            for i in 2_001..<3_000 where (i - 1) % 250 == 249 { #expect(scores[i] > 1 && clean[i - 1] > 1) }
            #expect(scores[2_001...].filter { $0 > 1 }.count == clean[2_000...].filter { $0 > 1 }.count)
        }
    }

    @Test func `what was absurd is learned where it stays`() throws {
        let values = Noise(seed: 7).values(500) + Noise(seed: 8).values(3_000).map { $0 + 1e12 }
        let scores = try calibrated(values)
        #expect(scores[500] > 1)
        #expect(scores[501] > 1)
        // Until then each half-hour of the day has a mean of the old level.
        #expect(scores[2_000...].allSatisfy { $0 < 1 })
    }

    @Test(arguments: [1e-4, 8, 1e6, 1e20])
    func `the unit of a series does not matter`(unit: Double) throws {
        let values = Noise(seed: 9).withSpikes(1_500)
        try expectAlike(calibrated(values), calibrated(values.map { $0 * unit }), within: 1e-3)
    }

    @Test(arguments: [-1e4, 100, 1e6])
    func `the level of a series does not matter`(level: Double) throws {
        let values = Noise(seed: 10).withSpikes(1_500).map { ($0 * 1_024).rounded() / 1_024 }
        try expectAlike(calibrated(values), calibrated(values.map { $0 + level }), within: level > 1e5 ? 2e-2 : 1e-3)
    }

    @Test func `whatever is finite gives a score that is no NaN and below zero never`() throws {
        let extremes: [Double] = [
            0, -1, 1e-30, 1e30, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 3.4e38,
            1e-45, .pi,
        ]
        for first in extremes {
            for second in extremes {
                try expectSound(
                    [Double](repeating: first, count: 40) + [Double](repeating: second, count: 40)
                        + [first, second, 0, 1])
            }
        }
        var noise = Noise(seed: 11)
        for _ in 0..<8 {
            try expectSound((0..<500).map { _ in extremes[Int(noise.next() % UInt64(extremes.count))] })
            try expectSound((0..<500).map { _ in Double(bitPattern: noise.next()) }.filter(\.isFinite))
        }
    }

    @Test func `long constant stretches leave no subnormal numbers behind`() throws {
        let detector = try Self.detector()
        var state = detector.makeState()
        for (i, value) in ([5] + Noise(seed: 12).values(200) + [Double](repeating: 5, count: 6_000)).enumerated() {
            let time = Timestamp(milliseconds: Int64(i) * 60_000)
            _ = detector.judge(SignalSample(interval: 60, time: time, value: value), state: &state)
        }
        let core = state.core
        var numbers = [
            core.last, core.fast, core.slow, core.level, core.trend, core.shift, core.mean, core.high, core.low,
            core.scale.mean, core.scale.tail, core.scale.nonZero,
        ]
        numbers += core.bins.indices.map { core.bins[$0] } + core.losses.indices.map { core.losses[$0] }
        #expect(numbers.allSatisfy { !$0.isSubnormal })
    }

    @Test func `moving the offset changes nothing else`() {
        let core = Seasonal<Float>()
        var state = Seasonal<Float>.State()
        for (i, value) in Noise(seed: 13).values(4_000).enumerated() {
            let bin = i / 30 % 40
            _ = core.judge(value + Double(bin), slot: .init(bin: bin, other: bin), step: 1, state: &state)
        }
        var moved = state
        moved.recentre()
        #expect(moved.mean == 0)
        #expect(abs(moved.offset - 119.5) < 3)
        for bin in 0..<48 {
            // The last eight were never seen.
            let slot = DayPattern.Slot(bin: bin, other: bin)
            let (before, after) = (
                core.outlook(state, slot: slot, divisor: 6), core.outlook(moved, slot: slot, divisor: 6)
            )
            #expect(abs((before.expected ?? 0) - (after.expected ?? 1)) < 1e-4)
            #expect(abs((before.upper ?? 0) - (after.upper ?? 1)) < 1e-4)
        }
    }

    @Test func `the offset follows where the range has forgotten it`() {
        // A first value of a billion: after half of a million values, it is no longer in the range.
        let core = Seasonal<Float>()
        var state = Seasonal<Float>.State()
        _ = core.judge(1e9, slot: .init(bin: 0, other: 0), step: 1, state: &state)
        for _ in 0..<40 { _ = core.judge(100, slot: .init(bin: 0, other: 0), step: 1, state: &state) }
        state.mean = Float(100 - state.offset)
        state.high = state.mean + 10
        state.low = state.mean - 10
        _ = core.judge(100, slot: .init(bin: 0, other: 0), step: 1, state: &state)
        #expect(abs(state.offset - 100) < 64)
    }

    @Test func `the outlook's bounds are where the score is one`() throws {
        let detector = try Self.detector(["timezone": "America/New_York"])
        var state = detector.makeState()
        for (i, value) in Noise(seed: 15).withSpikes(3_000).enumerated() {
            let time = Timestamp(milliseconds: (Self.start + Int64(i) * 60) * 1_000)
            let outlook = detector.outlook(state, at: time)
            if i > 2_900 {
                let expected = try #require(outlook.expected)
                for bound in [try #require(outlook.lower), try #require(outlook.upper)] {
                    for (share, isAnomalous) in [(0.999, false), (1.001, true)] {
                        var next = state
                        let sample = SignalSample(
                            interval: 60, time: time, value: expected + (bound - expected) * share)
                        #expect((detector.judge(sample, state: &next).score / 6 > 1) == isAnomalous)
                    }
                }
            }
            _ = detector.judge(SignalSample(interval: 60, time: time, value: value), state: &state)
        }
    }

    @Test func `a copied state goes on as the first does`() throws {
        let detector = try Self.detector(["weekend": "separate"])
        var state = detector.makeState()
        var copy = state
        for (i, value) in Noise(seed: 17).withSpikes(1_000).enumerated() {
            if i == 500 { copy = state }
            let time = Timestamp(milliseconds: (Self.start + Int64(i) * 60) * 1_000)
            let sample = SignalSample(interval: 60, time: time, value: value)
            let judgement = detector.judge(sample, state: &state)
            if i >= 500 { #expect(detector.judge(sample, state: &copy) == judgement) }
        }
    }

    @Test func `the reasons name the parts of the equation, and the weights are shares`() throws {
        let detector = try Self.detector()
        var state = detector.makeState()
        #expect(detector.reasons(state).isEmpty)
        for (i, value) in Noise(seed: 16).values(500).enumerated() {
            let time = Timestamp(milliseconds: Int64(i) * 60_000)
            _ = detector.judge(SignalSample(interval: 60, time: time, value: value), state: &state)
        }
        let reasons = detector.reasons(state)
        #expect(reasons.prefix(2).map(\.name) == ["forecast", "residual"])
        let weights = reasons.filter { $0.name.hasPrefix("weight of ") }
        #expect(weights.count == 6)
        #expect(abs(weights.reduce(0) { $0 + $1.value } - 1) < 1e-6)
        #expect(weights.max { $0.value < $1.value }?.name != "weight of last value")
    }

    @Test func `holidays without a weekend of their own are refused`() {
        #expect {
            try Self.detector(["holidays": "2026-12-25"])
        } throws: { "\($0)".contains("weekend=separate") }
        #expect(throws: DetectorError.self) { try Self.detector(["weekend": "sometimes"]) }
        #expect(throws: DetectorError.self) { try Self.detector(["timezone": "Nowhere"]) }
    }

    private func calibrated(_ values: [Double], interval: Int64 = 60) throws -> [Float] {
        let detector = try Self.detector()
        var state = detector.makeState()
        return values.enumerated().map { i, value in
            let time = Timestamp(milliseconds: (Self.start + Int64(i) * interval) * 1_000)
            let judgement = detector.judge(
                SignalSample(interval: Float(interval), time: time, value: value), state: &state)
            return judgement.isWarmingUp ? 0 : judgement.score / detector.divisor
        }
    }

    private func expectSound(_ values: [Double]) throws {
        let scores = try calibrated(values)
        if let i = scores.firstIndex(where: { !($0 >= 0) }) {
            Issue.record("\(scores[i]) for \(values[i]), sample \(i)")
        }
    }

    private func expectAlike(_ left: [Float], _ right: [Float], within share: Float) {
        #expect(left.contains { $0 > 1 })
        for (i, pair) in zip(left, right).enumerated() where abs(pair.0 - pair.1) > share * max(pair.0, 0.05) {
            Issue.record("sample \(i): \(pair.0) and \(pair.1)")
            return
        }
    }
}
