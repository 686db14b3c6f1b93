internal import TimeSeries

/// A bucket on its way into the bins.
struct NativeCount: BitwiseCopyable {
    var key: Int32
    var count: Double
}

extension Family {
    /// Takes a native histogram.
    ///
    /// - Parameters:
    ///   - indices, counts, bounds: the columns that `buckets` points into.
    ///   - scratch: room for one histogram's buckets, kept between calls.
    mutating func take(
        _ sample: NativeSample, _ buckets: NativeBuckets, indices: Span<Int32>, counts: Span<Double>,
        bounds: Span<Double>, scratch: inout [NativeCount], _ id: FamilyID, into signals: inout [SignalValue]
    ) -> ClassicAssembly.Step {
        guard sample.time > lastNative else { return sample.time == lastNative ? .duplicate : .late }
        lastNative = sample.time
        if sample.isStale {
            hasBaseline = false
            return .taken
        }
        guard sample.count >= 0, sample.count < Self.countLimit else { return .taken }
        layOut(for: sample, buckets, bounds: bounds)
        gather(sample, buckets, indices: indices, counts: counts, into: &scratch)
        while scratch.count > Self.binLimit || !merge(scratch) {
            // At the coarsest schema all that there can be fits.
            guard coarsen() else { return .taken }
            gather(sample, buckets, indices: indices, counts: counts, into: &scratch)
        }
        advance(sample, scratch, id, into: &signals)
        return .taken
    }

    /// Makes the bins such that the histogram fits into them.
    private mutating func layOut(for sample: NativeSample, _ buckets: NativeBuckets, bounds: Span<Double>) {
        switch (sample.kind, kind) {
        case (.exponential(let schema), .exponential(let scale)):
            let coarser = ExponentialScale(
                schema: min(schema, scale.schema), zeroThreshold: max(sample.zeroThreshold, scale.zeroThreshold))
            distribution.rescale(from: scale, to: coarser)
            kind = .exponential(coarser)
        case (.exponential(let schema), _):
            restart(.exponential(ExponentialScale(schema: schema, zeroThreshold: sample.zeroThreshold)), [])
        case (.custom, _):
            // Bounds are part of what was learned.
            var isSame = kind == .custom && distribution.bins.count == buckets.bounds.count + 1
            if isSame {
                for (i, place) in buckets.bounds.enumerated() where distribution.bins[i].upper != bounds[place] {
                    isSame = false
                }
            }
            if isSame { return }
            var bins: [Bin] = []
            for (i, place) in buckets.bounds.enumerated() {
                bins.append(Bin(upper: bounds[place], key: Int32(truncatingIfNeeded: i)))
            }
            bins.append(Bin(upper: .infinity, key: Int32(truncatingIfNeeded: bins.count)))
            // Past the limit, bounds are of no use; count and sum are.
            if bins.count > Self.binLimit { bins = [Bin(upper: .infinity, key: 0)] }
            restart(.custom, bins)
        case (.bucketless, .bucketless): break
        case (.bucketless, _): restart(.bucketless, [Bin(upper: .infinity, key: 0)])
        }
    }

    private mutating func restart(_ kind: Kind, _ bins: [Bin]) {
        self.kind = kind
        hasBaseline = false
        distribution.restart(bins)
    }

    /// Writes the histogram's buckets as bins, keys ascending.
    private func gather(
        _ sample: NativeSample, _ buckets: NativeBuckets, indices: Span<Int32>, counts: Span<Double>,
        into scratch: inout [NativeCount]
    ) {
        scratch.removeAll(keepingCapacity: true)
        func add(_ key: Int32, _ count: Double) {
            guard count > 0, count < Self.countLimit else { return }
            if let last = scratch.last, last.key == key {
                scratch[scratch.count - 1].count += count
            } else {
                scratch.append(NativeCount(key: key, count: count))
            }
        }
        guard case .exponential(let scale) = kind, case .exponential(let schema) = sample.kind else {
            if kind == .custom, distribution.bins.count > 1 {
                for i in buckets.positive { add(indices[i], counts[i]) }
            } else {
                add(0, sample.count)
            }
            return
        }
        for i in buckets.negative.reversed() where ExponentialScale.indices.contains(indices[i]) {
            add(scale.key(index: indices[i], schema: schema, isNegative: true), counts[i])
        }
        add(0, sample.zeroCount)
        for i in buckets.positive where ExponentialScale.indices.contains(indices[i]) {
            add(scale.key(index: indices[i], schema: schema, isNegative: false), counts[i])
        }
    }

