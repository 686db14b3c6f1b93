internal import Detectors
internal import TimeSeries

/// The values that one lane of a shard hands to its detector, and the judgements that come back.
struct SignalBatch: Sendable {
    private(set) var samples: [SignalSample] = []
    /// The shard's row of each sample; the sample itself has its place in the bank.
    private(set) var rows: [UInt32] = []
    /// As many as samples, once they were judged.
    private(set) var judgements: [Judgement] = []

    var isEmpty: Bool { samples.isEmpty }

    @inline(__always)
    mutating func append(_ sample: SignalSample, row: UInt32) {
        samples.append(sample)
        rows.append(row)
    }

    mutating func removeAll() {
        let keepsRoom = samples.capacity <= 1 << 16
        samples.removeAll(keepingCapacity: keepsRoom)
        rows.removeAll(keepingCapacity: keepsRoom)
        judgements.removeAll(keepingCapacity: keepsRoom)
    }

    mutating func judge(with bank: inout any DetectorBank) {
        // Moved out and back, so that the bank can write one column while it reads the other.
        var column: [Judgement] = []
        swap(&column, &judgements)
        column.append(contentsOf: repeatElement(.warmingUp, count: samples.count))
        var judged = column.mutableSpan
        bank.judge(samples.span, into: &judged)
        swap(&column, &judgements)
    }

    mutating func apply(_ policy: DetectionPolicy) {
        for i in judgements.indices {
            judgements[i].score = policy.score(judgements[i], of: samples[i].value)
        }
    }
}
