import Testing
import TimeSeries

@testable import Detectors

@Suite struct AdaptiveTests {
    private let detector = AdaptiveDetector()

    @Test func `a state takes 72 bytes`() {
        #expect(MemoryLayout<AdaptiveDetector.State>.size == 72)
        #expect(MemoryLayout<AdaptiveDetector.State>.stride == 72)
    }

    @Test func `the gains are those of their half-lives`() {
        let gains = Adaptive<Double>().gains
        for (gain, halfLife) in [
            (gains.fastMean, 3.0), (gains.slowMean, 150), (gains.loss, 200), (gains.quantile, 2_000),
            (gains.range, 20_000),
        ] {
            // After h samples, half of a difference is left.
            var left = 1.0
            for _ in 0..<Int(halfLife) { left *= 1 - gain }
            #expect(abs(left - 0.5) < 1e-11)
            #expect(1 / Double(UInt16.max) < gain, "the counter of samples stops where it still matters")
        }
    }

    @Test func `withholds the first 31 samples and counts them down`() {
        var state = detector.makeState()
        #expect(outlook(state) == Outlook(expected: nil, lower: nil, upper: nil, warmUpLeft: 31))
        #expect(detector.reasons(state).isEmpty)
        for (i, value) in Noise(seed: 1).values(60).enumerated() {
            let outlook = outlook(state)
            #expect(outlook.warmUpLeft == max(0, 31 - i))
            #expect((outlook.lower == nil) == (i < 31))
            #expect((outlook.upper == nil) == (i < 31))
            let raw = judge(value, &state)
            #expect((raw == nil) == (i < 31))
        }
    }

    @Test(arguments: [0.0, 1, -273.15, 1e-300, 1e15, -1e30, 1e300])
    func `a constant series scores zero`(value: Double) {
        let scores = calibrated([Double](repeating: value, count: 3_000))
        #expect(scores.dropFirst(31).allSatisfy { $0 == 0 })
    }

    @Test func `a spike is anomalous on its sample and soon no more`() {
        for seed in 1...20 {
            var values = Noise(seed: UInt64(seed)).values(700)
            values[600] += 60
            let scores = calibrated(values)
            #expect(scores[600] > 1)
            #expect(scores[500..<600].allSatisfy { $0 < 1 })
            #expect(scores[605...].allSatisfy { $0 < 1 })
        }
    }

    @Test func `a change of level stays anomalous for a while, and then the new level is normal`() {
        var values = Noise(seed: 3).values(2_400)
        for i in 600..<2_400 { values[i] += 60 }
        let scores = calibrated(values)
        #expect(scores[600..<620].allSatisfy { $0 > 1 })
        #expect(scores[1_600...].allSatisfy { $0 < 1 })
        // The residual by itself takes the new level for normal at once.
        let residual = calibrated(values, AdaptiveDetector(.residual))
        #expect(residual[600] > 1)
        #expect(residual[620...].allSatisfy { $0 < 1 })
    }

    @Test(arguments: [1e-4, 1e-2, 8, 1e6, 1e20])
    func `the unit of a series does not matter`(unit: Double) {
        // The values are large against the 1e-12 and 1e-9 by which the equations tell a change from rounding.
        let values = Noise(seed: 4).withSpikes(1_500)
        expectAlike(calibrated(values), calibrated(values.map { $0 * unit }), within: 1e-3)
    }

    @Test(arguments: [-1e4, 100, 1e6, 1e7])
    func `the level of a series does not matter`(level: Double) {
        let values = Noise(seed: 5).withSpikes(1_500).map { ($0 * 1024).rounded() / 1024 }
        // Up to 1e-9 of the level counts as no change; of these values that is at most 1e-2 of a standard deviation.
        expectAlike(calibrated(values), calibrated(values.map { $0 + level }), within: abs(level) > 1e5 ? 2e-2 : 1e-3)
    }

    @Test func `turning a series upside down changes nothing`() {
        let values = Noise(seed: 6).withSpikes(1_500)
        #expect(calibrated(values).dropFirst(31).elementsEqual(calibrated(values.map { -$0 }).dropFirst(31)))
    }

    @Test func `whatever is finite gives a score that is no NaN and below zero never`() {
        let extremes: [Double] = [
            0, 1, -1, 1e-30, -1e-30, 1e30, -1e30, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
            .leastNonzeroMagnitude, .leastNormalMagnitude, 1e-38, 1e38, 3.4e38, 1e-45, .pi,
        ]
        // Each extreme after a warm-up on each other, then all of them at random.
        for first in extremes {
            for second in extremes {
                let values =
                    [Double](repeating: first, count: 40) + [Double](repeating: second, count: 40) + [
                        first, second, 0, 1,
                    ]
                expectSound(values)
            }
        }
        var noise = Noise(seed: 7)
        for _ in 0..<50 { expectSound((0..<500).map { _ in extremes[Int(noise.next() % UInt64(extremes.count))] }) }
        for _ in 0..<50 {
            // Any bits that are a finite number.
            expectSound((0..<500).map { _ in Double(bitPattern: noise.next()) }.filter(\.isFinite))
        }
    }

    @Test func `a value that is not a number teaches nothing`() {
        var state = detector.makeState()
        for value in Noise(seed: 8).values(100) {
            judge(value, &state)
        }
        let before = detector.reasons(state)
        #expect(judge(.nan, &state) == nil)
        #expect(detector.reasons(state) == before)
    }

