import RemoteWrite
import Scoring
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

@Suite struct PipelineKindTests {
    /// One series with one sample of the present.
    private static func one(_ name: String, _ labels: [(String, String)] = [], _ value: Double = 1) -> WireSeries {
        WireSeries(name, labels, [(milliseconds(0), value)])
    }

    private static func choice(_ line: Line, _ name: String) -> SignalChoice? {
        line.id(name).flatMap { line.pipeline.board.explain($0)?.signal.choice }
    }

    @Test func `learns kinds from 1.0's metadata, whenever it comes`() {
        let line = Line()
        line.send([Self.one("requests"), Self.one("depth_total")])
        #expect(Self.choice(line, "requests") == .valueByDefault)
        #expect(Self.choice(line, "depth_total") == .rateByName)
        // Prometheus sends metadata in requests of their own.
        line.send([], metadata: [("requests", 1), ("depth_total", 2), ("latency", 3)])
        line.send([
            WireSeries("requests", [], [(milliseconds(1), 1)]), WireSeries("depth_total", [], [(milliseconds(1), 1)]),
            Self.one("latency_sum"), Self.one("latency"),
        ])
        #expect(Self.choice(line, "requests") == .rateByMetadata)
        #expect(Self.choice(line, "depth_total") == .valueByMetadata)
        #expect(Self.choice(line, "latency_sum") == .rateByMetadata)
        #expect(Self.choice(line, "latency") == .valueByMetadata)
        #expect(line.metric("lapwing_metadata_total") == 3)
        #expect(line.metric("lapwing_metric_families_declared") == 3)
    }

    @Test func `learns kinds from 2.0's metadata and from when a series began`() {
        let line = Line()
        var counter = Self.one("requests")
        counter.metadata = WireMetadata(type: 1)
        var gauge = Self.one("depth_total")
        gauge.metadata = WireMetadata(type: 2)
        var began = Self.one("events")
        began.created = milliseconds(-1000)
        var sampleBegan = Self.one("jobs")
        sampleBegan.samples[0].startTime = milliseconds(-1000)
        line.send([counter, gauge, began, sampleBegan, Self.one("plain")], as: .version2)
        #expect(Self.choice(line, "requests") == .rateByMetadata)
        #expect(Self.choice(line, "depth_total") == .valueByMetadata)
        #expect(Self.choice(line, "events") == .rateByMetadata)
        #expect(Self.choice(line, "jobs") == .rateByMetadata)
        #expect(Self.choice(line, "plain") == .valueByDefault)
    }

    @Test func `learns a kind that 2.0 tells of a series it knows already`() {
        let line = Line()
        line.send([Self.one("requests")], as: .version2)
        var later = WireSeries("requests", [], [(milliseconds(1), 1)])
        later.metadata = WireMetadata(type: 1)
        line.send([later], as: .version2)
        line.send([WireSeries("requests", [], [(milliseconds(2), 1)])], as: .version2)
        #expect(Self.choice(line, "requests") == .rateByMetadata)
    }
}
