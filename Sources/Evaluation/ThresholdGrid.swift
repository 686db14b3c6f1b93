internal import RealModule

/// Thresholds to try: quantiles of the positive scores, evenly spaced by how rarely they are exceeded.
enum ThresholdGrid {
    /// Every how many rows a score is taken.
    private static let stride = 7
    /// The shares of positive scores above the highest and the lowest threshold.
    private static let rarest = 1.4e-5
    private static let commonest = 5e-2

    /// At most `count` thresholds in ascending order; none where no score is positive.
    static func thresholds(_ scores: [[Double]], count: Int) -> [Double] {
        var pool: [Double] = []
        for column in scores {
            for row in Swift.stride(from: 0, to: column.count, by: stride) where column[row] > 0 {
                pool.append(column[row])
            }
        }
        guard !pool.isEmpty else { return [] }
        pool.sort()
        let sorted = shares(count).map { quantile(1 - $0, of: pool) }.sorted()
        return sorted.indices.compactMap { $0 == 0 || sorted[$0] != sorted[$0 - 1] ? sorted[$0] : nil }
    }

    /// Evenly spaced by their logarithm, both ends exact.
    private static func shares(_ count: Int) -> [Double] {
        let start = Double.log10(rarest)
        let step = (Double.log10(commonest) - start) / Double(count - 1)
        return (0..<count).map { k in
            if k == 0 { return rarest }
            return k == count - 1 ? commonest : .pow(10, Double(k) * step + start)
        }
    }

    /// A quantile by linear interpolation between neighbours, with numpy's order of operations.
    private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        let place = Double(sorted.count - 1) * share
        let low = Int(place)
        guard low + 1 < sorted.count else { return sorted[sorted.count - 1] }
        let part = place - Double(low)
        let difference = sorted[low + 1] - sorted[low]
        return part >= 0.5 ? sorted[low + 1] - difference * (1 - part) : sorted[low] + difference * part
    }
}
