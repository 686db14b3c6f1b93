package import TimeSeries

/// A sample of a series that feeds a histogram family.
struct PartValue: Sendable, BitwiseCopyable {
    let part: UInt32
    let time: Timestamp
    let value: Double
}

/// A value with its series.
package struct SeriesValue: Sendable, BitwiseCopyable {
    package let id: SeriesID
    package let time: Timestamp
    package let value: Double

    package init(id: SeriesID, time: Timestamp, value: Double) {
        self.id = id
        self.time = time
        self.value = value
    }
}

/// The samples of one request, shard after shard.
package struct SampleBatch: Sendable {
    package private(set) var samples: [RowSample] = []
    private var starts = InlineArray<16, Int>(repeating: 0)
    private var ends = InlineArray<16, Int>(repeating: 0)
    /// What the shard that is at work makes of its samples, by lane.
    var signals: [SignalBatch] = []
    /// What 2.0 says of series whose type was not known; the shards only note it.
    var declarations: [(nameID: UInt32, type: MetricType)] = []
    /// What the shards took for histogram families, and parts that turned out to be none.
    var parts: [PartValue] = []
    var releasedParts: [UInt32] = []
    /// Whether the values were worked out here, and not sent by anyone.
    private(set) var isDerived = false
    /// Room for more than this many values of parts is given back.
    private static let keptParts = 1 << 17

    package init() {}

    package func range(shard: Int) -> Range<Int> { starts[shard]..<ends[shard] }

    /// Sorts a request's samples by the shard of their series, by counting; within a shard they keep their order.
    ///
    /// - Parameters:
    ///   - ids: the id of each slice's series; `skipped` where its samples are not taken.
    ///   - window: the times that are taken. Samples of other times are left out and counted in the result.
    package mutating func fill(
        slices: Span<SeriesSlice>, ids: [UInt32], skipped: UInt32, times: [Timestamp], values: [Double],
        window: ClosedRange<Timestamp>
    ) -> (tooOld: Int, tooFarAhead: Int) {
        precondition(ids.count == slices.count && times.count == values.count)
        var counts = InlineArray<16, Int>(repeating: 0)
        for i in slices.indices where ids[i] != skipped {
            counts[SeriesID(rawValue: ids[i]).shard] += Int(slices[i].sampleCount)
        }
        var start = 0
        for shard in counts.indices {
            starts[shard] = start
            start += counts[shard]
        }
        resize(to: start)
        var next = starts
        var outside = (tooOld: 0, tooFarAhead: 0)
        var column = samples.mutableSpan
        for i in slices.indices where ids[i] != skipped {
            let id = SeriesID(rawValue: ids[i])
            for s in slices[i].samples {
                let time = times[s]
                if time < window.lowerBound {
                    outside.tooOld += 1
                } else if window.upperBound < time {
                    outside.tooFarAhead += 1
                } else {
                    column[next[id.shard]] = RowSample(
                        row: UInt32(truncatingIfNeeded: id.row), type: slices[i].type, time: time, value: values[s])
                    next[id.shard] += 1
                }
            }
        }
        // A shard's part ends before the next one's begins, where samples were left out.
        ends = next
        isDerived = false
        return outside
    }

    /// Holds values that were worked out from histogram families; those of one series in the order of time.
    package mutating func fill(derived values: [SeriesValue]) {
        var counts = InlineArray<16, Int>(repeating: 0)
        for value in values { counts[value.id.shard] += 1 }
        var start = 0
        for shard in counts.indices {
            starts[shard] = start
            start += counts[shard]
        }
        resize(to: start)
        ends = starts
        for value in values {
            let shard = value.id.shard
            samples[ends[shard]] = RowSample(
                row: UInt32(truncatingIfNeeded: value.id.row), time: value.time, value: value.value)
            ends[shard] += 1
        }
        isDerived = true
    }

    /// Hands over what the shards took for histogram families.
    package mutating func drainParts(
        released: (_ part: UInt32) -> Void, _ body: (_ part: UInt32, _ time: Timestamp, _ value: Double) -> Void
    ) {
        for value in parts { body(value.part, value.time, value.value) }
        parts.removeAll(keepingCapacity: parts.capacity <= Self.keptParts)
        for part in releasedParts { released(part) }
        releasedParts.removeAll()
    }

    /// Holds one sample, and nothing else.
    mutating func fill(row: UInt32, in shard: Int, time: Timestamp, value: Double) {
        resize(to: 1)
        samples[0] = RowSample(row: row, time: time, value: value)
        for i in starts.indices {
            starts[i] = i <= shard ? 0 : 1
            ends[i] = i < shard ? 0 : 1
        }
    }

    /// Sorts one shard's samples by time; of equal times the earlier stays first.
    mutating func sortByTime(shard: Int) {
        samples[range(shard: shard)].sort { $0.time < $1.time }
    }

    private mutating func resize(to count: Int) {
        if samples.count > count {
            samples.removeLast(samples.count - count)
            if samples.capacity > 1 << 17, count < 1 << 15 { samples = Array(samples) }
        } else {
            samples.append(
                contentsOf: repeatElement(
                    RowSample(row: 0, time: Timestamp(milliseconds: 0), value: 0), count: count - samples.count))
        }
    }
}
