import Detectors
import Exposition
import RemoteWrite
import Scoring
import SeriesIndexing
import TimeSeries

/// The stages behind the decoder, set up with one request's series.
final class Line {
    private var request = WriteRequest()
    private var lookup = SeriesLookup()
    private var batch = SampleBatch()
    private var counts = OutcomeCounts()
    private let index = SeriesIndex(seriesLimit: 100_000)
    private let board: ScoreBoard
    private let scoreLine = ScoreLine(ExposedLabels(detector: "adaptive"))
    private let limits = Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max)
    private var step: Int64 = 0

    init(_ bodies: Bodies, isRegistered: Bool = true) throws {
        board = try ScoreBoard()
        let body = bodies.version1
        try request.decode(body.span, as: .version1, limitBytes: 32 << 20)
        if isRegistered {
            register()
            find()
        }
    }

    func find() {
        let series = request.series
        request.withBytes { index.find(series.span, in: $0, &lookup) }
    }

    func register() {
        request.withBytes { bytes in
            for slice in request.series {
                let block = bytes.extracting(slice.labels)
                _ = index.register(block, block: block)
            }
        }
    }

    func nextRequest() {
        step += 1
        let times = request.times.map { $0.advanced(byMilliseconds: step * 15_000) }
        let values = request.values.indices.map { Double(50 + ($0 * 7 + Int(step) * 13) % 40) }
        let series = request.series
        _ = batch.fill(
            slices: series.span, ids: lookup.ids, skipped: SeriesLookup.unknown, times: times, values: values,
            window: limits)
    }

    func score() {
        board.score(&batch, now: Timestamp(milliseconds: 1), &counts)
    }

    func warmUp() {
        for _ in 0..<50 {
            nextRequest()
            score()
        }
    }

    @discardableResult
    func expose() -> Int {
        var text: [UInt8] = []
        text.reserveCapacity(1 << 20)
        for shard in 0..<SeriesID.shardCount {
            let rows = index.select(shard: shard, limit: 100_000) { _ in true }.map { UInt32($0.row) }
            index.withTexts(shard: shard, rows: rows.span) { _, labels in
                var rendered: [UInt8] = []
                scoreLine.render(labels, nameEscaping: .values, to: &rendered)
                return RenderedText(rendered, isKept: true)
            } _: { place, rendered in
                ScoreLine.append(rendered, score: Float(place) / 7, to: &text)
            }
        }
        return text.count
    }
}

/// Values for a detector alone.
struct Columns {
    let rows: [UInt32]

    init(count: Int) {
        rows = (0..<UInt32(count)).map { $0 }
    }

    func judge(with bank: inout any DetectorBank, step: Int, into judgements: inout [Judgement]) {
        let time = Timestamp(milliseconds: Int64(step) * 15_000)
        let samples = rows.map {
            SignalSample(row: $0, interval: 15, time: time, value: Double(50 + (Int($0) * 7 + step * 13) % 40))
        }
        var judged = judgements.mutableSpan
        bank.judge(samples.span, into: &judged)
    }
}
