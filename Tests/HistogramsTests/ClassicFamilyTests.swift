import Foundation
import Histograms
import Testing
import TimeSeries

/// A classic histogram's series become the signals of one family.
@Suite struct ClassicFamilyTests {
    private let bounds = [0.1, 0.5, 1, .infinity]

    /// A target that counts 100 requests each 15 s, and has been scraped `scrapes` times.
    private func steady(
        _ scrapes: Int = 20, hasSum: Bool = true, hasCount: Bool = true
    ) -> (ClassicSender, [Double], last: [SignalValue]) {
        var sender = ClassicSender(bounds, hasSum: hasSum, hasCount: hasCount)
        var last: [SignalValue] = []
        for i in 1...scrapes { last = sender.scrape(at: 15 * Double(i), shown(i), sum: 30 * Double(i)) }
        return (sender, shown(scrapes), last)
    }

    private func shown(_ scrape: Int) -> [Double] { [40, 80, 95, 100].map { $0 * Double(scrape) } }

    /// A scrape in which the first bucket is another, or missing.
    private func shown(_ scrape: Int, first: Double?) -> [Double?] { [first] + shown(scrape).dropFirst().map { $0 } }

    @Test func `tells rate, mean and quantiles of the window`() throws {
        let (_, _, last) = steady()
        #expect(abs(try #require(last[.rate]) - 100.0 / 15) < 1e-12)
        #expect(abs(try #require(last[.mean]) - 0.3) < 1e-6)
        // A power law in the bucket that holds the rank: of 100 lie 60 beyond 0.1, 20 beyond 0.5 and 5 beyond 1. The window
        // holds nearly twice as many, and one more on each side.
        #expect(abs(try #require(last[.p50]) - 0.1 * pow(5, log(60 / 50) / log(60 / 20))) < 0.002)
        #expect(abs(try #require(last[.p90]) - 0.5 * pow(2, log(20 / 10) / log(20 / 5))) < 0.005)
        // Past the highest finite bound.
        #expect(last[.p99] == 1)
        #expect(last[.shape] == nil)
        #expect(last.allSatisfy { $0.time == Timestamp(milliseconds: 300_000) && $0.series == SignalValue.unbound })
    }

    @Test func `says nothing of the first scrape, and little of few observations`() {
        var sender = ClassicSender(bounds)
        #expect(sender.scrape(at: 15, shown(5)).isEmpty)
        let second = sender.scrape(at: 30, [5, 5, 6, 6].enumerated().map { shown(5)[$0.offset] + $0.element }, sum: 1)
        #expect(second[.rate] == 0.4)
        #expect(second[.p50] == nil && second[.p99] == nil)
    }

    @Test func `waits for all parts, in whatever order and however many requests they come`() {
        var (sender, _, _) = steady()
        let values = shown(21)
        #expect(sender.scrape(at: 315, [nil, nil, values[2], nil], sum: nil, count: nil).isEmpty)
        #expect(sender.scrape(at: 315, [nil, values[1], nil, nil], sum: 630, count: values[3]).isEmpty)
        #expect(sender.scrape(at: 315, [values[0], nil, nil, values[3]], sum: nil)[.rate] == 100.0 / 15)
        #expect(sender.families.counts.duplicates == 1)
    }

    @Test func `takes a scrape whose series overtake those of the scrape before`() {
        var (sender, _, _) = steady()
        let (first, second) = (shown(21), shown(22))
        // One of the sender's queues is a scrape behind the other.
        _ = sender.scrape(at: 315, [first[0], first[1], nil, nil], sum: nil, count: nil)
        #expect(sender.scrape(at: 330, [second[0], second[1], nil, nil], sum: nil, count: nil).isEmpty)
        #expect(sender.scrape(at: 315, [nil, nil, first[2], first[3]], sum: 630)[.rate] == 100.0 / 15)
        #expect(sender.scrape(at: 330, [nil, nil, second[2], second[3]], sum: 660)[.rate] == 100.0 / 15)
    }

