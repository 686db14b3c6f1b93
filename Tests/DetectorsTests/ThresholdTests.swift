import Testing

@testable import Detectors

@Suite struct ThresholdTests {
    @Test func `outside is above 1, at the bound and inside is not`() throws {
        var trial = try DetectorTrial(Threshold.self, ["lower": "-10", "upper": "30"])
        #expect(trial.scores([10, 30, -10, 50, 0]) == [0, 1, 1, 2, 0.5])
        let outside = [Double(30).nextUp, Double(-10).nextDown, -1e308]
        #expect(trial.scores(outside).allSatisfy { $0 > 1 })
    }

    @Test func `an episode ends only when the value is inside by more than the clear distance`() throws {
        var trial = try DetectorTrial(Threshold.self, ["upper": "90", "clear": "10"])
        let judgements = trial.judge([89, 91, 89, 81, 80, 79, 89, 91])
        #expect(judgements.map { $0.score > 1 } == [false, true, true, true, true, false, false, true])
        #expect(judgements[2].deviation == 9)
        #expect(judgements[0].deviation.isNaN)
    }

    @Test func `a lower bound works likewise`() throws {
        var trial = try DetectorTrial(Threshold.self, ["lower": "5", "clear": "2"])
        let judgements = trial.judge([6, 4, 6, 7, 7.5, 0])
        #expect(judgements.map { $0.score > 1 } == [false, true, true, true, false, true])
        #expect(judgements[1].deviation == -3)
        #expect(judgements[5].score == 2)
    }

    @Test func `without a clear distance the bound itself is normal again`() throws {
        var trial = try DetectorTrial(Threshold.self, ["upper": "90"])
        #expect(trial.scores([91, 90]).map { $0 > 1 } == [true, false])
    }

    @Test func `a value may jump from one side to the other`() throws {
        var trial = try DetectorTrial(Threshold.self, ["lower": "0", "upper": "10", "clear": "1"])
        #expect(trial.judge([11, -1]).map { $0.deviation > 0 } == [true, false])
    }

    @Test func `without bounds nothing is anomalous`() throws {
        var trial = try DetectorTrial(Threshold.self)
        #expect(trial.scores([0, 1e308, -1e308]) == [0, 0, 0])
        #expect(trial.outlook.lower == nil && trial.outlook.upper == nil)
    }

    @Test func `values and bounds of every size give sound scores`() throws {
        let all = [
            ["upper": "1e308", "lower": "-1e308"], ["upper": "0"], ["lower": "1e-308"], ["upper": "-1e308"],
        ]
        for bounds in all {
            var trial = try DetectorTrial(Threshold.self, bounds)
            #expect(trial.scores([0, 1e308, -1e308, 1e-308, 1]).allSatisfy { $0 >= 0 }, "\(bounds)")
        }
    }

    @Test(arguments: [
        ["upper": "much"], ["lower": "inf"], ["lower": "5", "upper": "5"], ["lower": "0", "upper": "1", "clear": "1"],
        ["clear": "-1"],
    ])
    func `bounds that mean nothing are refused`(given: [String: String]) {
        #expect(throws: DetectorError.self) { try DetectorTrial(Threshold.self, given) }
    }
}
