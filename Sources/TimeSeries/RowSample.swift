/// A sample with the row of its series: what a shard's stages hand to one another.
package struct RowSample: Sendable, BitwiseCopyable, Equatable {
    /// The series' row in its shard, see ``SeriesID``.
    package var row: UInt32
    /// What the request said of the metric with this very sample (2.0 only).
    package var type: MetricType
    package var time: Timestamp
    package var value: Double

    @inlinable @inline(__always)
    package init(row: UInt32, type: MetricType = .unknown, time: Timestamp, value: Double) {
        self.row = row
        self.type = type
        self.time = time
        self.value = value
    }
}
