import Histograms
import Testing
import TimeSeries

/// Registration, limits, eviction, and the names of the signals.
@Suite struct HistogramFamiliesTests {
    private func block(_ labels: [(String, String)]) -> [UInt8] {
        Labels(labels.map { (name: $0.0, value: $0.1) }).block
    }

    @Test func `refuses families past the limit, and takes new ones where old ones went`() throws {
        let families = HistogramFamilies(familyLimit: 16)
        var parts: [PartID] = []
        var refused = 0
        for i in 0..<200 {
            switch families.register(block([("__name__", "x_bucket"), ("i", "\(i)"), ("le", "1")]).span) {
            case .firstBucket(let part): parts.append(part)
            case .refused(.tooManyFamilies): refused += 1
            default: Issue.record("not a part")
            }
        }
        // One a shard.
        #expect(parts.count == 16 && refused == 184)
        #expect(families.counts.families == 16 && families.counts.parts == 16 && families.counts.refused == 184)
        for part in parts { families.forget(part) }
        #expect(families.counts.families == 0 && families.counts.parts == 0)
        families.releaseRested()
        let new = block([("__name__", "x_bucket"), ("i", "new"), ("le", "1")])
        guard case .firstBucket = families.register(new.span) else {
            Issue.record("no room though all are gone")
            return
        }
    }

    @Test func `refuses buckets past the limit`() {
        let families = HistogramFamilies(familyLimit: 16)
        for i in 0..<HistogramFamilies.bucketLimit {
            #expect(ClassicSender.part(families, [("__name__", "x_bucket"), ("le", "\(i)")]) != nil)
        }
        #expect(families.register(block([("__name__", "x_bucket"), ("le", "+Inf")]).span) == .refused(.tooManyBuckets))
        #expect(ClassicSender.part(families, [("__name__", "x_bucket"), ("le", "3.0")]) != nil)
    }

    @Test func `uses the places of bounds that are gone`() throws {
        var sender = ClassicSender([1, .infinity])
        let families = sender.families
        for i in 0..<2_000 {
            let labels = [("__name__", "x_bucket"), ("le", "0.\(i + 1_000)")]
            families.forget(try #require(ClassicSender.part(families, labels)))
            families.releaseRested()
        }
        var last: [SignalValue] = []
        for i in 1...20 { last = sender.scrape(at: 15 * Double(i), [50 * Double(i), 100 * Double(i)]) }
        #expect(last[.p50] == 1)
    }

    @Test func `a sum and a count join a family, and make none`() throws {
        let families = HistogramFamilies(familyLimit: 16)
        let sum = block([("__name__", "x_sum"), ("a", "1")])
        let count = block([("__name__", "x_count"), ("a", "1")])
        #expect(families.register(sum.span) == .noFamily && families.register(count.span) == .noFamily)
        #expect(families.counts == HistogramFamilies.Counts())
        let first = families.register(block([("__name__", "x_bucket"), ("a", "1"), ("le", "1")]).span)
        guard case .firstBucket(let part) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(families.counterLabels(of: part) == [sum, count])
        guard case .part = families.register(block([("__name__", "x_bucket"), ("a", "1"), ("le", "2")]).span),
            case .part = families.register(sum.span), case .part = families.register(count.span)
        else {
            Issue.record("not all are parts")
            return
        }
        #expect(families.counts.families == 1 && families.counts.parts == 4)
        #expect(families.kinds == HistogramFamilies.Kinds(classic: 0, native: 0, new: 1))
    }

    @Test func `uses an id again only when two sweeps have passed`() throws {
        let families = HistogramFamilies(familyLimit: 16)
        let labels = [("__name__", "x_bucket"), ("le", "1")]
        let old = try #require(ClassicSender.part(families, labels))
        families.forget(old)
        let second = try #require(ClassicSender.part(families, labels))
        #expect(second != old)
        families.releaseRested()
        let third = try #require(ClassicSender.part(families, labels))
        #expect(third != old)
        families.releaseRested()
        #expect(ClassicSender.part(families, labels) == old)
    }

    @Test func `leaves other series alone`() {
        let families = HistogramFamilies(familyLimit: 16)
        #expect(families.register(block([("__name__", "x_total")]).span) == .notAPart)
        #expect(families.counts.families == 0 && families.counts.refused == 0)
    }

    @Test func `drops samples of a part that was forgotten`() {
        var sender = ClassicSender([1, .infinity], hasSum: false, hasCount: false)
        for i in 1...3 { _ = sender.scrape(at: 15 * Double(i), [10 * Double(i), 20 * Double(i)]) }
        for bucket in sender.buckets { sender.families.forget(bucket.part) }
        #expect(sender.scrape(at: 60, [40, 80]).isEmpty)
        // Twice is once.
        sender.families.forget(sender.buckets[0].part)
        #expect(sender.families.counts.parts == 0)
    }

    @Test func `tells the labels of a signal, and its series once bound`() throws {
        var sender = ClassicSender([1, .infinity])
        let part = sender.buckets[0].part
        let family = try #require(sender.families.family(of: part))
        let labels = try #require(sender.families.labels(of: family, signal: .p99))
        #expect(Labels(canonicalBlock: labels).description == "x:p99")
        sender.families.bind(.rate, of: family, to: 77)
        _ = sender.scrape(at: 15, [1, 2])
        #expect(sender.scrape(at: 30, [2, 3]).map(\.series) == [77])
        sender.families.unbind(family, from: 78)
        #expect(sender.scrape(at: 45, [3, 4]).map(\.series) == [77])
        sender.families.unbind(family, from: 77)
        #expect(sender.scrape(at: 60, [4, 5]).map(\.series) == [SignalValue.unbound])
        for part in sender.buckets.map(\.part) + [sender.sum, sender.count].compactMap({ $0 }) {
            sender.families.forget(part)
        }
        #expect(sender.families.labels(of: family, signal: .p99) == nil)
        #expect(sender.families.family(of: part) == nil)
    }

    @Test func `a thousand families of fourteen series take less than three kibibytes each`() {
        let families = HistogramFamilies(familyLimit: 100_000)
        var batch = PartBatch()
        var signals: [SignalValue] = []
        for i in 0..<1_000 {
            let labels = [("instance", "10.0.0.\(i):9100"), ("job", "api"), ("handler", "/api/v1/query")]
            var parts: [PartID] = []
            for bound in 0..<11 {
                parts.append(
                    contentsOf: [ClassicSender.part(families, labels + [("__name__", "x_bucket"), ("le", "\(bound)")])]
                        .compactMap { $0 })
            }
            for rest in [
                [("__name__", "x_bucket"), ("le", "+Inf")], [("__name__", "x_sum")], [("__name__", "x_count")],
            ] {
                parts.append(contentsOf: [ClassicSender.part(families, labels + rest)].compactMap { $0 })
            }
            for part in parts { batch.append(part, time: Timestamp(milliseconds: 1), value: 1) }
        }
        families.take(&batch, into: &signals)
        #expect(families.counts.parts == 14_000 && families.counts.families == 1_000)
        // The columns double as they grow, so up to half of them may be room for more.
        #expect(families.memoryBytes < 1_000 * 3_072)
    }
}
