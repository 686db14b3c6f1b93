internal import CRemoteWrite
internal import TimeSeries

extension WriteRequest {
    /// The most histograms and buckets that a request may put into the columns. What comes past them is counted as
    /// ``Counts/trimmedHistograms`` and let go, since a few bytes on the wire can stand for eighty here. Prometheus sends
    /// 2,000 histograms at most.
    static let histogramLimit = 1 << 16
    static let requestBucketLimit = 1 << 20

    /// Takes a series' native histograms into the columns.
    ///
    /// One that contradicts itself must be refused, and is the sender's fault (400)
    /// (prometheus/compliance:remotewrite/receiver/histograms_test.go; prometheus/prometheus:model/histogram/histogram.go,
    /// `Validate`). What is well formed and only of no use here is taken without its buckets.
    /// - Returns: the reason where one must be refused; the columns are then as they were.
    mutating func takeHistograms(
        _ series: UnsafeMutablePointer<UnsafeMutablePointer<Rw__Histogram>?>?, count: Int
    ) -> Refusal? {
        // Safe: the array has the length that came with it.
        guard let series = unsafe series, count > 0 else { return nil }
        let before = counts
        let ends = (histograms.count, bucketIndices.count, bounds.count)
        for i in 0..<count {
            guard let histogram = unsafe series[i] else { continue }
            counts.histograms += 1
            if let refusal = unsafe take(histogram.pointee) {
                counts = before
                histograms.removeSubrange(ends.0...)
                bucketIndices.removeSubrange(ends.1...)
                bucketCounts.removeSubrange(ends.1...)
                bounds.removeSubrange(ends.2...)
                return refusal
            }
        }
        return nil
    }

    private mutating func take(_ wire: Rw__Histogram) -> Refusal? {
        let isFloat = unsafe wire.count_case == RW__HISTOGRAM__COUNT_COUNT_FLOAT
        let hint = unsafe UInt8(exactly: wire.reset_hint).flatMap(NativeHistogram.ResetHint.init(rawValue:))
        var histogram = unsafe NativeHistogram(
            time: Timestamp(milliseconds: wire.timestamp), count: isFloat ? wire.count_float : Double(wire.count_int),
            sum: wire.sum, zeroCount: 0, zeroThreshold: wire.zero_threshold, schema: Int8(clamping: wire.schema),
            resetHint: hint ?? .unknown, isFloat: isFloat, hasBuckets: false)
        switch unsafe wire.zero_count_case {
        case RW__HISTOGRAM__ZERO_COUNT_ZERO_COUNT_INT: histogram.zeroCount = unsafe Double(wire.zero_count_int)
        case RW__HISTOGRAM__ZERO_COUNT_ZERO_COUNT_FLOAT: histogram.zeroCount = unsafe wire.zero_count_float
        default: break
        }
        if histogram.isStale {
            counts.staleHistograms += 1
        } else {
            let negative = unsafe WireBuckets(
                spans: UnsafeBufferPointer(start: wire.negative_spans, count: wire.n_negative_spans),
                deltas: UnsafeBufferPointer(start: wire.negative_deltas, count: wire.n_negative_deltas),
                counts: UnsafeBufferPointer(start: wire.negative_counts, count: wire.n_negative_counts),
                isFloat: isFloat)
            let positive = unsafe WireBuckets(
                spans: UnsafeBufferPointer(start: wire.positive_spans, count: wire.n_positive_spans),
                deltas: UnsafeBufferPointer(start: wire.positive_deltas, count: wire.n_positive_deltas),
                counts: UnsafeBufferPointer(start: wire.positive_counts, count: wire.n_positive_counts),
                isFloat: isFloat)
            guard let inPositive = positive.total(), let inNegative = negative.total() else {
                return .malformedHistogram
            }
            guard addsUp(histogram, inBuckets: inPositive + inNegative + histogram.zeroCount) else {
                return .inconsistentHistogram
            }
            guard (inPositive + inNegative).isFinite, histogram.count.isFinite, histogram.zeroCount.isFinite else {
                return keep(histogram)
            }
            let custom = unsafe UnsafeBufferPointer(start: wire.custom_values, count: wire.n_custom_values)
            if let refusal = unsafe takeBuckets(negative, positive, custom, schema: wire.schema, into: &histogram) {
                return refusal
            }
        }
        return keep(histogram)
    }

    private mutating func keep(_ histogram: NativeHistogram) -> Refusal? {
        if histograms.count < Self.histogramLimit {
            histograms.append(histogram)
        } else {
            counts.trimmedHistograms += 1
        }
        return nil
    }

