internal import Detectors
package import TimeSeries

/// The samples of one request in columns, shard after shard.
package struct SampleBatch: Sendable {
    package private(set) var rows: [UInt32] = []
    package private(set) var times: [Timestamp] = []
    package private(set) var values: [Double] = []
    private var starts = [Int](repeating: 0, count: SeriesID.shardCount + 1)

    /// What the shard that is at work makes of its samples.
    var signals = SignalBatch()

    package init() {}

    package var count: Int { rows.count }

    package func range(shard: Int) -> Range<Int> { starts[shard]..<starts[shard + 1] }

    /// Sorts a request's samples by the shard of their series, by counting; within a shard they keep their order.
    ///
    /// - Parameters:
    ///   - ids: the id of each slice's series; `skipped` where its samples are not taken.
    ///   - accepts: whether a sample of such a time is taken. What is not is left out; the caller has counted it.
    package mutating func fill(
        slices: Span<SeriesSlice>, ids: [UInt32], skipped: UInt32, times: [Timestamp], values: [Double],
        window: ClosedRange<Timestamp>
    ) -> (tooOld: Int, tooFarAhead: Int) {
        precondition(ids.count == slices.count)
        for shard in starts.indices { starts[shard] = 0 }
        var outside = (tooOld: 0, tooFarAhead: 0)
        for i in slices.indices where ids[i] != skipped {
            let shard = SeriesID(rawValue: ids[i]).shard
            if slices[i].sampleCount == 1 {
                starts[shard + 1] += window.contains(times[Int(slices[i].firstSample)]) ? 1 : 0
            } else {
                for s in slices[i].samples where window.contains(times[s]) { starts[shard + 1] += 1 }
            }
        }
        for shard in 0..<SeriesID.shardCount { starts[shard + 1] += starts[shard] }
        resize(to: starts[SeriesID.shardCount])
        var next = starts
        for i in slices.indices where ids[i] != skipped {
            let id = SeriesID(rawValue: ids[i])
            for s in slices[i].samples {
                guard window.contains(times[s]) else {
                    if times[s] < window.lowerBound { outside.tooOld += 1 } else { outside.tooFarAhead += 1 }
                    continue
                }
                let at = next[id.shard]
                next[id.shard] = at + 1
                rows[at] = UInt32(truncatingIfNeeded: id.row)
                self.times[at] = times[s]
                self.values[at] = values[s]
            }
        }
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

    var count: Int { rows.count }

    @inline(__always)
    mutating func append(row: UInt32, time: Timestamp, value: Double) {
        rows.append(row)
        times.append(time)
        values.append(value)
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
