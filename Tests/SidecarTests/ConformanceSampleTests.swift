import Detectors
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

/// Rows S1 to S29 of the conformance table.
@Suite struct ConformanceSampleTests {
    private let receiver = ConformanceReceiver()
    private let now = ConformanceReceiver.now.milliseconds
    private let up = [("__name__", "up"), ("job", "api")]

    private func series(_ histogram: WireHistogram) -> WireSeries {
        var series = WireSeries("latency")
        series.histograms = [histogram]
        return series
    }

    // MARK: Answers

    @Test func `S1: 204 and an empty body when all is written`() {
        #expect(
            receiver.send1([.up()])
                == .init(status: 204, written: nil, hasWrittenHeaders: false, body: "", contentType: nil))
    }

    @Test func `S2, S4: all three Written headers on 2xx and 4xx of 2-0, zeros too`() {
        #expect(receiver.send2([]).written == [0, 0, 0])
        var full = WireSeries.up()
        full.exemplars = [WireExemplar(time: now), WireExemplar(time: now)]
        let histogram = series(WireHistogram(.whole(count: 1, zero: 1, positive: [], negative: []), time: now))
        #expect(receiver.send2([full, histogram]).written == [1, 1, 2])
        #expect(receiver.send2([WireSeries("", [], [(now, 1)])]).written == [0, 0, 0])
        #expect(receiver.send(body: [1, 2], type: ConformanceReceiver.version2).written == [0, 0, 0])
    }

    @Test func `S3: no Written headers in 1-0, whatever the status`() {
        #expect(!receiver.send1([.up()]).hasWrittenHeaders)
        #expect(!receiver.send1([WireSeries("", [], [(now, 1)])]).hasWrittenHeaders)
        #expect(!receiver.send(body: []).hasWrittenHeaders)
    }

    @Test func `S5: what is ignored on purpose counts as written`() {
        _ = receiver.send2([.up(secondsAgo: 5)])
        let ignored: [WireSeries] = [
            .up(secondsAgo: 9), .up(secondsAgo: 5), WireSeries("anomaly_score", [], [(now, 1)]),
            WireSeries("old", [], [(0, 1)]), WireSeries("early", [], [(now + 3_600_000, 1)]),
        ]
        let answer = receiver.send2(ignored)
        #expect(answer.status == 204 && answer.written == [5, 0, 0])
        #expect(receiver.count(.late) == 1 && receiver.count(.duplicate) == 1 && receiver.count(.ownSeries) == 1)
        #expect(receiver.count(.tooOld) == 1 && receiver.count(.tooFarAhead) == 1)
    }

    @Test func `S6, S7: the good is written, and the body says what was refused and why`() {
        let bad = [
            WireSeries("", [], [(now, 1)]), WireSeries("up", [("a", "1"), ("a", "2")], [(now, 1), (now + 1, 1)]),
        ]
        let answer = receiver.send2([.up()] + bad)
        #expect(answer.status == 400 && answer.written == [1, 0, 0])
        #expect(
            answer.body
                == "2 series refused (duplicate_label_name: 1, missing_metric_name: 1); the rest of the request was taken\n"
        )
        #expect(receiver.send1([.up([("job", "b")])] + bad).status == 400)
        #expect(receiver.countOfTaken == 2)
        #expect(receiver.count(.invalidSeries) == 6)
    }

    @Test func `S8: a replay after a partial write changes nothing`() {
        let batch = [WireSeries.up(), WireSeries("", [], [(now, 1)])]
        _ = receiver.send2(batch)
        let before = receiver.explain(up)?.outlook.expected
        #expect(receiver.send2(batch).written == [1, 0, 0])
        #expect(receiver.countOfTaken == 1)
        #expect(receiver.explain(up)?.outlook.expected == before)
    }

    // MARK: Samples

    @Test(arguments: [1.0, 2.0])
    func `S9, S10: a second sample of the same time has no effect and counts as written`(second: Double) {
        #expect(receiver.send2([.up(value: 1)]).written == [1, 0, 0])
        #expect(receiver.send2([.up(value: second)]).written == [1, 0, 0])
        #expect(receiver.send1([.up(value: second), .up(value: second)]).status == 204)
        #expect(receiver.countOfTaken == 1)
        #expect(receiver.count(.duplicate) == 3)
        #expect(receiver.explain(up)?.signal.lastValue == 1)
    }

    @Test func `S11, S29: older samples count as written and never reach the detector`() {
        #expect(receiver.send2([.up(secondsAgo: 1)]).written == [1, 0, 0])
        #expect(receiver.send2([.up(secondsAgo: 3, value: 100)]).written == [1, 0, 0])
        #expect(receiver.send1([.up(secondsAgo: 2, value: 100)]).status == 204)
        #expect(receiver.send1([.up(value: 2)]).status == 204)
        #expect(receiver.countOfTaken == 2)
        #expect(receiver.count(.late) == 2)
        #expect(receiver.explain(up)?.signal.lastValue == 2)
    }

    @Test(arguments: [true, false])
    func `S12: several samples of a series in whatever order are taken by time`(inOneSeries: Bool) {
        let times = [4, 2, 5, 1, 3] as [Int64]
        let samples = times.map { (now - 10_000 + $0 * 1000, Double($0)) }
        let batch = inOneSeries ? [WireSeries("up", [], samples)] : samples.map { WireSeries("up", [], [$0]) }
        #expect(receiver.send2(batch).written == [5, 0, 0])
        #expect(receiver.countOfTaken == 5)
        #expect(receiver.explain([("__name__", "up")])?.signal.lastValue == 5)
    }

    @Test func `S13: far past and far future are ignored and counted`() {
        let times = [0, -1, .min, now - 8 * 86_400_000, now + 601_000, .max] as [Int64]
        for (number, time) in times.enumerated() {
            #expect(receiver.send2([WireSeries("m\(number)", [], [(time, 1)])]).written == [1, 0, 0])
        }
        #expect(receiver.count(.tooOld) == 4)
        #expect(receiver.count(.tooFarAhead) == 2)
        #expect(receiver.send1([WireSeries("m", [], [(now + 600_000, 1)])]).status == 204)
        #expect(receiver.countOfTaken == 1)
    }

    @Test(arguments: [true, false])
    func `S14: a stale marker ends the series and takes its score away`(isVersion2: Bool) {
        for step in (1...120 as ClosedRange<Int64>).reversed() {
            _ = receiver.send1([.up(secondsAgo: step, value: Double(step % 7))])
        }
        #expect(receiver.explain(up)?.score != nil)
        let end = WireSeries.up(value: Double(bitPattern: StaleMarker.bitPattern))
        #expect((isVersion2 ? receiver.send2([end]) : receiver.send1([end])).status == 204)
        #expect(receiver.count(.stale) == 1)
        #expect(receiver.explain(up)?.score == nil)
        #expect(receiver.explain(up)?.signal.isStale == true)
        #expect(receiver.pipeline.board.population == (scored: 0, warming: 0))
    }

    @Test(arguments: [0x7ff8_0000_0000_0001, 0x7ff0_0000_0000_0000, 0xfff0_0000_0000_0000] as [UInt64])
    func `S15: NaN and infinity are legal, not scored, and do not end the series`(bits: UInt64) {
        _ = receiver.send1([.up(secondsAgo: 1)])
        #expect(receiver.send2([.up(value: Double(bitPattern: bits))]).written == [1, 0, 0])
        #expect(receiver.count(.notFinite) == 1)
        #expect(receiver.count(.stale) == 0)
        #expect(receiver.explain(up)?.signal.isStale == false)
    }

    // MARK: Histograms

    @Test func `S16: a stale histogram is taken`() {
        #expect(receiver.send2([series(.stale(time: now))]).written == [0, 1, 0])
        #expect(receiver.send1([series(.stale(time: now))]).status == 204)
    }

    @Test func `S17: whole and fractional histograms are counted`() {
        let histograms = [
            series(WireHistogram(.whole(count: 6, zero: 1, positive: [2], negative: [3]), time: now)),
            series(WireHistogram(.fractions(count: 1.5, zero: 0.5, positive: [1], negative: []), time: now)),
        ]
        #expect(receiver.send2(histograms).written == [0, 2, 0])
        #expect(receiver.send1(histograms).status == 204)
        // All four are of one series and one moment.
        let name = "lapwing_native_histograms_total"
        #expect(receiver.metric("\(name){outcome=\"gathered\",reason=\"part_of_histogram\"}") == 1)
        #expect(receiver.metric("\(name){outcome=\"ignored\",reason=\"duplicate\"}") == 3)
    }

    @Test func `S18: 400 where the buckets do not add up`() {
        let bad = series(WireHistogram(.whole(count: 7, zero: 1, positive: [2], negative: [3]), time: now))
        let answer = receiver.send2([bad, .up()])
        #expect(answer.status == 400 && answer.written == [1, 0, 0])
        #expect(answer.body.contains("inconsistent_histogram: 1"))
        #expect(receiver.send1([bad]).status == 400)
        #expect(receiver.countOfTaken == 1)
    }

    @Test(arguments: [-53, 9, -9] as [Int64])
    func `S19, S20: custom buckets without bounds and unknown schemas are taken`(schema: Int64) {
        let histogram = WireHistogram(
            .whole(count: 3, zero: 0, positive: [1, 2], negative: []), schema: schema, time: now)
        #expect(receiver.send2([series(histogram)]).written == [0, 1, 0])
        #expect(receiver.send1([series(histogram)]).status == 204)
    }

    @Test(
        arguments: [
            (0, 0, [], []), (4, 4, [], []), (3, 0, [], [1, 2]),
        ] as [(UInt64, UInt64, [Int64], [Int64])])
    func `S20: empty, zero-bucket and negative histograms are valid`(
        count: UInt64, zero: UInt64, positive: [Int64], negative: [Int64]
    ) {
        let histogram = WireHistogram(
            .whole(count: count, zero: zero, positive: positive, negative: negative), time: now)
        #expect(receiver.send2([series(histogram)]).written == [0, 1, 0])
    }

    @Test func `S21: samples and histograms in one series`() {
        var both = series(WireHistogram(.whole(count: 0, zero: 0, positive: [], negative: []), time: now))
        both.samples = [WireSample(time: now, bits: 1)]
        #expect(receiver.send2([both]).written == [1, 1, 0])
        #expect(receiver.countOfTaken == 1)
    }

    // MARK: Exemplars, metadata, start times

    @Test func `S22: a series of exemplars alone`() {
        var alone = WireSeries("up")
        alone.exemplars = [WireExemplar(time: now)]
        #expect(receiver.send2([alone]).written == [0, 0, 1])
        #expect(receiver.send1([alone]).status == 204)
        #expect(receiver.pipeline.index.count == 0)
        // Its labels are to be valid all the same.
        alone.labels = []
        let answer = receiver.send2([alone])
        #expect(answer.status == 400 && answer.written == [0, 0, 0])
    }

    @Test func `S23: exemplars beside samples, without labels, of NaN`() {
        var series = WireSeries.up()
        series.exemplars = [WireExemplar(time: now), WireExemplar(labels: [], value: .nan, time: now)]
        #expect(receiver.send2([series]).written == [1, 0, 2])
        #expect(receiver.metric("lapwing_exemplars_total") == 2)
    }

    @Test func `S24: a series without any data is ignored`() {
        var orphan = WireSeries("up")
        orphan.metadata = WireMetadata(type: 1, help: "Help.")
        #expect(receiver.send2([orphan, WireSeries("up")]).written == [0, 0, 0])
        #expect(receiver.send1([WireSeries("up")]).status == 204)
        #expect(receiver.pipeline.index.count == 0)
    }

    @Test func `S25: metadata of 1-0 tells what a series is`() {
        #expect(receiver.send1([], metadata: [("up", 1)]).status == 204)
        #expect(receiver.metric("lapwing_metadata_total") == 1)
        _ = receiver.send1([.up()])
        #expect(receiver.explain(up)?.signal.choice.isRate == true)
    }

    @Test(arguments: [0, 1, 2] as [UInt64])
    func `S26: metadata of 2-0 tells what a series is`(type: UInt64) {
        var series = WireSeries.up()
        series.metadata = WireMetadata(type: type)
        #expect(receiver.send2([series]).written == [1, 0, 0])
        #expect(receiver.explain(up)?.signal.choice.isRate == (type == 1))
    }

    @Test(arguments: [true, false])
    func `S27: a start time of either layout tells a counter`(isOld: Bool) {
        var series = WireSeries.up()
        if isOld { series.created = now - 9000 } else { series.samples[0].startTime = now - 9000 }
        #expect(receiver.send2([series]).written == [1, 0, 0])
        #expect(receiver.explain(up)?.signal.choice.isRate == true)
    }
}
