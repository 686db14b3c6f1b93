import Synchronization
import TestSupport
import Testing
import TimeSeries

@testable import Scoring

@Suite struct MetricNamesTests {
    @Test func `numbers each name once, from 1`() {
        let names = MetricNames()
        #expect(names.intern("up").id == 1)
        #expect(names.intern("foo_total").id == 2)
        #expect(names.intern("up").id == 1)
        #expect(names.name(1) == "up")
        #expect(names.name(2) == "foo_total")
        #expect(names.name(MetricNames.unnamed) == "")
        #expect(names.name(3) == "")
    }

    @Test func `chooses by the name while there is no metadata`() {
        let names = MetricNames()
        #expect(names.intern("up").choice == .valueByDefault)
        #expect(names.intern("foo_total").choice == .rateByName)
        #expect(names.type(of: "up") == .unknown)
        #expect(names.declaredCount == 0)
    }

    @Test(arguments: [true, false]) func `learns a family's type, before or after its series`(isBefore: Bool) {
        let names = MetricNames()
        let series = [
            "requests_total", "requests", "latency_bucket", "latency_count", "latency_sum", "latency", "depth",
        ]
        if !isBefore { for name in series { _ = names.intern(name) } }
        names.declare("requests", as: .counter)
        names.declare("latency", as: .histogram)
        names.declare("depth", as: .gauge)
        #expect(
            series.map { names.intern($0).choice } == [
                .rateByMetadata, .rateByMetadata, .rateByMetadata, .rateByMetadata, .rateByMetadata, .valueByMetadata,
                .valueByMetadata,
            ])
        #expect(names.choices.dropFirst() == series.map { names.intern($0).choice }[...])
        #expect(names.declaredCount == 3)
    }

    @Test func `takes what is said of the very name before what is said of the family`() {
        let names = MetricNames()
        names.declare("latency", as: .histogram)
        names.declare("latency_sum", as: .gauge)
        #expect(names.intern("latency_sum").choice == .valueByMetadata)
        #expect(names.intern("latency_count").choice == .rateByMetadata)
        #expect(names.type(of: "latency_sum") == .gauge)
    }

    @Test func `does not take a name for part of a family that has no such part`() {
        // Every Go program has the gauge go_memstats_alloc_bytes and the counter go_memstats_alloc_bytes_total.
        let names = MetricNames()
        #expect(names.intern("go_memstats_alloc_bytes_total").choice == .rateByName)
        names.declare("go_memstats_alloc_bytes", as: .gauge)
        #expect(names.intern("go_memstats_alloc_bytes_total").choice == .rateByName)
        #expect(names.intern("go_memstats_alloc_bytes").choice == .valueByMetadata)
        #expect(names.generation == 0)
        names.declare("jobs", as: .counter)
        #expect(names.intern("jobs_count").choice == .rateByName)
        names.declare("sizes", as: .summary)
        #expect(names.intern("sizes_total").choice == .rateByName)
        #expect(names.intern("sizes_sum").choice == .rateByMetadata)
        names.declare("queue", as: .gaugeHistogram)
        #expect(names.intern("queue_bucket").choice == .valueByMetadata)
    }

    @Test func `grows its generation when a known name's choice changes, and only then`() {
        let names = MetricNames()
        _ = names.intern("foo_total")
        names.declare("foo", as: .unknown)
        names.declare("bar", as: .counter)
        #expect(names.generation == 0)
        names.declare("foo", as: .counter)
        #expect(names.generation == 1)
        names.declare("foo", as: .counter)
        names.declare("foo", as: .unknown)
        #expect(names.generation == 1)
        names.declare("foo_total", as: .gauge)
        #expect(names.generation == 2)
        #expect(names.intern("foo_total").choice == .valueByMetadata)
    }

    @Test func `gives names past its limit no number, and still a choice by their name`() {
        let names = MetricNames()
        for number in 1..<MetricNames.limit { _ = names.intern("\(number)") }
        #expect(names.intern("\(MetricNames.limit - 1)").id == UInt32(MetricNames.limit - 1))
        let past = names.intern("past_total")
        #expect(past.id == MetricNames.unnamed)
        #expect(past.choice == .rateByName)
        names.declare("past", as: .gauge)
        #expect(names.choices.count == MetricNames.limit)
        #expect(names.choices[0] == .valueByDefault)
    }

    @Test func `gives one number to a name that many threads bring at once`() {
        let names = MetricNames()
        let ids = Mutex<[String: Set<UInt32>]>([:])
        onThreads(8) { thread in
            for number in 0..<500 {
                let name = "metric_\((number + thread * 50) % 500)"
                let id = names.intern(name).id
                names.declare(name, as: .gauge)
                ids.withLock { _ = $0[name, default: []].insert(id) }
            }
        }
        let all = ids.withLock { $0 }
        #expect(all.count == 500)
        #expect(all.values.allSatisfy { $0.count == 1 })
        #expect(Set(all.values.flatMap { $0 }) == Set(1...500))
        #expect(names.choices.dropFirst().allSatisfy { $0 == .valueByMetadata })
    }
}
