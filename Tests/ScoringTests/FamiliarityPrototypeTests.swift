import TestSupport
import Testing
import TimeSeries

@testable import Scoring

/// Holds the familiarity filter against the study's prototype H on the scores of its detectors, where NAB is at hand.
@Suite struct FamiliarityPrototypeTests {
    @Test(
        .enabled(if: NABScores.areAtHand, "set LAPWING_QUALITY and LAPWING_PROTOTYPE_SCORES, see NABScores"),
        arguments: ["R0", "R", "V3", "V5", "RP"])
    func `on all of NAB the same scores are cut`(prototype: String) throws {
        let nab = try NABScores()
        var (cut, different) = (0, 0)
        for series in nab.series {
            let scores = try nab.scores(of: prototype, series)
            let expected = try nab.scores(of: "\(prototype)+H", series)
            // The prototype takes every sample for as far from the last as they mostly are.
            let distances = zip(series.times.dropFirst(), series.times).map { $0 - $1 }.sorted()
            let middle = distances.count / 2
            let distance =
                distances.count % 2 == 1 ? distances[middle] : (distances[middle] + distances[middle - 1]) / 2
            var familiarity = Familiarity()
            for i in scores.indices {
                let time = Timestamp(milliseconds: 1_400_000_000_000 + Int64(Double(i) * max(distance, 1) * 1000))
                let filtered = familiarity.filter(Float(scores[i]), interval: 300, at: time)
                let isCut = expected[i] != scores[i]
                if isCut { cut += 1 }
                if (filtered != Float(scores[i])) != isCut { different += 1 }
            }
        }
        print("NAB \(prototype)+H: \(cut) scores cut, \(different) differently")
        #expect(cut > 0)
        #expect(different == 0)
    }
}