    @Test func `skips a scrape of which a part is missing, and covers its time with the next`() {
        var (sender, _, _) = steady()
        #expect(sender.scrape(at: 315, shown(21, first: nil), sum: 630).isEmpty)
        let next = sender.scrape(at: 330, shown(22), sum: 660)
        #expect(next.count { $0.signal == .rate } == 1)
        #expect(next[.rate] == 200.0 / 30)
        #expect(sender.scrape(at: 345, shown(23), sum: 690)[.rate] == 100.0 / 15)
        // What comes after its scrape was closed changes nothing.
        sender.put(sender.buckets[0].part, shown(21)[0], at: 315)
        #expect(sender.send().isEmpty)
        #expect(sender.families.counts.late == 1)
    }

    @Test func `covers scrapes that did not come at all`() {
        var (sender, _, _) = steady()
        #expect(sender.scrape(at: 375, shown(25), sum: 750)[.rate] == 500.0 / 75)
    }

    @Test func `does not join scrapes across a long gap`() {
        var (sender, _, _) = steady()
        #expect(sender.scrape(at: 300 + 301, shown(40), sum: 1200).isEmpty)
        #expect(sender.scrape(at: 300 + 316, shown(41), sum: 1230)[.rate] == 100.0 / 15)
    }

    @Test func `starts from zero where the process started over`() throws {
        var (sender, _, _) = steady()
        let after = sender.scrape(at: 315, [4, 8, 9, 10], sum: 3)
        #expect(after[.rate] == 10.0 / 15)
        #expect(abs(try #require(after[.mean]) - 0.3) < 1e-6)
        #expect(sender.scrape(at: 330, [8, 16, 18, 20], sum: 6)[.rate] == 10.0 / 15)
    }

    @Test func `leaves a scrape out that contradicts itself`() {
        var (sender, last, _) = steady()
        // One bucket fell while the whole grew: no restart, and no 2,000 requests in 15 s.
        #expect(sender.scrape(at: 315, [last[0] - 1, last[1] + 5, last[2] + 9, last[3] + 9], sum: 630).isEmpty)
        let next = [last[0] + 39, last[1] + 85, last[2] + 104, last[3] + 109]
        #expect(sender.scrape(at: 330, next, sum: 660)[.rate] == 100.0 / 15)
    }

