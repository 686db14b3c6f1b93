internal import CRemoteWrite
internal import TimeSeries

extension WriteRequest {
    /// Looks at a series' native histograms: they are counted, not scored, but one that contradicts itself must be refused
    /// (prometheus/compliance:remotewrite/receiver/histograms_test.go).
    /// - Returns: nil where the buckets of one do not add up to its count.
    func takeHistograms(
        _ histograms: UnsafeMutablePointer<UnsafeMutablePointer<Rw__Histogram>?>?, count: Int
    ) -> (taken: Int, stale: Int)? {
        var stale = 0
        // Safe: the array has the length that came with it.
        guard let histograms = unsafe histograms else { return (0, 0) }
        for i in 0..<count {
            guard let histogram = unsafe histograms[i] else { continue }
            if unsafe StaleMarker.matches(histogram.pointee.sum) {
                stale += 1
            } else if unsafe !bucketsAddUp(histogram.pointee) {
                return nil
            }
        }
        return (count, stale)
    }

    private func bucketsAddUp(_ histogram: Rw__Histogram) -> Bool {
        let usesFloats = unsafe histogram.count_case == RW__HISTOGRAM__COUNT_COUNT_FLOAT
        // Custom buckets lose their bounds over 1.0 but keep their counts; the sum holds for every schema.
        var inBuckets = 0.0
        if usesFloats {
            // Safe: protobuf-c's arrays have the lengths that it names.
            for i in unsafe 0..<histogram.n_positive_counts { inBuckets += unsafe histogram.positive_counts[i] }
            for i in unsafe 0..<histogram.n_negative_counts { inBuckets += unsafe histogram.negative_counts[i] }
        } else {
            inBuckets += unsafe Self.total(deltas: histogram.positive_deltas, count: histogram.n_positive_deltas)
            inBuckets += unsafe Self.total(deltas: histogram.negative_deltas, count: histogram.n_negative_deltas)
        }
        switch unsafe histogram.zero_count_case {
        case RW__HISTOGRAM__ZERO_COUNT_ZERO_COUNT_INT: inBuckets += unsafe Double(histogram.zero_count_int)
        case RW__HISTOGRAM__ZERO_COUNT_ZERO_COUNT_FLOAT: inBuckets += unsafe histogram.zero_count_float
        default: break
        }
        let count = unsafe usesFloats ? histogram.count_float : Double(histogram.count_int)
        guard inBuckets.isFinite, count.isFinite else { return true }
        // Observations that were NaN are counted but lie in no bucket; the sum then is NaN.
        if unsafe histogram.sum.isNaN { return inBuckets <= count }
        // Float counts are sums of rates: equal up to rounding.
        return usesFloats ? abs(inBuckets - count) <= 1e-6 * max(1, abs(count)) : inBuckets == count
    }

    /// Integer buckets are written as differences from the one before.
    private static func total(deltas: UnsafeMutablePointer<Int64>?, count: Int) -> Double {
        guard let deltas = unsafe deltas else { return 0 }
        var total = 0.0
        var bucket: Int64 = 0
        for i in 0..<count {
            bucket &+= unsafe deltas[i]
            total += Double(bucket)
        }
        return total
    }
}
