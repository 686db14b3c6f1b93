import Testing
import TimeSeries

@Suite struct SeriesIDTests {
    @Test(arguments: 0..<SeriesID.shardCount)
    func `keeps shard and row apart`(shard: Int) {
        for row in [0, 1, SeriesID.rowLimit - 1] {
            let id = SeriesID(shard: shard, row: row)
            #expect(id.shard == shard)
            #expect(id.row == row)
        }
    }

    @Test func `refuses a row past the limit`() async {
        await #expect(processExitsWith: .failure) { _ = SeriesID(shard: 0, row: SeriesID.rowLimit) }
        await #expect(processExitsWith: .failure) { _ = SeriesID(shard: SeriesID.shardCount, row: 0) }
    }
}