    private func addsUp(_ histogram: NativeHistogram, inBuckets: Double) -> Bool {
        let count = histogram.count
        if histogram.zeroCount < 0 || count < 0 { return false }
        guard inBuckets.isFinite, count.isFinite else { return true }
        // Observations that were NaN are counted but lie in no bucket; the sum then is NaN.
        if histogram.sum.isNaN { return inBuckets <= count }
        // Float counts are sums of rates: equal up to rounding.
        return histogram.isFloat ? abs(inBuckets - count) <= 1e-6 * max(1, abs(count)) : inBuckets == count
    }

    /// Writes the buckets of both signs, and the bounds of custom ones, where they can be used.
    private mutating func takeBuckets(
        _ negative: WireBuckets, _ positive: WireBuckets, _ custom: UnsafeBufferPointer<Double>, schema: Int32,
        into histogram: inout NativeHistogram
    ) -> Refusal? {
        let isCustom = schema == Int32(NativeHistogram.customSchema)
        if isCustom {
            // 1.0 loses the bounds; what the buckets are is then not known.
            guard !custom.isEmpty else { return nil }
            guard unsafe areBounds(custom), negative.count == 0, histogram.zeroCount == 0,
                positive.fits(0...Int64(custom.count))
            else { return .malformedHistogram }
        } else {
            guard schema >= Int32(NativeHistogram.exponentialSchemas.lowerBound),
                schema <= Int32(NativeHistogram.exponentialSchemas.upperBound)
            else { return nil }
            // Prometheus 3.5.3 names no bound that is left unused; a threshold that is none would spoil every bucket.
            guard histogram.zeroThreshold >= 0, histogram.zeroThreshold.isFinite else { return .malformedHistogram }
        }
        let buckets = negative.count + positive.count
        let boundCount = isCustom ? custom.count : 0
        guard histograms.count < Self.histogramLimit else { return nil }
        guard buckets <= NativeHistogram.bucketLimit, boundCount <= NativeHistogram.bucketLimit,
            bucketIndices.count + buckets + bounds.count + boundCount <= Self.requestBucketLimit
        else {
            counts.trimmedHistograms += 1
            return nil
        }
        histogram.hasBuckets = true
        histogram.firstBucket = UInt32(truncatingIfNeeded: bucketIndices.count)
        histogram.negativeCount = append(negative)
        histogram.positiveCount = append(positive)
        histogram.firstBound = UInt32(truncatingIfNeeded: bounds.count)
        histogram.boundCount = UInt16(truncatingIfNeeded: boundCount)
        if isCustom { unsafe bounds.append(contentsOf: custom) }
        return nil
    }

    /// Whether they ascend and are finite.
    private func areBounds(_ custom: UnsafeBufferPointer<Double>) -> Bool {
        // Safe: the indices are the buffer's own.
        for i in custom.indices {
            guard unsafe custom[i].isFinite, unsafe i == 0 || custom[i - 1] < custom[i] else { return false }
        }
        return true
    }

    /// - Returns: how many buckets were not empty.
    private mutating func append(_ buckets: WireBuckets) -> UInt16 {
        let before = bucketIndices.count
        buckets.forEach { index, count in
            guard count != 0 else { return true }
            bucketIndices.append(Int32(truncatingIfNeeded: index))
            bucketCounts.append(count)
            return true
        }
        return UInt16(truncatingIfNeeded: bucketIndices.count - before)
    }

    /// Files a series whose histograms, from `firstHistogram` on, are the newest in the columns.
    mutating func finish(_ slice: SeriesSlice, firstHistogram: Int) {
        let taken = histograms.count - firstHistogram
        guard taken > 0 else { return finish(slice) }
        if taken > 1 { sortHistograms(firstHistogram..<histograms.count) }
        var own = slice
        own.firstSample = UInt32(truncatingIfNeeded: firstHistogram)
        own.sampleCount = UInt32(truncatingIfNeeded: taken)
        if slice.sampleCount > 0 {
            // Told once already.
            own.histogramCount = 0
            own.exemplarCount = 0
            finish(slice)
        }
        histogramSeries.append(own)
    }

    /// As for samples: of equal times the first stays the first.
    private mutating func sortHistograms(_ range: Range<Int>) {
        for i in range.dropFirst() where histograms[i].time < histograms[i - 1].time {
            histograms[range].sort { $0.time < $1.time }
            return
        }
    }
}
