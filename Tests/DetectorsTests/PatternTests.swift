import Testing
import TimeSeries

@testable import Detectors

/// What pattern memory, range records, seasonal records, k-means, spectral residual and half-space trees have in common, and the behaviour
/// of the first two.
@Suite struct PatternTests {
    static let specifications = [
        "pattern", "pattern(stride=6)", "pattern(stride=2,length=20,threshold=0.3)", "record", "record(feature=spread)",
        "seasonal_record", "kmeans", "spectral_residual", "half_space_trees", "random_cut_forest",
    ]

    static func bank(_ text: String) throws -> any DetectorBank {
        func make<D: Detector>(_: D.Type, _ parameters: [String: String]) throws -> any DetectorBank {
            StateBank(try D(DetectorParameters(parameters, for: D.description)))
        }
        let specification = try DetectorSpecification(parsing: text)
        let parameters = specification.parameters
        switch specification.name {
        case "pattern": return try make(PatternDetector.self, parameters)
        case "record": return try make(RecordDetector.self, parameters)
        case "seasonal_record": return try make(SeasonalRecordDetector.self, parameters)
        case "kmeans": return try make(KMeansDetector.self, parameters)
        case "spectral_residual": return try make(SpectralResidualDetector.self, parameters)
        case "random_cut_forest": return try make(RandomCutForestDetector.self, parameters)
        default: return try make(HalfSpaceTreesDetector.self, parameters)
        }
    }

    static func judge(_ bank: inout any DetectorBank, _ values: [Double], from start: Int = 0) -> [Judgement] {
        bank.makeRoom(rows: 1)
        let samples = values.enumerated().map { i, value in
            SignalSample(
                row: 0, interval: 60, time: Timestamp(milliseconds: Int64(start + i) * 60_000), value: value)
        }
        var judgements = [Judgement](repeating: .warmingUp, count: samples.count)
        var span = judgements.mutableSpan
        bank.judge(samples.span, into: &span)
        return judgements
    }

    @Test(arguments: specifications)
    func `a constant series is never anomalous`(text: String) throws {
        for level in [0, 5, -1e15, 1e300] {
            var bank = try Self.bank(text)
            let values = (0..<450).map { level == -1e15 ? level + Double($0 % 2) * 0.125 : level }
            #expect(Self.judge(&bank, values).allSatisfy { $0.score.isNaN || $0.score <= 1 }, "\(level)")
        }
    }

    @Test(arguments: specifications)
    func `the first change of a constant series is high`(text: String) throws {
        var bank = try Self.bank(text)
        let scores = Self.judge(&bank, [Double](repeating: 5, count: 905) + [Double](repeating: 9, count: 12))
        let most = scores.suffix(12).map(\.score).max() ?? 0
        // A change of level is what these two are known to miss.
        #expect(most > (text == "half_space_trees" ? 0.9 : text == "spectral_residual" ? 0.3 : 1))
        #expect(most.isFinite)
    }

    @Test(arguments: specifications)
    func `the largest values give sound scores`(text: String) throws {
        var bank = try Self.bank(text)
        let odd: [Double] = [1e308, -1e308, 0, Double.leastNonzeroMagnitude, -Double.greatestFiniteMagnitude, 1e18, 3]
        let values = (0..<700).map { odd[($0 * $0 + $0 / 7) % odd.count] }
        let scores = Self.judge(&bank, values).map(\.score)
        #expect(scores.last?.isNaN == false)
        #expect(scores.allSatisfy { $0.isNaN || $0 >= 0 && $0 <= CalibratedScore.limit })
    }

    @Test(arguments: specifications)
    func `one absurd value is forgotten`(text: String) throws {
        var bank = try Self.bank(text)
        let noise = Noise(seed: 3).values(1_700)
        var values = Array(noise[..<600]) + [1e300] + Array(noise[600...])
        values += noise.suffix(20).enumerated().map { $0 % 10 == 5 ? $1 + 300 : $1 }
        let scores = Self.judge(&bank, values).map(\.score)
        let high = scores[1_400..<1_700].count { $0 > 1 }
        #expect(high < 30)
        let most = scores.suffix(20).max() ?? 0
        #expect(most > (text == "half_space_trees" ? 0.95 : 1), "a later event is seen")
    }

    @Test(arguments: specifications)
    func `a copy of the state goes on in the same way, and batches make no difference`(text: String) throws {
        let values = Noise(seed: 9).withSpikes(600)
        var bank = try Self.bank(text)
        let whole = Self.judge(&bank, values)
        var first = try Self.bank(text)
        _ = Self.judge(&first, Array(values[..<400]))
        var second = first
        let rest = Array(values[400...])
        let a = Self.judge(&first, rest, from: 400).map(\.score)
        #expect(a == Self.judge(&second, rest, from: 400).map(\.score))
        #expect(a == whole[400...].map(\.score))
        bank.forget(row: 0)
        #expect(bank.outlook(row: 0, at: Timestamp(milliseconds: 0)).warmUpLeft > 0)
    }

