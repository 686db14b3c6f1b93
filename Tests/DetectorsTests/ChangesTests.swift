import Testing

@testable import Detectors

@Suite struct ChangesTests {
    static let detectors: [any Detector.Type] = [
        LevelShift.self, Cusum.self, PageHinkley.self, Adwin.self, Bocpd.self,
    ]

    @Test(arguments: detectors.indices)
    func `a constant series is quiet, and its first lasting change is not`(index: Int) throws {
        let seen = try constant(Self.detectors[index])
        #expect(seen.quiet <= 1)
        #expect(seen.change > 1)
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
        #expect(seen.alarms <= 10)
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
        #expect(try variance(Self.detectors[index], 4_096, 0) < 1e-2)
        #expect(try variance(Self.detectors[index], 1, 4_096) < 1e-2)
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
    func `a step by three standard deviations is found, with its direction`(index: Int) throws {
        try check(Self.detectors[index])
        func check<D: Detector>(_ type: D.Type) throws {
            for step in [6.0, -6] {
                var trial = try DetectorTrial(type)
                let before = trial.scores(Noise(seed: 12).values(1_000))
                #expect(before.allSatisfy { !($0 > 1) })
                let judged = trial.judge(Noise(seed: 13).values(64).map { $0 + step })
                let found = try #require(judged.firstIndex { $0.score > trial.detector.divisor })
                // At the latest with ADWIN's second test.
                #expect(found < 64)
                #expect((judged[found].deviation > 0) == (step > 0), "\(found): \(judged[found])")
            }
        }
    }

    @Test func `tests for change ignore a lone spike`() throws {
        func greatest<D: Detector>(_ type: D.Type) throws -> Float {
            var trial = try DetectorTrial(type)
            let noise = Noise(seed: 14).values(1_000)
            return trial.scores(noise[..<700] + [1_000] + noise[701...]).filter { !$0.isNaN }.max() ?? 0
        }
        #expect(try greatest(LevelShift.self) < 1)
        #expect(try greatest(Cusum.self) < 1)
        #expect(try greatest(PageHinkley.self) < 1)
        #expect(try greatest(Adwin.self) < 1)
    }

    @Test func `whitened residuals of an autocorrelated series are about white and of unit size`() throws {
        let gains = Whitening.Gains()
        for strength in [0.0, 0.6, 0.9] {
            var whitening = Whitening()
            var noise = Noise(seed: 15)
            var value = 0.0
            var previous: Float = 0
            var (squares, products): (Float, Float) = (0, 0)
            for i in 0..<4_000 {
                value = strength * value + noise.value() - 100
                let z = whitening.next(1e6 + 1e3 * value, gains).z
                if i >= 1_000 {
                    squares += z * z
                    products += z * previous
                }
                previous = z
            }
            #expect(abs(squares / 3_000 - 1) < 0.15, "variance at \(strength)")
            #expect(abs(products / squares) < 0.1, "autocorrelation at \(strength)")
        }
    }

    @Test func `a scale that is wrong is right again within a few samples`() {
        var spread = ClippedSpread()
        for _ in 0..<500 { spread.learn(0, gain: 0.01, tiny: 1e-9) }
        for _ in 0..<40 { spread.learn(1, gain: 0.01, tiny: 1e-9) }
        #expect(spread.mean > 0.1)
        // One outlier counts for little.
        let before = spread.mean
        spread.learn(1e30, gain: 0.01, tiny: 1e-9)
        #expect(spread.mean < before * 1.1)
    }

    @Test func `parameters that are out of range are refused`() {
        #expect(throws: DetectorError.self) { try DetectorTrial(Cusum.self, ["h": "0"]) }
        #expect(throws: DetectorError.self) { try DetectorTrial(Bocpd.self, ["recent": "200"]) }
        #expect(throws: DetectorError.self) { try DetectorTrial(Adwin.self, ["delta": "1"]) }
    }
}
