/// Names a series inside this process: the shard it lives in and its row there.
///
/// Rows are dense, so a row is an index into the columns of every stage that keeps state a series.
/// A row is used again after its series was evicted; nothing may keep an id across an eviction.
package struct SeriesID: Hashable, Sendable, BitwiseCopyable {
    /// Shards are a fixed number: enough to keep the cores apart, few enough that a request fills each lock's turn.
    package static let shardCount = 16
    /// The rows one shard can hold.
    package static let rowLimit = 1 << 28 - 1

    package let rawValue: UInt32

    package init(shard: Int, row: Int) {
        precondition(shard >= 0 && shard < Self.shardCount && row >= 0 && row < Self.rowLimit)
        rawValue = UInt32(truncatingIfNeeded: shard) << 28 | UInt32(truncatingIfNeeded: row)
    }

    @inlinable @inline(__always)
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    @inlinable package var shard: Int { Int(rawValue >> 28) }
    @inlinable package var row: Int { Int(rawValue & (1 << 28 - 1)) }
}