    /// Adds the bins that are missing.
    /// - Returns: false where there would be too many.
    private mutating func merge(_ scratch: [NativeCount]) -> Bool {
        var missing = 0
        var i = 0
        for new in scratch {
            while i < distribution.bins.count, distribution.bins[i].key < new.key { i += 1 }
            if i == distribution.bins.count || distribution.bins[i].key != new.key { missing += 1 }
        }
        if missing == 0 { return true }
        guard distribution.bins.count + missing <= Self.binLimit else { return false }
        var merged: [Bin] = []
        merged.reserveCapacity(distribution.bins.count + missing)
        i = 0
        for new in scratch {
            while i < distribution.bins.count, distribution.bins[i].key < new.key {
                merged.append(distribution.bins[i])
                i += 1
            }
            if i == distribution.bins.count || distribution.bins[i].key != new.key {
                merged.append(Bin(upper: .nan, key: new.key))
            }
        }
        merged.append(contentsOf: distribution.bins[i...])
        distribution.bins = merged
        return true
    }

    /// Halves the resolution; false where it cannot be.
    private mutating func coarsen() -> Bool {
        guard case .exponential(let scale) = kind, scale.schema > -4 else { return false }
        let coarser = ExponentialScale(schema: scale.schema - 1, zeroThreshold: scale.zeroThreshold)
        distribution.rescale(from: scale, to: coarser)
        kind = .exponential(coarser)
        return true
    }

    private mutating func advance(
        _ sample: NativeSample, _ scratch: [NativeCount], _ id: FamilyID, into signals: inout [SignalValue]
    ) {
        let elapsed = step(to: sample.time)
        // One histogram is one value: where any bucket fell, all of it started over (`DetectReset`).
        let startsOver = sample.isGauge || sample.isReset || sample.count < lastCount || hasFallen(scratch)
        var next = 0
        for i in distribution.bins.indices {
            var count = 0.0
            if next < scratch.count, scratch[next].key == distribution.bins[i].key {
                count = scratch[next].count
                next += 1
            }
            distribution.bins[i].increase = Float(startsOver ? count : count - distribution.bins[i].last)
            distribution.bins[i].last = count
        }
        let increase = startsOver ? sample.count : sample.count - lastCount
        let base = startsOver ? 0 : lastSum
        let sumIncrease = Self.increase(of: sample.sum, since: base)
        let isJoined = hasBaseline && elapsed != nil
        (lastTime, lastCount, lastSum, hasBaseline) = (sample.time, sample.count, sample.sum, true)
        guard isJoined, let elapsed else { return }
        if sample.isGauge {
            distribution.replace(seconds: elapsed, sum: sumIncrease)
        } else {
            distribution.advance(seconds: elapsed, sumIncrease: sumIncrease)
        }
        emit(rate: sample.isGauge ? nil : increase / elapsed, at: sample.time, id, into: &signals)
    }

    private func hasFallen(_ scratch: [NativeCount]) -> Bool {
        var next = 0
        for bin in distribution.bins {
            var count = 0.0
            if next < scratch.count, scratch[next].key == bin.key {
                count = scratch[next].count
                next += 1
            }
            // Sums of rates may fall by rounding alone.
            if count < bin.last * (1 - 1e-12) { return true }
        }
        return false
    }
}
