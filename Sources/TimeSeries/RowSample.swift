/// A sample with the row of its series: what a shard's stages hand to one another.
package struct RowSample: Sendable, BitwiseCopyable, Equatable {
    /// The series' row in its shard, see ``SeriesID``.
    package var row: UInt32
    package var time: Timestamp
    package var value: Double

    @inlinable @inline(__always)
    package init(row: UInt32, time: Timestamp, value: Double) {
        self.row = row
        self.time = time
        self.value = value
    }
}
