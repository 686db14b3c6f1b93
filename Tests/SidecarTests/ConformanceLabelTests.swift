import Detectors
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

/// Rows L1 to L10 of the conformance table.
@Suite struct ConformanceLabelTests {
    private let receiver = ConformanceReceiver()

    private static func series(_ labels: [WireLabel]) -> WireSeries {
        WireSeries(labels: labels, samples: [WireSample(time: ConformanceReceiver.now.milliseconds, bits: 1)])
    }

    /// What a series may not be, with the name of the reason.
    static let invalid: [(WireSeries, String)] = [
        (series([WireLabel("job", "api")]), "missing_metric_name"),
        (series([WireLabel("__name__", ""), WireLabel("job", "api")]), "missing_metric_name"),
        (series([]), "missing_metric_name"),
        (series([WireLabel("__name__", "up"), WireLabel("a", "1"), WireLabel("a", "1")]), "duplicate_label_name"),
        (series([WireLabel("__name__", "up"), WireLabel("a", "1"), WireLabel("a", "2")]), "duplicate_label_name"),
        (series([WireLabel("__name__", "up"), WireLabel("", "1")]), "empty_label_name"),
        (series([WireLabel("__name__", "up"), WireLabel(bytes: [0xC3], [0x61])]), "invalid_utf8"),
        (series([WireLabel("__name__", "up"), WireLabel(bytes: [0x61], [0xFF])]), "invalid_utf8"),
    ]

    @Test func `L1, L2: labels in any order are one series`() {
        let pairs = [("Zone", "z"), ("__name__", "up"), ("job", "api")]
        for (step, order) in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]].enumerated() {
            var series = WireSeries(labels: order.map { WireLabel(pairs[$0].0, pairs[$0].1) })
            series.samples = [
                WireSample(time: ConformanceReceiver.now.milliseconds - 5000 + Int64(step) * 1000, bits: 1)
            ]
            #expect((step.isMultiple(of: 2) ? receiver.send1([series]) : receiver.send2([series])).status == 204)
        }
        #expect(receiver.pipeline.index.count == 1)
        #expect(receiver.countOfTaken == 4)
    }

    @Test(arguments: 0..<invalid.count)
    func `L3, L4, L6, L7: 400 to an invalid series, the rest is written`(number: Int) {
        let (bad, reason) = Self.invalid[number]
        let text = "1 series refused (\(reason): 1); the rest of the request was taken\n"
        let answer1 = receiver.send1([bad, .up()])
        #expect(answer1.status == 400 && !answer1.hasWrittenHeaders && answer1.body == text)
        #expect(receiver.countOfTaken == 1)
        let answer2 = receiver.send2([.up([("job", "b")]), bad])
        #expect(answer2.status == 400 && answer2.written == [1, 0, 0] && answer2.body == text)
        #expect(receiver.countOfTaken == 2)
        #expect(receiver.count(.invalidSeries) == 2)
        #expect(receiver.pipeline.index.count == 2)
        #expect(receiver.metric("lapwing_series_refused_total{reason=\"\(reason)\"}") == 2)
    }

    /// To a 400 vmagent would answer with snappy for good.
    @Test(arguments: 0..<invalid.count)
    func `L3, L4, L6, L7: to zstd 204, and counted`(number: Int) {
        let (bad, reason) = Self.invalid[number]
        #expect(
            receiver.sendZstd([bad, .up()])
                == .init(status: 204, written: nil, hasWrittenHeaders: false, body: "", contentType: nil))
        #expect(receiver.countOfTaken == 1)
        #expect(receiver.count(.invalidSeries) == 1)
        #expect(receiver.metric("lapwing_series_refused_total{reason=\"\(reason)\"}") == 1)
    }

    @Test func `L5: an empty value is no label`() {
        #expect(receiver.send1([.up([("a", ""), ("job", "api")], secondsAgo: 1)]).status == 204)
        #expect(receiver.send2([.up([("job", "api")])]).status == 204)
        #expect(receiver.pipeline.index.count == 1)
        #expect(receiver.countOfTaken == 2)
    }

    @Test(arguments: ["utf8.métrique", "a.b", "with space", "line\nbreak"])
    func `L8: names may be any UTF-8, in 1-0 too`(name: String) {
        let series = WireSeries(name, [(name, name)], [(ConformanceReceiver.now.milliseconds, 1)])
        #expect(receiver.send1([series]).status == 204)
        #expect(receiver.send2([series]).status == 204)
        #expect(receiver.explain([("__name__", name), (name, name)]) != nil)
        #expect(receiver.count(.duplicate) == 1)
    }

    @Test func `L9: series past our own limits are counted, and the sender is content`() {
        let bad = [
            WireSeries.up((0..<64).map { ("l\($0)", "x") }), .up([(String(repeating: "n", count: 1025), "x")]),
            .up([("a", String(repeating: "v", count: 4097))]),
        ]
        for (number, reason) in ["too_many_labels", "label_name_too_long", "label_value_too_long"].enumerated() {
            #expect(receiver.send1([bad[number]]).status == 204)
            let answer = receiver.send2([bad[number], .up([("job", "\(number)")])])
            #expect(answer.status == 204 && answer.written == [2, 0, 0])
            #expect(receiver.metric("lapwing_series_refused_total{reason=\"\(reason)\"}") == 2)
        }
        #expect(receiver.count(.labelLimit) == 6)
        #expect(receiver.countOfTaken == 3)
    }

    @Test func `L9: series past the limit on series are counted, known ones go on`() {
        var settings = Settings()
        settings.seriesLimit = 1
        let receiver = ConformanceReceiver(settings)
        #expect(receiver.send1([.up(secondsAgo: 2)]).status == 204)
        #expect(receiver.send2([.up(secondsAgo: 1), .up([("job", "b")])]).written == [2, 0, 0])
        #expect(receiver.countOfTaken == 2)
        #expect(receiver.count(.seriesLimit) == 1)
        #expect(receiver.metric("lapwing_series_refused_total{reason=\"series_limit\"}") == 1)
    }

    @Test func `L10: a sender's external labels can be taken off`() {
        var settings = Settings()
        settings.droppedLabels = ["cluster", "replica"]
        let receiver = ConformanceReceiver(settings)
        #expect(
            receiver.send1([.up([("cluster", "lab"), ("job", "api"), ("replica", "a")], secondsAgo: 1)]).status == 204)
        #expect(receiver.send2([.up([("cluster", "lab"), ("job", "api"), ("replica", "b")])]).status == 204)
        #expect(receiver.pipeline.index.count == 1)
        #expect(receiver.explain([("__name__", "up"), ("job", "api")]) != nil)
    }
}