    @Test func `recovers from a first value that is absurd`() {
        let values = [1e300] + Noise(seed: 9).withSpikes(200_000)
        var state = detector.makeState()
        for value in values {
            judge(value, &state)
        }
        // The range of 1e36 is halved ten times by now, and the offset must have followed.
        #expect(abs(state.offset) < 1e34)
    }

    @Test func `doubts a value beyond all measure until the next is like it`() {
        var values = Noise(seed: 13).values(700)
        values[500] = 1e18
        values[650] += 60
        let scores = calibrated(values)
        #expect(scores[500] == 1_000 / 1 || scores[500] > 1_000)
        #expect(scores[501..<650].allSatisfy { $0 < 1 })
        #expect(scores[650] > 1, "what came after the absurd value is judged as if it had not been")
        // Two of them are a new level.
        var state = detector.makeState()
        for value in Noise(seed: 13).values(500) + [1e18, 1e18] { judge(value, &state) }
        #expect(state.range > 1e17)
    }

    @Test func `the slow mean of all values does not stall far from the first value`() {
        // The first value is far from all others; the mean must find them as it does in Double.
        let values = [1e6] + Noise(seed: 10).values(400_000)
        let exact = Adaptive<Double>()
        var (single, double) = (detector.makeState(), Adaptive<Double>.State())
        for value in values {
            judge(value, &single)
            _ = exact.judge(value, state: &double)
        }
        let means = (single.offset + Double(single.mean), double.offset + double.mean)
        #expect(abs(means.0 - means.1) < 0.5)
        #expect(abs(Double(single.range) / double.range - 1) < 0.01)
    }

    @Test func `long constant stretches leave no subnormal numbers behind`() {
        var state = detector.makeState()
        // Back at the first value, which is stored as zero: every mean would creep towards that for ever.
        for value in [5] + Noise(seed: 11).values(200) + [Double](repeating: 5, count: 60_000) {
            judge(value, &state)
        }
        for number in [
            state.last, state.fast, state.slow, state.lastLoss, state.fastLoss, state.slowLoss, state.residual,
            state.tail, state.nonZero, state.high, state.low, state.mean,
        ] {
            #expect(!number.isSubnormal)
        }
    }

    @Test func `the outlook's bounds are where the score is one`() throws {
        var states: [AdaptiveDetector.State] = []
        for seed in 1...10 {
            var state = detector.makeState()
            for value in Noise(seed: UInt64(seed)).withSpikes(100 + 200 * seed) {
                judge(value * Double(seed), &state)
            }
            states.append(state)
        }
        for state in states {
            let outlook = outlook(state)
            let expected = try #require(outlook.expected)
            for bound in [try #require(outlook.lower), try #require(outlook.upper)] {
                for (share, isAnomalous) in [(0.0, false), (0.999, false), (1.001, true), (2, true)] {
                    var next = state
                    let value = expected + (bound - expected) * share
                    let raw = try #require(judge(value, &next))
                    #expect((raw / detector.divisor > 1) == isAnomalous, "\(share) of the way to \(bound)")
                }
            }
        }
    }

    @Test func `the reasons name the parts of the equation`() throws {
        var state = detector.makeState()
        for value in Noise(seed: 12).withSpikes(500) {
            judge(value, &state)
        }
        let expected = try #require(outlook(state).expected)
        judge(expected + 25, &state)
        let reasons = detector.reasons(state)
        #expect(
            reasons.map(\.name) == [
                "forecast", "residual", "typical residual", "tail residual", "non-zero residual", "scale", "slow mean",
                "distance from the slow mean", "slow scale", "range",
            ])
        #expect(abs(reasons[0].value - expected) < 1e-3)
        #expect(abs(reasons[1].value - 25) < 1e-3)
        #expect(reasons.allSatisfy { $0.value > 0 })
        #expect(reasons[5].value == max(reasons[2].value, Double(state.scale), reasons[4].value / 2))
    }

    /// The raw score; nil while warming up.
    @discardableResult
    private func judge(
        _ value: Double, _ state: inout AdaptiveDetector.State, by detector: AdaptiveDetector = AdaptiveDetector()
    ) -> Float? {
        let judgement = detector.judge(
            SignalSample(interval: 60, time: Timestamp(milliseconds: 0), value: value), state: &state)
        return judgement.isWarmingUp ? nil : judgement.score
    }

    private func outlook(_ state: AdaptiveDetector.State) -> Outlook {
        detector.outlook(state, at: Timestamp(milliseconds: 0))
    }

    private func calibrated(_ values: [Double], _ detector: AdaptiveDetector = AdaptiveDetector()) -> [Float] {
        var state = detector.makeState()
        return values.map { (judge($0, &state, by: detector) ?? 0) / detector.divisor }
    }

    private func expectSound(_ values: [Double]) {
        var state = detector.makeState()
        for (i, value) in values.enumerated() {
            let raw = judge(value, &state) ?? 0
            if !(raw >= 0) {
                Issue.record("\(raw) for \(value), sample \(i)")
                return
            }
            let outlook = outlook(state)
            guard outlook.expected?.isFinite == true, outlook.lower?.isFinite != false, outlook.upper?.isFinite != false
            else {
                Issue.record("\(outlook) after \(value), sample \(i)")
                return
            }
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
