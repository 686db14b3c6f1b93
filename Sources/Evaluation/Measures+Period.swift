internal import RealModule

extension Measures {
    /// The lag, from 6 to 303 rows, at which a series is most like itself, or 125 where no lag stands out.
    ///
    /// The buffer for `vusPR` as TSB-AD chooses it: the highest local peak of the autocorrelation of the first 20,000 rows.
    /// - Complexity: O(400 rows).
    package static func periodLength(_ values: [Double]) -> Int {
        let fallback = 125
        let head = values.prefix(20_000).map(finite)
        let mean = head.reduce(0, +) / Double(head.count)
        let centred = head.map { $0 - mean }
        let lags = min(401, centred.count)
        var likeness = [Double](repeating: 0, count: lags)
        for lag in 0..<lags {
            var sum = 0.0
            for row in 0..<(centred.count - lag) { sum += centred[row] * centred[row + lag] }
            likeness[lag] = sum
        }
        guard lags > 5, likeness[0] > 0 else { return fallback }
        var best: Int?
        // Lags below 3 are the series' own smoothness; a peak needs a neighbour on each side.
        for lag in 4..<(lags - 1) where likeness[lag] > likeness[lag - 1] && likeness[lag] > likeness[lag + 1] {
            if best.map({ likeness[lag] > likeness[$0] }) ?? true { best = lag }
        }
        guard let best, (6...303).contains(best) else { return fallback }
        return best
    }

    /// An exponentially weighted mean with a half-life in rows, from 0.
    package static func smoothed(_ scores: [Double], halfLife: Double) -> [Double] {
        let gain = 1 - Double.pow(0.5, 1 / halfLife)
        var mean = 0.0
        return scores.map { score in
            mean += gain * (score - mean)
            return mean
        }
    }
}
