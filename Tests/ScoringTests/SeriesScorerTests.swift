import Detectors
import TestSupport
import Testing
import TimeSeries

@testable import Scoring

@Suite struct SeriesScorerTests {
    @Test func `gives each sample the score that the board gives it`() throws {
        let board = try ScoreBoard()
        let id = SeriesID(shard: 7, row: 3)
        board.begin(id, name: "temperature", now: at(0))
        var scorer = try SeriesScorer(DetectionPolicy())
        var numbers = SeededRandom(seed: 9)
        var anomalies = 0
        for minute in 0..<2000 {
            let value = 50 + numbers.noise() + (minute % 300 == 299 ? 80 : 0)
            let outlook = board.explain(id)?.outlook
            board.score(Request(id, [(Double(minute) * 60, value)]))
            let scored = scorer.score(value, at: at(Double(minute) * 60))
            let explanation = try #require(board.explain(id))
            #expect(scored.score == explanation.score)
            #expect(scored.smoothed == explanation.smoothed)
            #expect(scored.isOnset == explanation.isOnset)
            if minute > 0 { #expect(scored.outlook == outlook) }
            if scored.isOnset { anomalies += 1 }
        }
        #expect(anomalies > 3)
    }

    @Test func `an onset comes once, and again only after a rest of 90 steps`() throws {
        var policy = DetectionPolicy()
        policy.familiarity = .off
        for (interval, rest) in [(60.0, 90), (300, 90), (15, 360)] {
            var scorer = try SeriesScorer(policy)
            var numbers = SeededRandom(seed: 10)
            var lastAnomaly: Int?
            var onsets = 0
            for i in 0..<2500 {
                let isUnusual = [500, 501, 540, 600, 1100, 1460, 1900].contains(i)
                let value = 50 + numbers.noise() + (isUnusual ? 300 : 0)
                let scored = scorer.score(value, at: at(Double(i) * interval))
                guard let score = scored.score, score > 1 else {
                    #expect(!scored.isOnset)
                    continue
                }
                let isRested = lastAnomaly.map { i - $0 >= rest } ?? true
                #expect(scored.isOnset == isRested, "sample \(i) at \(interval) s")
                lastAnomaly = i
                if isRested { onsets += 1 }
            }
            #expect(onsets >= 3 && onsets <= 5, "at \(interval) s")
        }
    }

    @Test func `smooths with a half-life of 8 steps`() throws {
        for (interval, samples) in [(60.0, 8), (600, 8), (15, 32)] {
            var entry = BoardEntry()
            let step = Pace.step(interval: Float(interval))
            for _ in 0..<samples { entry.take(4, step: step) }
            #expect(abs(entry.smoothed - 2) < 1e-4, "at \(interval) s")
            entry.take(1000, step: 1)
            #expect(entry.smoothed < 4)
        }
    }

    @Test func `says what became of samples that are not judged`() throws {
        var scorer = try SeriesScorer(DetectionPolicy())
        #expect(scorer.score(1, at: at(0)).outcome == .warmingUp)
        #expect(scorer.score(1, at: at(0)).outcome == .duplicate)
        #expect(scorer.score(1, at: at(-1)).outcome == .late)
        #expect(scorer.score(.nan, at: at(1)).outcome == .notFinite)
        #expect(scorer.score(staleMarker, at: at(2)).outcome == .stale)
        #expect(scorer.score(1, at: at(3)).score == nil)
    }

    @Test func `can look at a counter's rate`() throws {
        var scorer = try SeriesScorer(DetectionPolicy(), signal: .rateByMetadata)
        #expect(scorer.score(1000, at: at(0)).outcome == .baseline)
        _ = scorer.score(1600, at: at(60))
        #expect(scorer.explanation?.outlook.expected == 10)
    }
}
