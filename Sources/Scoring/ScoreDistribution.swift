/// How scores are spread: one histogram over all that were given.
package struct ScoreDistribution: Sendable, Equatable {
    /// Upper bounds, inclusive; what is above the last is counted behind it.
    package static let bounds: [Float] = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]

    /// Scores by bucket, each counted once.
    package private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    package private(set) var sum = 0.0

    package init() {}

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
