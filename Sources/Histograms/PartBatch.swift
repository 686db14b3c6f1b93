package import TimeSeries

/// A sample of a classic part.
struct PartSample: Sendable, BitwiseCopyable {
    let part: PartID
    let time: Timestamp
    let value: Double
}

/// The classic samples of one request, by the shard of their family. It keeps its memory between requests.
package struct PartBatch: Sendable {
    private var samples = [[PartSample]](repeating: [], count: HistogramFamilies.shardCount)
    /// Room for more than this many samples a shard is given back.
    private static let keptSamples = 1 << 13

    package init() {}

    /// Adds a sample; those of one series in the order of time.
    package mutating func append(_ part: PartID, time: Timestamp, value: Double) {
        samples[part.shard].append(PartSample(part: part, time: time, value: value))
    }

    package var isEmpty: Bool { samples.allSatisfy(\.isEmpty) }

    func isEmpty(shard: Int) -> Bool { samples[shard].isEmpty }

    mutating func drain(shard: Int, _ body: (PartSample) -> Void) {
        for sample in samples[shard] { body(sample) }
        samples[shard].removeAll(keepingCapacity: samples[shard].capacity <= Self.keptSamples)
    }
}
