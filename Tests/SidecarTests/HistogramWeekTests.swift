import Foundation
import Scoring
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

/// A service with days and nights, scraped each 15 s, whose p99 then doubles while its mean moves by less than 5 %: from the
/// bodies of requests to the scores.
@Suite struct HistogramWeekTests {
    /// Without optimisation a week takes minutes, so there it is a little more than the first day, which is for learning.
    #if DEBUG
        private static let days = 1.25
    #else
        private static let days = 8.0
    #endif
    private static let signals = ["rate", "mean", "p50", "p90", "p99", "shape"]
    private static let begin = 1_795_132_800.0

    /// Request times are log-normal, with a median that follows the day; client_golang's default bounds.
    private struct Service {
        static let classicBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, .infinity]
        /// In milliseconds: schema 3 from 2^4 to 2^12.
        static let nativeBounds = (32...96).map { exp2(Double($0) / 8) }

        var random: SeededRandom
        var load = 0.0
        var drift = 0.0
        var counts: [Double]
        var sum = 0.0
        let bounds: [Double]
        let unit: Double

        init(isNative: Bool, seed: UInt64) {
            random = SeededRandom(seed: seed)
            bounds = isNative ? Self.nativeBounds : Self.classicBounds
            unit = isNative ? 1_000 : 1
            counts = [Double](repeating: 0, count: bounds.count)
        }

        /// Fifteen seconds of about 100 requests a second; with `isSlow` the slowest 1.5 % take twice as long.
        /// - Returns: the mean request's time, without chance.
        mutating func serve(until second: Double, isSlow: Bool) -> Double {
            load = 0.99 * load + 0.02 * normal()
            drift = 0.998 * drift + 0.002 * normal()
            let day = 2 * Double.pi * second / 86_400
            let requests = 1_500 * (1 + 0.6 * sin(day)) * exp(load)
            let median = 0.1 * (1 + 0.2 * sin(day - 0.5)) * exp(drift) * unit
            let sigma = 0.4
            let slowest = median * exp(2.17 * sigma)
            var below = 0.0
            var served = 0.0
            for i in bounds.indices {
                let bound = isSlow && bounds[i] > slowest ? max(slowest, bounds[i] / 2) : bounds[i]
                let share = bound == .infinity ? 1 : 0.5 * erfc(-log(bound / median) / sigma / 2.0.squareRoot())
                let expected = requests * (share - below)
                below = share
                let observed = max(0, (expected + expected.squareRoot() * normal()).rounded())
                counts[i] += observed
                served += observed
            }
            // The part of the mean that lies above a bound, of a log-normal distribution.
            let above = 0.5 * erfc((2.17 - sigma) / 2.0.squareRoot())
            let mean = median * exp(sigma * sigma / 2) * (isSlow ? 1 + above : 1)
            sum += served * mean + mean * 0.42 * served.squareRoot() * normal()
            return mean / unit
        }

        /// The sum of twelve even numbers is near enough.
        private mutating func normal() -> Double {
            var sum = -6.0
            for _ in 0..<6 {
                let bits = random.next()
                sum += Double(bits >> 32) * 0x1p-32 + Double(bits & 0xFFFF_FFFF) * 0x1p-32
            }
            return sum
        }

        func series(isNative: Bool, at milliseconds: Int64) -> [WireSeries] {
            let total = counts.reduce(0, +)
            if isNative {
                var series = WireSeries("request_seconds", [("job", "api")])
                series.histograms = [
                    WireHistogram(
                        .whole(
                            count: UInt64(total), zero: 0,
                            positive: [Int64](repeating: 0, count: 32) + counts.map { Int64($0) }, negative: []),
                        sum: sum, schema: 3, time: milliseconds)
                ]
                return [series]
            }
            var below = 0.0
            var series: [WireSeries] = []
            for (bound, count) in zip(bounds, counts) {
                below += count
                let text = bound == .infinity ? "+Inf" : "\(bound)"
                series.append(
                    WireSeries("request_seconds_bucket", [("job", "api"), ("le", text)], [(milliseconds, below)]))
            }
            series.append(WireSeries("request_seconds_sum", [("job", "api")], [(milliseconds, sum)]))
            series.append(WireSeries("request_seconds_count", [("job", "api")], [(milliseconds, total)]))
            return series
        }
    }

    private static func scores(_ line: Line) -> [String: Float] {
        var scores: [String: Float] = [:]
        for signal in signals {
            guard let id = line.id("request_seconds:\(signal)", [("job", "api")]) else { continue }
            scores[signal] = line.pipeline.board.explain(id)?.score
        }
        return scores
    }

    @Test(arguments: [false, true])
    func `after a calm week a doubled p99 is seen within two minutes`(isNative: Bool) throws {
        let line = Line()
        var service = Service(isNative: isNative, seed: 3)
        let scrapes = Int(Self.days * 5_760)
        var (means, highest): ([Double], [String: Float]) = ([], [:])
        var seen: (scrape: Int, signal: String)?
        for i in 1...scrapes + 8 {
            let second = 15 * Double(i)
            means.append(service.serve(until: second, isSlow: i > scrapes))
            let time = Timestamp(milliseconds: Int64((Self.begin + second) * 1000))
            line.send(service.series(isNative: isNative, at: time.milliseconds), now: time)
            let scores = Self.scores(line)
            if i <= scrapes {
                guard second > 86_400 else { continue }
                for (signal, score) in scores { highest[signal] = max(highest[signal] ?? 0, score) }
            } else if let signal = scores.first(where: { $0.value > 1 }), seen == nil {
                seen = (i - scrapes, signal.key)
            }
        }
        #expect(highest.count == Self.signals.count)
        #expect(highest.values.allSatisfy { $0 <= 1 }, "while all was calm: \(highest)")
        #expect(abs(means[scrapes] / means[scrapes - 1] - 1) < 0.05)
        #expect(seen != nil, "not seen: \(Self.scores(line))")
        #expect(line.outcomes.values.reduce(0, +) == (isNative ? 0 : (scrapes + 8) * 14))
        #expect(line.values("refused", "series_limit") == nil)
    }
}