    @Test(arguments: specifications)
    func `warming up lasts as long as is said`(text: String) throws {
        var bank = try Self.bank(text)
        let scores = Self.judge(&bank, Noise(seed: 1).values(450)).map(\.score)
        let warmUp = scores.firstIndex { !$0.isNaN } ?? 450
        #expect(scores[warmUp...].allSatisfy { !$0.isNaN })
        #expect(bank.outlook(row: 0, at: Timestamp(milliseconds: 0)).warmUpLeft == 0)
        let said = [
            "pattern": 26, "pattern(stride=6)": 78, "pattern(stride=2,length=20,threshold=0.3)": 122, "record": 61,
            "record(feature=spread)": 61, "kmeans": 261, "spectral_residual": 59,
            "half_space_trees": 250, "random_cut_forest": 339, "seasonal_record": 301,
        ]
        #expect(abs(warmUp - (said[text] ?? 0)) <= 1, "\(warmUp)")
        #expect(!bank.reasons(row: 0).isEmpty)
    }

    @Test(arguments: specifications)
    func `shift and scale leave the scores as they are`(text: String) throws {
        var bank = try Self.bank(text)
        let values = Noise(seed: 5).withSpikes(480)
        let plain = Self.judge(&bank, values).map(\.score)
        let shift = text.hasPrefix("record(") || !text.hasPrefix("record") ? 1_000.0 : 0
        for (factor, shift) in [(1_024.0, 0.0), (1, shift)] {
            var bank = try Self.bank(text)
            let changed = Self.judge(&bank, values.map { $0 * factor + shift }).map(\.score)
            for (a, b) in zip(plain, changed) where !a.isNaN { #expect(abs(a - b) <= 2e-3 * max(a, 1)) }
        }
    }

    @Test func `four samples of 15 seconds are as one of a minute`() throws {
        let values = Noise(seed: 5).withSpikes(600)
        var minute = try PatternDetector(DetectorParameters(for: PatternDetector.description))
        var quarter = minute
        func last(_ detector: inout PatternDetector, times: Int, interval: Float) -> [Float] {
            var state = detector.makeState()
            return values.map { value in
                var score: Float = 0
                for _ in 0..<times {
                    let sample = SignalSample(interval: interval, time: Timestamp(milliseconds: 0), value: value)
                    score = detector.judge(sample, state: &state).score
                }
                return score
            }
        }
        let (a, b) = (last(&minute, times: 1, interval: 60), last(&quarter, times: 4, interval: 15))
        for (x, y) in zip(a, b) where !x.isNaN { #expect(abs(x - y) <= 0.02 * max(x, 0.1)) }
    }

    @Test(arguments: ["record", "record(feature=spread)"])
    func `the score is 1 at the bounds`(text: String) throws {
        var bank = try Self.bank(text)
        _ = Self.judge(&bank, Noise(seed: 8).values(500))
        let outlook = bank.outlook(row: 0, at: Timestamp(milliseconds: 0))
        for bound in [try #require(outlook.lower), try #require(outlook.upper)] {
            var copy = bank
            let score = Self.judge(&copy, [bound], from: 500)[0].score
            #expect(abs(score - 1) < 0.1, "\(score)")
        }
    }

    @Test func `what recurs every day is no record, and a departure from it is`() throws {
        var bank = try Self.bank("seasonal_record")
        bank.makeRoom(rows: 1)
        let noise = Noise(seed: 6).values(288 * 12)
        // Five-minute samples that stand high for an hour of each day; on the last day they do not.
        func values(_ isMissing: (Int) -> Bool) -> [Double] {
            noise.indices.map { i in noise[i] + (i % 288 < 12 && !isMissing(i / 288) ? 200 : 0) }
        }
        func scores(_ values: [Double]) -> [Float] {
            var copy = bank
            let samples = values.indices.map {
                SignalSample(interval: 300, time: Timestamp(milliseconds: Int64($0) * 300_000), value: values[$0])
            }
            var judgements = [Judgement](repeating: .warmingUp, count: samples.count)
            var span = judgements.mutableSpan
            copy.judge(samples.span, into: &span)
            return judgements.map(\.score)
        }
        let last = 288 * 11
        let recurring = scores(values { _ in false })[(288 * 4)...].max() ?? .infinity
        let missing = scores(values { $0 == 11 })[last..<last + 12].max() ?? 0
        #expect(recurring < 10)
        #expect(missing > 100)
    }

    @Test func `thresholds follow the stride`() {
        let measured = [(1, 0.5), (2, 0.5), (6, 0.35), (12, 0.3), (60, 0.3)]
        for (stride, threshold) in measured {
            #expect(abs(PatternDetector.threshold(stride: stride) - threshold) < 1e-12)
        }
        for stride in 1..<60 {
            #expect(PatternDetector.threshold(stride: stride) >= PatternDetector.threshold(stride: stride + 1))
        }
    }

    @Test(arguments: [
        "pattern(stride=61)", "pattern(history=501)", "pattern(length=3)", "pattern(length=49,threshold=0.3)",
        "pattern(length=48)", "seasonal_record(timezone=Mars/Olympus)", "seasonal_record(threshold=0)",
        "record(feature=median)", "kmeans(models=19)",
        "spectral_residual(threshold=0)", "half_space_trees(window=256)", "kmeans(lag=2)",
    ])
    func `refuses what is out of range`(text: String) {
        #expect(throws: DetectorError.self) { try Self.bank(text) }
    }
}
