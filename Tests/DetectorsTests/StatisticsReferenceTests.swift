import Foundation
import Testing

@testable import Detectors

/// Holds the statistics against numbers that References/make_statistics_references.py had from numpy, scipy, pandas and
/// river.
@Suite struct StatisticsReferenceTests {
    private struct Reference: Decodable {
        let values: [Double]
        let zscore: [Double?]
        let ewma: [Double?]
        let mad: [Double?]
        let iqr: [Double?]
        let p2: [String: [Double]]

        init(_ name: String) throws {
            let url = try #require(
                Bundle.module.url(
                    forResource: "statistics-\(name)", withExtension: "json", subdirectory: "References"))
            self = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        }
    }

    static let names = ["normal", "skewed", "wave", "counts"]

    @Test(arguments: names)
    func `zscore agrees with numpy`(name: String) throws {
        let reference = try Reference(name)
        try expect(DetectorTrial(ZScore.self), reference.values, reference.zscore)
    }

    @Test(arguments: names)
    func `ewma agrees with pandas`(name: String) throws {
        let reference = try Reference(name)
        try expect(DetectorTrial(Ewma.self), reference.values, reference.ewma)
    }

    @Test(arguments: names)
    func `mad agrees with scipy`(name: String) throws {
        let reference = try Reference(name)
        try expect(DetectorTrial(MedianDeviation.self, ["window": "61"]), reference.values, reference.mad)
    }

    @Test(arguments: names)
    func `iqr agrees with numpy`(name: String) throws {
        let reference = try Reference(name)
        try expect(DetectorTrial(InterquartileRange.self, ["window": "50"]), reference.values, reference.iqr)
    }

    @Test(arguments: names)
    func `the P² estimates agree with river`(name: String) throws {
        let reference = try Reference(name)
        for (share, estimates) in reference.p2 {
            let share = try #require(Double(share))
            var quantile = P2Quantile()
            for (i, value) in reference.values.enumerated() {
                quantile.add(value, share)
                guard i % 50 == 49 else { continue }
                // A marker that is due at the last digit may move one value earlier or later.
                let expected = estimates[i / 50]
                #expect(abs(quantile.estimate(share) - expected) <= max(1e-9, 1e-7 * abs(expected)))
            }
        }
    }

    private func expect<D: Detector>(_ trial: DetectorTrial<D>, _ values: [Double], _ expected: [Double?]) {
        var trial = trial
        var worst = 0.0
        for (i, value) in values.enumerated() {
            let score = trial.judge(value).score
            guard let reference = expected[i] else {
                #expect(score.isNaN, "sample \(i)")
                continue
            }
            let difference = abs(Double(score) - reference) / max(reference, 0.1)
            if !(difference <= worst) { worst = difference }
        }
        #expect(worst <= 2e-5)
        if ProcessInfo.processInfo.environment["SHOW_DIFFERENCES"] != nil { print(D.self, worst) }
    }
}
