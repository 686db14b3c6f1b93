/// How rare a score is among those that the same detector gave the same series before.
///
/// Scores are counted in 24 bins of half an octave, from 2^-6 to 2^6, each count halving every 5,000 samples. A score's
/// rank is the share p of the past that was at least as high (its own bin counts half, and half a sample is added, so
/// that p is never 0), expressed as log(1/p) / log(1000): 1 where one sample in a thousand is as high, at most 1.4.
struct RankHistory {
    static var bins: Int { 24 }
    /// One number for each bin, and their sum.
    static var stride: Int { bins + 1 }
    /// Scores that are counted before the first is ranked. Only after 500 can a rank pass 1.
    static var warmUp: Float { 100 }

    private static let keep: Float = 1 - 1.386_2e-4
    private static let perThousand: Float = 1 / 9.965_784

    /// Ranks a score in the counts that start at `start`, then counts it; NaN while warming up.
    @inline(__always)
    static func rank(_ score: Float, in counts: inout MutableSpan<Float>, at start: Int) -> Float {
        let position = 2 * (larger(score, 0x1p-7).quickLog2 + 6) + 1
        let bin = Int(larger(0, smaller(position, Float(bins - 1))))
        var above: Float = 0
        for i in 0..<bins {
            let count = counts[start + i] * keep
            counts[start + i] = count
            if i > bin { above += count }
        }
        let own = counts[start + bin]
        let sum = counts[start + bins] * keep
        counts[start + bin] = own + 1
        counts[start + bins] = sum + 1
        if sum < warmUp * 0.99 { return .nan }
        let p = (above + 0.5 * own + 0.5) / (sum + 1)
        return larger(0, -p.quickLog2 * perThousand)
    }
}
