internal import RealModule

/// Estimates of a quantile from counts in intervals, as PromQL's `histogram_quantile` makes them
/// (prometheus/prometheus:promql/quantile.go, `bucketQuantile` and `histogramQuantile`, 3.x).
///
/// The window counts, not the whole past. Observations that were NaN are in no bucket and do not count here.
extension Distribution {
    /// Of classic buckets: linear in the bucket, from below.
    /// - Returns: nil for fewer than two buckets, without a last one up to infinity, and for an empty window; the highest
    ///   finite bound where the quantile lies beyond it.
    func classicQuantile(_ fraction: Double) -> Double? {
        guard bins.count > 1, bins[bins.count - 1].upper == .infinity else { return nil }
        let total = windowTotal
        guard total > 0 else { return nil }
        let rank = fraction * total
        var below = 0.0
        for i in 0..<bins.count - 1 {
            let here = Double(bins[i].window)
            if below + here >= rank {
                let upper = bins[i].upper
                if i == 0 && upper <= 0 { return upper }
                let lower = i == 0 ? 0 : bins[i - 1].upper
                return here > 0 ? lower + (upper - lower) * ((rank - below) / here) : lower
            }
            below += here
        }
        return bins[bins.count - 2].upper
    }

    /// Of native custom buckets: linear in the bucket, from above (all our quantiles are at or past the middle).
    func customQuantile(_ fraction: Double) -> Double? {
        guard bins.count > 1, let (i, share) = bin(fromAbove: fraction) else { return nil }
        let upper = bins[i].upper
        if i == 0 { return upper <= 0 ? upper : upper * share }
        let lower = bins[i - 1].upper
        return upper == .infinity ? lower : lower + (upper - lower) * share
    }

    /// Of exponential buckets: linear on a logarithmic scale; linear in the zero bucket.
    func exponentialQuantile(_ fraction: Double, _ scale: ExponentialScale) -> Double? {
        guard let (i, share) = bin(fromAbove: fraction) else { return nil }
        let key = bins[i].key
        if key == 0 {
            // Without observations on one side the zero bucket does not reach there.
            var (isBelow, isAbove) = (false, false)
            for bin in bins where bin.window > 0 {
                isBelow = isBelow || bin.key < 0
                isAbove = isAbove || bin.key > 0
            }
            let lower = !isBelow && isAbove ? 0 : -scale.zeroThreshold
            let upper = isBelow && !isAbove ? 0 : scale.zeroThreshold
            return lower + (upper - lower) * share
        }
        // The share is counted upwards; in a negative bucket that is towards 0.
        let exponent = scale.upperExponent(of: abs(key)) - scale.step * (key > 0 ? 1 - share : share)
        let magnitude = min(Double.exp2(exponent), .greatestFiniteMagnitude)
        return key > 0 ? magnitude : -magnitude
    }

    private var windowTotal: Double {
        var total = 0.0
        for bin in bins { total += Double(bin.window) }
        return total
    }

    /// The bin in which the quantile lies, and how far up in it.
    private func bin(fromAbove fraction: Double) -> (Int, share: Double)? {
        let total = windowTotal
        guard total > 0 else { return nil }
        let rank = (1 - fraction) * total
        var above = 0.0
        var last = 0
        for i in bins.indices.reversed() where bins[i].window > 0 {
            above += Double(bins[i].window)
            last = i
            if above >= rank { return (i, (above - rank) / Double(bins[i].window)) }
        }
        return (last, 0)
    }
}
