import TestSupport
import Testing
import TimeSeries

@testable import Scoring

@Suite struct SampleBatchTests {
    private static func entries(_ batch: SampleBatch, shard: Int) -> [RowSample] {
        Array(batch.samples[batch.range(shard: shard)])
    }

    @Test func `gathers a request's samples shard after shard, in their order, batch after batch`() {
        var numbers = SeededRandom(seed: 1)
        var batch = SampleBatch()
        // Larger and smaller requests in turn: nothing of one may show in the next.
        for count in [0, 1, 500, 3, 2_000, 0, 40] {
            var slices: [SeriesSlice] = []
            var ids: [UInt32] = []
            var times: [Timestamp] = []
            var values: [Double] = []
            var expected = [[RowSample]](repeating: [], count: SeriesID.shardCount)
            var tooOld = 0
            var tooFarAhead = 0
            for _ in 0..<count {
                let samples = Int.random(in: 0..<4, using: &numbers)
                let id = SeriesID(
                    shard: Int.random(in: 0..<16, using: &numbers), row: Int.random(in: 0..<9, using: &numbers))
                let isSkipped = Int.random(in: 0..<5, using: &numbers) == 0
                slices.append(
                    SeriesSlice(
                        labelStart: 0, labelLength: 0, firstSample: UInt32(times.count), sampleCount: UInt32(samples)))
                ids.append(isSkipped ? .max : id.rawValue)
                for _ in 0..<samples {
                    let time = Int64.random(in: 90...210, using: &numbers)
                    let value = Double(times.count)
                    times.append(Timestamp(milliseconds: time))
                    values.append(value)
                    if isSkipped { continue }
                    switch time {
                    case ..<100: tooOld += 1
                    case 201...: tooFarAhead += 1
                    default:
                        expected[id.shard].append(
                            RowSample(row: UInt32(id.row), time: Timestamp(milliseconds: time), value: value))
                    }
                }
            }
            let outside = batch.fill(
                slices: slices.span, ids: ids, skipped: .max, times: times, values: values,
                window: Timestamp(milliseconds: 100)...Timestamp(milliseconds: 200))
            #expect(outside.tooOld == tooOld)
            #expect(outside.tooFarAhead == tooFarAhead)
            for shard in 0..<SeriesID.shardCount {
                #expect(Self.entries(batch, shard: shard) == expected[shard], "\(count) series, shard \(shard)")
            }
        }
    }

    @Test func `sorts one shard by time, of equal times the earlier first, and leaves the others alone`() {
        var request = Request()
        for (row, seconds) in [(0, 5.0), (1, 3), (2, 5), (3, 1), (4, 3), (5, 5)] {
            for shard in 6...8 { request.add(SeriesID(shard: shard, row: row), [(seconds, Double(row))]) }
        }
        var batch = request.batch
        batch.sortByTime(shard: 7)
        #expect(Self.entries(batch, shard: 6).map(\.row) == [0, 1, 2, 3, 4, 5])
        #expect(Self.entries(batch, shard: 7).map(\.row) == [3, 1, 4, 0, 2, 5])
        #expect(Self.entries(batch, shard: 7).map(\.value) == [3, 1, 4, 0, 2, 5])
        #expect(Self.entries(batch, shard: 8).map(\.row) == [0, 1, 2, 3, 4, 5])
    }
}
