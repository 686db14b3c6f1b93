import Foundation
import Testing

@testable import Detectors

/// Holds the tests for change, on given numbers, against what References/make_changes_references.py had from river, scipy
/// and pandas.
@Suite struct ChangesReferenceTests {
    private struct Reference: Decodable {
        struct PageHinkley: Decodable {
            let statistics: [Double]
            let alarms: [Int]
        }

        let values: [Double]
        let adwin: [[Int]]
        let pageHinkley: PageHinkley
        let cusum: [[Double]]
        let bocpd: [Double]
        let levelShift: [Double?]

        init(_ name: String) throws {
            let url = try #require(
                Bundle.module.url(forResource: "changes-\(name)", withExtension: "json", subdirectory: "References"))
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            self = try decoder.decode(Reference.self, from: Data(contentsOf: url))
        }
    }

    static let names = ["step", "slow", "noise"]

    @Test(arguments: names)
    func `Page-Hinkley agrees with river`(name: String) throws {
        let reference = try Reference(name).pageHinkley
        let values = try Reference(name).values
        let parameters = PageHinkleyTest.Parameters(delta: 0.25, alpha: 1 - 0.0001, minInstances: 30)
        var test = PageHinkleyTest()
        var alarms: [Int] = []
        var worst = 0.0
        for (i, value) in values.enumerated() {
            let statistic = test.add(value, parameters).statistic
            worst = max(worst, abs(statistic - reference.statistics[i]))
            if statistic > 20 {
                alarms.append(i)
                test = PageHinkleyTest()
            }
        }
        #expect(worst < 1e-5)
        #expect(alarms == reference.alarms)
    }

    @Test(arguments: names)
    func `ADWIN finds the changes that river finds, and keeps the same windows`(name: String) throws {
        let reference = try Reference(name)
        var window = AdaptiveWindow()
        var changes: [[Int]] = []
        for (i, value) in reference.values.enumerated() {
            window.add(value)
            if i % 32 == 31, window.test(delta: 0.002).statistic > 1 { changes.append([i, Int(window.width)]) }
        }
        #expect(changes == reference.adwin)
    }

    /// The window's mean and spread are those of the newest numbers themselves.
    @Test(arguments: names)
    func `ADWIN's buckets sum up what is in the window`(name: String) throws {
        let values = try Reference(name).values
        var window = AdaptiveWindow()
        for (i, value) in values.enumerated() {
            window.add(value)
            if i % 32 == 31 { _ = window.test(delta: 0.002) }
            let inside = values[(i + 1 - Int(window.width))...i]
            #expect(abs(window.mean - inside.reduce(0, +) / window.width) < 1e-9)
        }
    }

    @Test(arguments: names)
    func `the sums of CUSUM agree with exact ones`(name: String) throws {
        let reference = try Reference(name)
        var sums = CusumSums()
        for (i, value) in reference.values.enumerated() {
            sums.add(Float(value), slack: 0.5)
            #expect(abs(Double(sums.up) - reference.cusum[i][0]) < 1e-3)
            #expect(abs(Double(sums.down) - reference.cusum[i][1]) < 1e-3)
        }
    }

    @Test(arguments: names)
    func `run lengths agree with scipy`(name: String) throws {
        let reference = try Reference(name)
        let prior = RunLengths.Prior(hazard: 1 / 250)
        var runs = RunLengths(prior)
        var worst = 0.0
        for (i, mass) in reference.bocpd.enumerated() {
            runs.add(Float(reference.values[i]), prior)
            worst = max(worst, abs(Double(runs.mass(1...10)) - mass))
        }
        #expect(worst < 1e-3)
        if ProcessInfo.processInfo.environment["SHOW_DIFFERENCES"] != nil { print("bocpd", worst) }
    }

    @Test(arguments: names)
    func `level_shift agrees with pandas`(name: String) throws {
        let reference = try Reference(name)
        var trial = try DetectorTrial(LevelShift.self)
        var worst = 0.0
        for (i, value) in reference.values.enumerated() {
            let score = trial.judge(max(-2, min(2, value))).score
            guard let expected = reference.levelShift[i] else {
                #expect(score.isNaN, "\(i)")
                continue
            }
            worst = max(worst, abs(Double(score) - expected) / max(expected, 0.1))
        }
        #expect(worst < 1e-3)
        if ProcessInfo.processInfo.environment["SHOW_DIFFERENCES"] != nil { print("level_shift", worst) }
    }
}
