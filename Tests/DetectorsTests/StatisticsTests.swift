import Testing
import TimeSeries

@testable import Detectors

@Suite struct StatisticsTests {
    static let detectors: [any Detector.Type] = [
        ZScore.self, Ewma.self, MedianDeviation.self, InterquartileRange.self, QuantileBand.self,
    ]

    @Test(arguments: detectors.indices)
    func `a constant series is quiet, and its first change is not`(index: Int) throws {
        let seen = try constant(Self.detectors[index])
        #expect(seen.quiet <= 1)
        #expect(seen.change > 100)
        func constant<D: Detector>(_ type: D.Type) throws -> (quiet: Float, change: Float) {
            try DetectorProperties.constant(type)
        }
    }

    @Test(arguments: detectors.indices)
    func `values of every size give sound scores`(index: Int) throws {
        #expect(try isSound(Self.detectors[index]))
        func isSound<D: Detector>(_ type: D.Type) throws -> Bool { try DetectorProperties.isSound(type) }
    }

    @Test(arguments: detectors.indices)
    func `an absurd value is forgotten`(index: Int) throws {
        let seen = try after(Self.detectors[index])
        #expect(seen.alarms <= 20)
        #expect(seen.change > 1)
        func after<D: Detector>(_ type: D.Type) throws -> (alarms: Int, change: Float) {
            try DetectorProperties.afterAbsurd(type)
        }
    }

    @Test(arguments: detectors.indices)
    func `shift and scale change nothing`(index: Int) throws {
        func variance<D: Detector>(_ type: D.Type, _ scale: Double, _ shift: Double) throws -> Float {
            try DetectorProperties.variance(type, scale: scale, shift: shift)
        }
        #expect(try variance(Self.detectors[index], 4_096, 0) < 1e-3)
        #expect(try variance(Self.detectors[index], 0.001, 0) < 1e-3)
        #expect(try variance(Self.detectors[index], 1, 1e6) < 2e-3)
    }

    @Test(arguments: detectors.indices)
    func `a copied state goes on alike`(index: Int) throws {
        #expect(try goesOn(Self.detectors[index]))
        func goesOn<D: Detector>(_ type: D.Type) throws -> Bool { try DetectorProperties.goesOn(type) }
    }

    @Test(arguments: detectors.indices)
    func `the first judgement comes after the warm-up that is promised`(index: Int) throws {
        #expect(try warmUp(Self.detectors[index]) == Self.detectors[index].description.warmUp)
        func warmUp<D: Detector>(_ type: D.Type) throws -> Int? { try DetectorProperties.warmUp(type) }
    }

    @Test(arguments: detectors.indices)
    func `a spike is anomalous in its direction and outside the outlook`(index: Int) throws {
        try check(Self.detectors[index])
        func check<D: Detector>(_ type: D.Type) throws {
            for spike in [160.0, 40] {
                var trial = try DetectorTrial(type)
                _ = trial.judge(Noise(seed: 1).values(600))
                let outlook = trial.outlook
                let judgement = trial.judge(spike)
                #expect(judgement.score > trial.detector.divisor)
                #expect((judgement.deviation > 0) == (spike > 100))
                let lower = try #require(outlook.lower)
                let upper = try #require(outlook.upper)
                #expect(lower > 40 && upper < 160 && lower < 100 && upper > 100)
                // At the bound the score is 1.
                var other = try DetectorTrial(type)
                _ = other.judge(Noise(seed: 1).values(600))
                let atBound = other.judge(upper).score / other.detector.divisor
                #expect(abs(atBound - 1) < 1e-3)
            }
        }
    }

    @Test func `an outlier that leaves the window leaves nothing behind`() throws {
        var with = try DetectorTrial(ZScore.self)
        var without = try DetectorTrial(ZScore.self)
        let noise = Noise(seed: 2).values(400)
        _ = with.judge(noise + [1e17])
        _ = without.judge(noise + [100])
        let rest = Noise(seed: 3).values(200)
        for (i, (a, b)) in zip(with.judge(rest), without.judge(rest)).enumerated() where i >= 60 {
            #expect(abs(a.score - b.score) <= 1e-3 * max(1, b.score), "\(i)")
        }
    }

    @Test func `after a step that dwarfs the noise no alarms come but of the step`() throws {
        for step in [1e4, 1e9, 1e14] {
            var trial = try DetectorTrial(MedianDeviation.self, ["window": "101", "threshold": "8"])
            _ = trial.judge(Noise(seed: 4).values(300))
            _ = trial.judge(Noise(seed: 5).values(101).map { $0 + step })
            #expect(trial.scores(Noise(seed: 6).values(1_000).map { $0 + step }).allSatisfy { $0 < 1 })
        }
    }

    @Test func `a half-life counts minutes where samples come closer`() throws {
        let ewma = try Ewma(DetectorParameters(["half_life": "20"], for: Ewma.description))
        var slow = ewma.makeState()
        var quick = ewma.makeState()
        // The same curve, once a minute and four times a minute.
        for i in 0..<400 {
            let value: Double = i < 300 ? 0 : 1
            _ = ewma.judge(SignalSample(interval: 60, time: .init(milliseconds: 0), value: value), state: &slow)
            for _ in 0..<4 {
                _ = ewma.judge(SignalSample(interval: 15, time: .init(milliseconds: 0), value: value), state: &quick)
            }
        }
        let slowMean = try #require(ewma.outlook(slow, at: .init(milliseconds: 0)).expected)
        let quickMean = try #require(ewma.outlook(quick, at: .init(milliseconds: 0)).expected)
        #expect(abs(slowMean - quickMean) < 0.01)
    }

    @Test func `the quantile band forgets a level after two windows`() throws {
        var trial = try DetectorTrial(QuantileBand.self, ["window": "300"])
        _ = trial.judge(Noise(seed: 4).values(500))
        _ = trial.judge(Noise(seed: 5).values(700).map { $0 + 1_000 })
        let outlook = trial.outlook
        #expect((outlook.lower ?? 0) > 1_080)
        #expect((outlook.upper ?? .infinity) < 1_120)
    }

    @Test func `values that are out of range are refused with the range`() {
        let refused = DetectorError.badValue(
            "4", parameter: "window", detector: "zscore", allowed: "a whole number from 5 to 512")
        #expect(throws: refused) {
            try DetectorTrial(ZScore.self, ["window": "4"])
        }
        #expect(throws: DetectorError.self) { try DetectorTrial(QuantileBand.self, ["lower": "0.5", "upper": "0.5"]) }
    }
}
