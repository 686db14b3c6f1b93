import Histograms
import Testing
import TimeSeries

/// A native histogram becomes the signals of a family.
@Suite struct NativeFamilyTests {
    private func sender() throws -> NativeSender { try #require(NativeSender()) }

    /// Sends the same increase again and again.
    private func steady(
        _ sender: inout NativeSender, from first: Int = 1, to last: Int = 20, _ positive: [(Int32, Double)],
        negative: [(Int32, Double)] = [], zero: Double = 0, threshold: Double = 0,
        kind: NativeSample.Kind = .exponential(schema: 0), bounds: [Double] = []
    ) -> [SignalValue] {
        var signals: [SignalValue] = []
        for i in first...last {
            let n = Double(i)
            signals = sender.scrape(
                at: 15 * n, positive.map { ($0.0, $0.1 * n) }, negative: negative.map { ($0.0, $0.1 * n) },
                zero: zero * n, threshold: threshold, sum: 30 * n, kind: kind, bounds: bounds)
        }
        return signals
    }

    private func expect(_ value: Double?, _ wanted: Double, _ comment: Comment? = nil) throws {
        #expect(abs(try #require(value) - wanted) <= 1e-6 * max(1, abs(wanted)), comment)
    }

    @Test func `tells rate, mean and quantiles of the window`() throws {
        var sender = try sender()
        let last = steady(&sender, [(1, 50), (2, 45), (4, 5)])
        try expect(last[.rate], 100.0 / 15)
        try expect(last[.mean], 0.3)
        // Bucket i of schema 0 ends at 2^i; on a logarithmic scale.
        try expect(last[.p90], 3.703498848, "2^(1 + 40/45)")
        try expect(last[.p99], 13.928809012, "2^(3 + 4/5)")
    }

    @Test func `sees negative buckets and the zero bucket`() throws {
        var sender = try sender()
        let below = steady(&sender, [], negative: [(1, 50), (2, 50)], zero: 900, threshold: 0.5)
        // Without positive observations the zero bucket ends at 0.
        try expect(below[.p90], -0.5 * (1 - 800.0 / 900))
        var other = try self.sender()
        let above = steady(&other, [(3, 10)], zero: 990, threshold: 0.5)
        try expect(above[.p50], 0.5 * 500 / 990)
        var both = try self.sender()
        let around = steady(&both, [(3, 10)], negative: [(3, 10)], zero: 980, threshold: 0.5)
        try expect(around[.p90], -0.5 + 890.0 / 980)
    }

    @Test func `of custom buckets interpolates between their bounds`() throws {
        var sender = try sender()
        let last = steady(&sender, [(0, 40), (1, 40), (2, 15), (3, 5)], kind: .custom, bounds: [0.1, 0.5, 1])
        try expect(last[.p50], 0.2)
        try expect(last[.p90], 2.5 / 3)
        try expect(last[.p99], 1)
    }

    @Test func `learns anew where custom bounds change`() throws {
        var sender = try sender()
        _ = steady(&sender, [(0, 40), (1, 40), (2, 20)], kind: .custom, bounds: [0.1, 0.5])
        let other: [(Int32, Double)] = [(0, 50), (1, 50)]
        #expect(steady(&sender, from: 21, to: 21, other, kind: .custom, bounds: [1]).isEmpty)
        try expect(steady(&sender, from: 22, to: 22, other, kind: .custom, bounds: [1])[.p50], 1)
    }

    @Test func `of count and sum alone tells rate and mean`() throws {
        var sender = try sender()
        var last: [SignalValue] = []
        for i in 1...20 {
            last = sender.scrape(at: 15 * Double(i), [], sum: 30 * Double(i), count: 100 * Double(i), kind: .bucketless)
        }
        #expect(Set(last.map(\.signal)) == [.rate, .mean])
        try expect(last[.mean], 0.3)
    }

    @Test(arguments: [3, 1, 0, -4] as [Int8])
    func `goes down to a coarser schema and stays there`(coarser: Int8) throws {
        var sender = try sender()
        let fine: [(Int32, Double)] = [(16, 50), (24, 45), (32, 5)]
        _ = steady(&sender, fine, kind: .exponential(schema: 3))
        // The very same observations, counted with fewer buckets: no reset, no jump.
        let shift = 3 - coarser
        var merged: [Int32: Double] = [:]
        for (index, count) in fine { merged[(index - 1) >> Int32(shift) + 1, default: 0] += count }
        let coarse = merged.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let next = steady(&sender, from: 21, to: 21, coarse, kind: .exponential(schema: coarser))
        try expect(next[.rate], 100.0 / 15)
        // And back: the finer buckets are merged.
        let back = steady(&sender, from: 22, to: 40, fine, kind: .exponential(schema: 3))
        try expect(back[.rate], 100.0 / 15)
        let upper = try #require(back[.p99])
        #expect(upper > 8 && upper <= 65_536)
    }

    @Test func `widens the zero bucket with the threshold`() throws {
        var sender = try sender()
        _ = steady(&sender, [(-3, 50), (4, 50)], threshold: 0.01)
        let wide = steady(&sender, from: 21, to: 21, [(4, 50)], zero: 50, threshold: 0.25)
        try expect(wide[.rate], 100.0 / 15)
        // A threshold that shrinks again changes nothing.
        try expect(steady(&sender, from: 22, to: 22, [(-3, 50), (4, 50)], threshold: 0.01)[.rate], 100.0 / 15)
    }

    @Test func `halves the resolution rather than keep more than 320 buckets`() throws {
        var sender = try sender()
        let wide = (0..<900).map { (Int32($0) - 450, 1.0) }
        let last = steady(&sender, to: 5, wide, kind: .exponential(schema: 8))
        try expect(last[.rate], 60)
        // Of 900 evenly spread exponents the 891st, 2^(440/256), to the width of a merged bucket.
        let p99 = try #require(last[.p99])
        #expect(abs(p99 / 3.291 - 1) < 0.005)
        #expect(sender.families.memoryBytes < 64 << 10)
    }

    @Test func `takes buckets of both signs at the coarsest schema`() throws {
        var sender = try sender()
        let all = (-67...64).map { (Int32($0), 1.0) }
        let last = steady(&sender, to: 3, all, negative: all, zero: 1, kind: .exponential(schema: -4))
        try expect(last[.rate], Double(2 * all.count + 1) / 15)
        #expect(last.allSatisfy { $0.value.isFinite })
    }

    @Test func `starts from zero where a bucket fell, or the sender says so`() throws {
        var sender = try sender()
        _ = steady(&sender, [(1, 50), (2, 50)])
        // More in all than before, yet one bucket has less: one value, so all of it is new.
        try expect(sender.scrape(at: 315, [(1, 10), (2, 3_000)], kind: .exponential(schema: 0))[.rate], 3_010.0 / 15)
        let told = sender.scrape(at: 330, [(1, 20), (2, 3_000)], kind: .exponential(schema: 0), isReset: true)
        try expect(told[.rate], 3_020.0 / 15)
    }

    @Test func `of a gauge looks at what is there, and adds nothing up`() throws {
        var sender = try sender()
        var last: [SignalValue] = []
        for i in 1...5 {
            last = sender.scrape(
                at: 15 * Double(i), [(1, 50), (2, 50)], sum: 120, kind: .exponential(schema: 0), isGauge: true)
        }
        #expect(last[.rate] == nil)
        try expect(last[.mean], 1.2)
        try expect(last[.p50], 2)
        let moved = sender.scrape(at: 90, [(5, 100)], sum: 3_000, kind: .exponential(schema: 0), isGauge: true)
        try expect(moved[.p50], 16 * 2.0.squareRoot())
    }

    @Test func `ends with its marker, and ignores what is late, doubled or no number`() throws {
        var sender = try sender()
        let last = steady(&sender, [(1, 100)])
        #expect(!last.isEmpty)
        #expect(sender.scrape(at: 300, [(1, 9_999)], kind: .exponential(schema: 0)).isEmpty)
        #expect(sender.scrape(at: 30, [(1, 9_999)], kind: .exponential(schema: 0)).isEmpty)
        #expect(sender.scrape(at: 310, [], count: .nan, kind: .exponential(schema: 0)).isEmpty)
        try expect(steady(&sender, from: 21, to: 21, [(1, 100)])[.rate], 100.0 / 15)
        let marker = Double(bitPattern: StaleMarker.bitPattern)
        #expect(sender.scrape(at: 330, [], sum: marker).isEmpty)
        #expect(steady(&sender, from: 23, to: 23, [(1, 100)]).isEmpty)
        try expect(steady(&sender, from: 24, to: 24, [(1, 100)])[.rate], 100.0 / 15)
        #expect(sender.families.counts.late == 1 && sender.families.counts.duplicates == 1)
    }

    @Test func `survives indices that no bucket has`() throws {
        var sender = try sender()
        let extremes: [(Int32, Double)] = [(.min, 10), (-1 << 20, 10), (5, 100), (1 << 20, 10), (.max, 10)]
        let last = steady(&sender, extremes, negative: extremes, zero: 5, kind: .exponential(schema: 8))
        #expect(last.allSatisfy { $0.value.isFinite })
        #expect(last[.rate] == 285.0 / 15)
    }

    @Test func `is preferred to the classic buckets of the same name and labels`() throws {
        let families = HistogramFamilies(familyLimit: 1_600)
        var native = try #require(NativeSender(families: families))
        var classic = ClassicSender([1, .infinity], families: families)
        #expect(families.counts.families == 1)
        for i in 1...20 {
            let n = Double(i)
            let signals = native.scrape(at: 15 * n, [(1, 100 * n)])
            #expect((i > 1) == (signals[.rate] != nil))
            #expect(classic.scrape(at: 15 * n, [50 * n, 100 * n]).isEmpty)
        }
        // The native one is no longer sent.
        var rates: [Double] = []
        for i in 21...45 {
            rates += [classic.scrape(at: 15 * Double(i), [50 * Double(i), 100 * Double(i)])[.rate]].compactMap { $0 }
        }
        #expect(rates.count == 4 && rates.allSatisfy { $0 == 100.0 / 15 })
    }
}
