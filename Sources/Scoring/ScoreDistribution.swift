/// How scores are spread: one histogram over all that were given.
package struct ScoreDistribution: Sendable {
    /// Upper bounds, inclusive; what is above the last is counted behind it.
    package static let bounds: InlineArray<8, Float> = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]

    /// Scores by bucket, each counted once.
    package private(set) var counts = InlineArray<9, Int>(repeating: 0)
    package private(set) var sum = 0.0

    package init() {}

    /// Scores given in all.
    package var count: Int {
        var sum = 0
        for i in counts.indices { sum += counts[i] }
        return sum
    }

    @inline(__always)
    mutating func add(_ score: Float) {
        var bucket = 0
        if score > 0.125 {
            bucket = 1
            while bucket < Self.bounds.count, score > Self.bounds[bucket] { bucket += 1 }
        }
        counts[bucket] += 1
        sum += Double(score)
    }

    mutating func add(_ other: ScoreDistribution) {
        for i in counts.indices { counts[i] += other.counts[i] }
        sum += other.sum
    }
}
