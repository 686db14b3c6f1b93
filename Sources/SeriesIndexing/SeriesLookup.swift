internal import TimeSeries

/// One request's working memory while its series are looked up; kept from request to request.
package struct SeriesLookup: Sendable {
    /// Stands in ``ids`` for a series that is not known.
    package static let unknown = UInt32.max

    /// The id of each slice's series, or ``unknown``.
    package var ids: [UInt32] = []
    /// The places of the slices whose series is not known.
    package var missing: [UInt32] = []
    var hashes: [UInt64] = []
    /// The places of the slices, shard after shard; within a shard in the order of the request.
    var order: [UInt32] = []
    private var starts = [Int](repeating: 0, count: SeriesID.shardCount + 1)

    package init() {}

    mutating func reset(count: Int) {
        missing.removeAll(keepingCapacity: true)
        resize(&ids, to: count)
        resize(&hashes, to: count)
        resize(&order, to: count)
        for i in ids.indices { ids[i] = Self.unknown }
    }

    private func resize<Element: ExpressibleByIntegerLiteral>(_ column: inout [Element], to count: Int) {
        if column.count > count {
            column.removeLast(column.count - count)
            if column.capacity > 1 << 17, count < 1 << 15 { column = Array(column) }
        } else {
            column.append(contentsOf: repeatElement(0, count: count - column.count))
        }
    }

    func range(shard: Int) -> Range<Int> { starts[shard]..<starts[shard + 1] }

    @inline(__always)
    mutating func fillHashes(_ hash: (Int) -> UInt64) {
        var column = hashes.mutableSpan
        for i in column.indices { column[i] = hash(i) }
    }

    /// Sorts the places by shard, by counting.
    mutating func orderByShard() {
        // Copied for reading: a span of a property would keep the others from being written.
        let hashes = hashes
        var counts = InlineArray<16, Int>(repeating: 0)
        for i in hashes.indices { counts[SeriesIndex.shard(hashes[i])] += 1 }
        var next = InlineArray<16, Int>(repeating: 0)
        var start = 0
        for shard in counts.indices {
            next[shard] = start
            starts[shard] = start
            start += counts[shard]
        }
        starts[counts.count] = start
        var order = order.mutableSpan
        for i in hashes.indices {
            let shard = SeriesIndex.shard(hashes[i])
            order[next[shard]] = UInt32(truncatingIfNeeded: i)
            next[shard] += 1
        }
    }
}
