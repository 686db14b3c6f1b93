internal import Detectors
package import TimeSeries

/// The samples of one request in columns, shard after shard.
package struct SampleBatch: Sendable {
    package private(set) var rows: [UInt32] = []
    package private(set) var times: [Timestamp] = []
    package private(set) var values: [Double] = []
    private var starts = InlineArray<16, Int>(repeating: 0)
    private var ends = InlineArray<16, Int>(repeating: 0)

    /// What the shard that is at work makes of its samples.
    var signals = SignalBatch()

    package init() {}

    package func range(shard: Int) -> Range<Int> { starts[shard]..<ends[shard] }

    /// Sorts a request's samples by the shard of their series, by counting; within a shard they keep their order.
    ///
    /// - Parameters:
    ///   - ids: the id of each slice's series; `skipped` where its samples are not taken.
    ///   - accepts: whether a sample of such a time is taken. What is not is left out; the caller has counted it.
    package mutating func fill(
        slices: Span<SeriesSlice>, ids: [UInt32], skipped: UInt32, times: [Timestamp], values: [Double],
        window: ClosedRange<Timestamp>
    ) -> (tooOld: Int, tooFarAhead: Int) {
        precondition(ids.count == slices.count && times.count == values.count)
        let (ids, times, values) = (ids.span, times.span, values.span)
        var counts = InlineArray<16, Int>(repeating: 0)
        for i in slices.indices where ids[i] != skipped {
            counts[SeriesID(rawValue: ids[i]).shard] += Int(slices[i].sampleCount)
        }
        var next = InlineArray<16, Int>(repeating: 0)
        var start = 0
        for shard in counts.indices {
            next[shard] = start
            starts[shard] = start
            start += counts[shard]
        }
        resize(to: start)
        var outside = (tooOld: 0, tooFarAhead: 0)
        var rowColumn = rows.mutableSpan
        var timeColumn = self.times.mutableSpan
        var valueColumn = self.values.mutableSpan
        for i in slices.indices where ids[i] != skipped {
            let id = SeriesID(rawValue: ids[i])
            for s in slices[i].samples {
                let time = times[s]
                if time < window.lowerBound {
                    outside.tooOld += 1
                } else if window.upperBound < time {
                    outside.tooFarAhead += 1
                } else {
                    let at = next[id.shard]
                    next[id.shard] = at + 1
                    rowColumn[at] = UInt32(truncatingIfNeeded: id.row)
                    timeColumn[at] = time
                    valueColumn[at] = values[s]
                }
            }
        }
        // A shard's part may end before the next one's starts, where samples were left out.
        for shard in counts.indices { ends[shard] = next[shard] }
        return outside
    }

    /// Sorts one shard's samples by time; of equal times the earlier stays first.
    mutating func sortByTime(shard: Int) {
        let range = range(shard: shard)
        let order = range.sorted { times[$0] < times[$1] }
        let sorted = order.map { (rows[$0], times[$0], values[$0]) }
        for (i, sample) in zip(range, sorted) { (rows[i], times[i], values[i]) = sample }
    }

    private mutating func resize(to count: Int) {
        if rows.count > count {
            rows.removeLast(rows.count - count)
            times.removeLast(times.count - count)
            values.removeLast(values.count - count)
            if rows.capacity > 1 << 17, count < 1 << 15 {
                (rows, times, values) = (Array(rows), Array(times), Array(values))
            }
        } else {
            let more = count - rows.count
            rows.append(contentsOf: repeatElement(0, count: more))
            times.append(contentsOf: repeatElement(Timestamp(milliseconds: 0), count: more))
            values.append(contentsOf: repeatElement(0, count: more))
        }
    }
}

/// The values that one shard hands to its detector, and the scores that come back.
struct SignalBatch: Sendable {
    private(set) var rows: [UInt32] = []
    private(set) var times: [Timestamp] = []
    private(set) var values: [Double] = []
    /// As many as rows, once ``score(with:)`` was called.
    private(set) var scores: [Float] = []

    /// A value that waits until what came before it is judged.
    var held: Value?

    struct Value: Sendable, BitwiseCopyable {
        var row: UInt32
        var time: Timestamp
        var value: Double
    }

    var count: Int { rows.count }

    @inline(__always)
    mutating func append(_ value: Value) {
        rows.append(value.row)
        times.append(value.time)
        values.append(value.value)
    }

    mutating func removeAll() {
        let keepsRoom = rows.capacity <= 1 << 16
        rows.removeAll(keepingCapacity: keepsRoom)
        times.removeAll(keepingCapacity: keepsRoom)
        values.removeAll(keepingCapacity: keepsRoom)
        scores.removeAll(keepingCapacity: keepsRoom)
    }

    /// The one dynamic call of a shard's turn.
    mutating func score(with bank: inout any DetectorBank) {
        // Moved out and back, so that the bank can write one column while it reads the others.
        var column: [Float] = []
        swap(&column, &scores)
        column.append(contentsOf: repeatElement(0, count: rows.count))
        var judged = column.mutableSpan
        bank.score(rows: rows.span, times: times.span, values: values.span, into: &judged)
        swap(&column, &scores)
    }
}
