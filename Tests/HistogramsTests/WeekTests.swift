import Foundation
import Histograms
import TestSupport
import Testing
import TimeSeries

/// A week of a service with days and nights, scraped each 15 s, and then a tail that doubles while the mean hardly moves.
@Suite struct WeekTests {
    /// Without optimisation a week takes a quarter of a minute, so there it is a day.
    #if DEBUG
        private static let days = 1.0
    #else
        private static let days = 7.0
    #endif
    private static let bounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, .infinity]

    /// A service whose times are log-normal, with a median that follows the day.
    private struct Service {
        var random = SeededRandom(seed: 3)
        var load = 0.0
        var drift = 0.0
        let perSecond = 100.0
        let sigma = 0.4

        /// Requests of one scrape by upper bound, from a second of the week; with `isSlow` the slowest 1.5 % take twice as long.
        mutating func requests(at second: Double, isSlow: Bool, bounds: [Double]) -> [Double] {
            load = 0.99 * load + 0.02 * normal()
            drift = 0.998 * drift + 0.002 * normal()
            let day = sin(2 * .pi * second / 86_400)
            let count = perSecond * 15 * (1 + 0.6 * day) * exp(load)
            let median = 0.1 * (1 + 0.2 * sin(2 * .pi * second / 86_400 - 0.5)) * exp(drift)
            let tail = median * exp(2.17 * sigma)
            var below = 0.0
            return bounds.map { bound in
                let time = isSlow && bound > tail ? max(tail, bound / 2) : bound
                let share = bound == .infinity ? 1 : 0.5 * erfc(-log(time / median) / sigma / 2.0.squareRoot())
                let expected = count * (share - below)
                below = share
                return max(0, (expected + expected.squareRoot() * normal()).rounded())
            }
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
    }

    /// How far a signal lies from its median of the last hour, as a ratio.
    private struct Steps {
        var recent: [Double] = []
        var largest = 0.0
        private var median = 0.0
        private var taken = 0

        mutating func take(_ value: Double) -> Double? {
            recent.append(value)
            if recent.count > 240 { recent.removeFirst() }
            guard recent.count == 240 else { return nil }
            if taken % 40 == 0 { median = recent.sorted()[120] }
            taken += 1
            return max(value / median, median / value)
        }
    }

    private func run(
        days: Double, _ scrape: (_ second: Double, _ isSlow: Bool) -> [SignalValue]
    ) -> (quiet: [HistogramSignal: Double], slow: [HistogramSignal: Double]) {
        var steps: [HistogramSignal: Steps] = [:]
        var quiet: [HistogramSignal: Double] = [:]
        var slow: [HistogramSignal: Double] = [:]
        let scrapes = Int(days * 5_760)
        for i in 1...scrapes + 8 {
            let isSlow = i > scrapes
            for value in scrape(Double(i) * 15, isSlow) {
                guard let step = steps[value.signal, default: Steps()].take(value.value) else { continue }
                if isSlow {
                    slow[value.signal] = max(slow[value.signal] ?? 0, step)
                } else {
                    quiet[value.signal] = max(quiet[value.signal] ?? 0, step)
                }
            }
        }
        return (quiet, slow)
    }

    private func expectCalmThenClear(_ seen: (quiet: [HistogramSignal: Double], slow: [HistogramSignal: Double])) throws
    {
        let quiet = try #require(seen.quiet[.p99])
        let slow = try #require(seen.slow[.p99])
        #expect(quiet < 1.5 && slow > 1.6 && slow > 1.25 * quiet, "p99: \(quiet), then \(slow)")
        #expect(try #require(seen.quiet[.p50]) < 1.15)
        #expect(try #require(seen.slow[.mean]) < 1.1)
    }

    @Test func `classic: a week is calm, then a doubled tail is seen within eight scrapes`() throws {
        var service = Service()
        var sender = ClassicSender(Self.bounds)
        var counters = [Double](repeating: 0, count: Self.bounds.count)
        var sum = 0.0
        try expectCalmThenClear(
            run(days: Self.days) { second, isSlow in
                let requests = service.requests(at: second, isSlow: isSlow, bounds: Self.bounds)
                var all = 0.0
                for (i, count) in requests.enumerated() {
                    all += count
                    counters[i] += all
                    sum += count * (i == 0 ? 0.005 : (Self.bounds[i - 1] + min(Self.bounds[i], 5)) / 2)
                }
                return sender.scrape(at: second, counters, sum: sum)
            })
    }

    @Test func `native: a week is calm, then a doubled tail is seen within eight scrapes`() throws {
        var service = Service()
        var sender = try #require(NativeSender())
        // Schema 2: four buckets to a doubling, from 1/64 s to 4 s.
        let indices = -24...8 as ClosedRange<Int32>
        let bounds = indices.map { exp2(Double($0) / 4) }
        var counters = [Double](repeating: 0, count: bounds.count)
        var sum = 0.0
        try expectCalmThenClear(
            run(days: Self.days) { second, isSlow in
                let requests = service.requests(at: second, isSlow: isSlow, bounds: bounds)
                for (i, count) in requests.enumerated() {
                    counters[i] += count
                    sum += count * bounds[i] * exp2(-0.125)
                }
                return sender.scrape(
                    at: second, Array(zip(indices, counters)), sum: sum, kind: .exponential(schema: 2))
            })
    }
}