    @Test func `evens out buckets that were read a moment apart`() {
        var (sender, last, _) = steady()
        // The lower bucket saw 50 requests, the one that includes it 48.
        let signals = sender.scrape(at: 315, [last[0] + 50, last[1] + 48, last[2] + 50, last[3] + 50], sum: 630)
        #expect(signals[.rate] == 50.0 / 15)
        #expect(signals.allSatisfy { $0.value >= 0 })
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, -1, 1e300])
    func `leaves a scrape out of which a part is no count`(value: Double) {
        var (sender, _, _) = steady()
        #expect(sender.scrape(at: 315, shown(21, first: value), sum: 630).isEmpty)
        #expect(sender.scrape(at: 330, shown(22), sum: 660)[.rate] == 200.0 / 30)
    }

    @Test func `tells no mean where the sum is no number, and the rest all the same`() {
        var (sender, _, _) = steady()
        let signals = sender.scrape(at: 315, shown(21), sum: .nan)
        #expect(signals[.rate] == 100.0 / 15 && signals[.p90] != nil)
        for i in 22...40 { _ = sender.scrape(at: 15 * Double(i), shown(i), sum: .nan) }
        #expect(sender.scrape(at: 615, shown(41), sum: .nan)[.mean] == nil)
    }

    @Test(arguments: [1e308, -1e308, 1e29])
    func `gets over an absurd sum`(absurd: Double) throws {
        var (sender, _, _) = steady()
        _ = sender.scrape(at: 315, shown(21), sum: absurd)
        var last: [SignalValue] = []
        for i in 22...700 { last = sender.scrape(at: 15 * Double(i), shown(i), sum: 30 * Double(i)) }
        #expect(abs(try #require(last[.mean]) - 0.3) < 1e-6)
    }

    @Test func `does without a sum, and without a count`() {
        #expect(steady(hasSum: false).last[.mean] == nil)
        #expect(steady(hasSum: false).last[.p90] != nil)
        #expect(steady(hasCount: false).last[.mean] != nil)
    }

    @Test func `takes the count for the last bucket where that is missing`() {
        var sender = ClassicSender([0.1, 0.5])
        var last: [SignalValue] = []
        for i in 1...20 {
            last = sender.scrape(at: 15 * Double(i), [40.0 * Double(i), 80.0 * Double(i)], count: 100 * Double(i))
        }
        #expect(last[.rate] == 100.0 / 15)
        #expect(last[.p90] == 0.5)
        var neither = ClassicSender([0.1, 0.5], hasCount: false)
        for i in 1...20 {
            #expect(neither.scrape(at: 15 * Double(i), [40.0 * Double(i), 80.0 * Double(i)]).isEmpty)
        }
    }

    @Test func `of a single bucket tells rate and mean`() {
        var sender = ClassicSender([.infinity])
        var last: [SignalValue] = []
        for i in 1...20 { last = sender.scrape(at: 15 * Double(i), [100 * Double(i)], sum: 30 * Double(i)) }
        #expect(Set(last.map(\.signal)) == [.rate, .mean])
    }

    @Test func `sum and count alone, as of a summary, make no signal`() {
        var sender = ClassicSender([])
        for i in 1...20 { #expect(sender.scrape(at: 15 * Double(i), [], sum: 3, count: 100 * Double(i)).isEmpty) }
    }

    @Test func `learns anew where a bucket appears`() {
        var (sender, _, _) = steady()
        sender.add(0.3)
        let with = { (i: Int) in shown(i) + [60 * Double(i)] }
        #expect(sender.scrape(at: 315, with(21), sum: 630, count: shown(21)[3]).isEmpty)
        let next = sender.scrape(at: 330, with(22), sum: 660, count: shown(22)[3])
        #expect(next[.rate] == 100.0 / 15)
        #expect(abs((next[.p50] ?? 0) - 0.1 * pow(3, log(61 / 51) / log(61 / 41))) < 1e-6)
    }

    @Test func `no longer waits for a bucket that stays away`() {
        var (sender, _, _) = steady()
        var rates: [Double?] = []
        for i in 21...30 { rates.append(sender.scrape(at: 15 * Double(i), shown(i, first: nil), sum: 0)[.rate]) }
        // Three scrapes are skipped, one is the new beginning; the first is only given up when a third one begins.
        #expect(rates.prefix(4).allSatisfy { $0 == nil })
        #expect(rates.suffix(4).allSatisfy { $0 == 100.0 / 15 })
    }

    @Test func `keeps what it learned while the target is away`() throws {
        var sender = ClassicSender(bounds)
        for i in 1...200 { _ = sender.scrape(at: 15 * Double(i), shown(i), sum: 0) }
        #expect(sender.end(at: 3_015).isEmpty)
        // The first sample alone, in a request of its own, is not the whole family.
        #expect(sender.scrape(at: 3_030, [40, nil, nil, nil], sum: nil, count: nil).isEmpty)
        #expect(sender.scrape(at: 3_030, shown(1, first: nil), sum: 0).isEmpty)
        let next = sender.scrape(at: 3_045, shown(2), sum: 0)
        #expect(next[.rate] == 100.0 / 15)
        #expect(try #require(next[.shape]) < 0.05)
    }

    @Test func `takes the same bound, written otherwise, for the same bucket`() {
        var (sender, _, _) = steady()
        let families = sender.families
        guard let other = ClassicSender.part(families, [("__name__", "x_bucket"), ("le", "1")]) else {
            Issue.record("refused")
            return
        }
        let marker = Double(bitPattern: StaleMarker.bitPattern)
        sender.put(sender.buckets[2].part, marker, at: 310)
        sender.put(other, shown(21)[2], at: 315)
        #expect(sender.scrape(at: 315, [shown(21)[0], shown(21)[1], nil, shown(21)[3]], sum: 630)[.rate] == 100.0 / 15)
        families.forget(sender.buckets[2].part)
        sender.put(other, shown(22)[2], at: 330)
        #expect(sender.scrape(at: 330, [shown(22)[0], shown(22)[1], nil, shown(22)[3]], sum: 660)[.rate] == 100.0 / 15)
    }

    @Test func `a replay changes nothing`() {
        var (sender, last, _) = steady()
        #expect(sender.scrape(at: 300, last, sum: 600).isEmpty)
        #expect(sender.scrape(at: 150, shown(10), sum: 300).isEmpty)
        #expect(sender.scrape(at: 315, shown(21), sum: 630)[.rate] == 100.0 / 15)
        #expect(sender.families.counts.duplicates == 6 && sender.families.counts.late == 6)
    }
}
