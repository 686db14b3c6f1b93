internal import RealModule

/// Where the exponential buckets of one family lie.
///
/// A bin's key orders all buckets along the axis: 0 is the zero bucket, `offset + i` the positive bucket i, whose bounds are
/// the powers i - 1 and i of 2^(2^-schema), and minus that the negative one.
struct ExponentialScale: Equatable {
    static let offset: Int32 = 1 << 24
    /// Past these no bucket holds a finite number, whatever the schema.
    static let indices: ClosedRange<Int32> = -(1 << 20)...(1 << 20)

    var schema: Int8
    /// The zero bucket holds what is no further from 0.
    var zeroThreshold: Double

    /// The width of a bucket as an exponent of 2.
    var step: Double { Double.exp2(Double(-schema)) }

    func upperExponent(of key: Int32) -> Double { Double(key - Self.offset) * step }

    /// The bin of a bucket that was counted with a schema at least as fine. Buckets that begin inside the zero bucket belong
    /// to it, as in Prometheus (`reconcileZeroBuckets`).
    func key(index: Int32, schema other: Int8, isNegative: Bool) -> Int32 {
        // (i - 1) / 2^n + 1, rounded down (prometheus/prometheus:model/histogram/generic.go, `targetIdx`).
        let index = (index - 1) >> Int32(other - schema) + 1
        if zeroThreshold > 0, Double.exp2(Double(index - 1) * step) < zeroThreshold { return 0 }
        let key = Self.offset + index
        return isNegative ? -key : key
    }

    /// The bin that a bin of a finer schema, or of a smaller zero bucket, becomes part of.
    func key(of key: Int32, schema other: Int8) -> Int32 {
        if key == 0 { return 0 }
        return self.key(index: abs(key) - Self.offset, schema: other, isNegative: key < 0)
    }
}

extension Distribution {
    /// Merges bins until they fit a coarser scale; what was learned stays.
    /// - Returns: the keys ascend as before.
    mutating func rescale(from old: ExponentialScale, to new: ExponentialScale) {
        guard old != new else { return }
        var merged: [Bin] = []
        merged.reserveCapacity(bins.count)
        for var bin in bins {
            bin.key = new.key(of: bin.key, schema: old.schema)
            if let before = merged.last, before.key == bin.key {
                merged[merged.count - 1].last += bin.last
                merged[merged.count - 1].increase += bin.increase
                merged[merged.count - 1].window += bin.window
                merged[merged.count - 1].reference += bin.reference
            } else {
                merged.append(bin)
            }
        }
        bins = merged
    }
}
