extension Measures {
    /// Average precision: the area under precision over recall; equal scores enter together.
    ///
    /// - Returns: Nil where nothing is labelled.
    /// - Complexity: O(rows log rows).
    package static func aucPR(labels: [Bool], scores: [Double]) -> Double? {
        let positives = labels.count { $0 }
        guard positives > 0 else { return nil }
        let order = zip(scores, labels).sorted { $0.0 > $1.0 }
        var area = 0.0
        var hits = 0
        var hitsBefore = 0
        for k in order.indices {
            if order[k].1 { hits += 1 }
            if k + 1 < order.count, order[k + 1].0 == order[k].0 { continue }
            area += Double(hits - hitsBefore) * Double(hits) / Double(k + 1)
            hitsBefore = hits
        }
        return area / Double(positives)
    }

    /// The volume under the surface of precision over recall, over buffers of 0 to `length` rows around the events.
    ///
    /// Rewards a score that is high close to an event, not only in it, without a threshold or a buffer chosen by hand.
    /// Source: Paparrizos et al., "Volume Under the Surface", VLDB 2022, with the 250 thresholds by rank that TSB-AD uses.
    ///
    /// For a buffer of w rows, a row d <= w/2 rows from an event weighs sqrt(1 - d/w), which is never below sqrt(1/2); a
    /// row that close to two events would weigh more than 1 and weighs 1. So the distances to the nearest two events say
    /// everything, and rows are counted by threshold and distance instead of walked for every buffer.
    /// - Returns: Nil where nothing is labelled.
    /// - Complexity: O(rows log rows + length x (thresholds x length + events)).
    package static func vusPR(labels: [Bool], scores: [Double], length: Int, thresholds: Int = 250) -> Double? {
        let events = runs(in: labels)
        guard !events.isEmpty else { return nil }
        let ranks = ThresholdRanks(scores, count: thresholds)
        let positives = Double(labels.count { $0 })
        var labelled = [Double](repeating: 0, count: thresholds)
        for row in labels.indices where labels[row] { labelled[ranks.first[row]] += 1 }
        var buffers = EventBuffers(events, first: ranks.first, reach: length / 2, thresholds: thresholds)

        var total = 0.0
        for width in 0...max(length, 0) {
            if width.isMultiple(of: 2), width > 0 { buffers.widen() }
            let buffered = buffers.weights(width: width)
            let found = buffers.found()
            var hits = 0.0
            var nearHits = 0.0
            var recallBefore = 0.0
            for k in 0..<thresholds {
                hits += labelled[k]
                nearHits += buffered[k]
                let all = hits + nearHits
                let recall = min(all / (positives + nearHits / 2), 1) * found[k]
                total += (recall - recallBefore) * (all / ranks.predicted[k])
                recallBefore = recall
            }
        }
        return total / Double(max(length, 0) + 1)
    }
}

/// Thresholds taken from the scores themselves at even ranks, in descending order.
private struct ThresholdRanks {
    /// For each row the first threshold that its score reaches.
    let first: [Int]
    /// How many scores reach each threshold.
    let predicted: [Double]

    init(_ scores: [Double], count: Int) {
        let descending = scores.sorted(by: >)
        let step = Double(scores.count - 1) / Double(count - 1)
        let thresholds = (0..<count).map { k in
            descending[k == count - 1 ? scores.count - 1 : Int(Double(k) * step)]
        }
        first = scores.map { score in Self.partition(thresholds) { $0 <= score } }
        predicted = thresholds.map { threshold in Double(Self.partition(descending) { $0 < threshold }) }
    }

    /// The first place from which on the condition holds.
    private static func partition(_ numbers: [Double], where holds: (Double) -> Bool) -> Int {
        var low = 0
        var high = numbers.count
        while low < high {
            let middle = (low + high) / 2
            if holds(numbers[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// The rows around the events, counted by the threshold that catches them and by distance, for a buffer that grows.
private struct EventBuffers {
    private let events: [ClosedRange<Int>]
    private let first: [Int]
    private let thresholds: Int
    /// Rows that enter at each distance: by nearest event, and by second nearest.
    private var entering: [[(first: Int, second: Int)]]
    private var doubling: [[(first: Int, nearest: Int)]]

    /// The distance reached on each side.
    private var reach = 0
    /// Rows near to one event, at `threshold * stride + distance`.
    private var single: [Double]
    private let stride: Int
    /// Rows near to two events or more, by threshold.
    private var double: [Double]
    /// The first threshold that catches any row of each buffered event.
    private var caught: [Int]

    init(_ events: [ClosedRange<Int>], first: [Int], reach limit: Int, thresholds: Int) {
        self.events = events
        self.first = first
        self.thresholds = thresholds
        stride = limit + 1
        single = [Double](repeating: 0, count: thresholds * (limit + 1))
        double = [Double](repeating: 0, count: thresholds)
        caught = events.map { event in event.reduce(thresholds) { min($0, first[$1]) } }
        entering = [[(first: Int, second: Int)]](repeating: [], count: limit + 1)
        doubling = [[(first: Int, nearest: Int)]](repeating: [], count: limit + 1)
        for k in 0...events.count { collect(gapBefore: k, limit: limit) }
    }

    /// Sorts the rows between event `k` - 1 and event `k` by their distances.
    private mutating func collect(gapBefore k: Int, limit: Int) {
        let start = k > 0 ? events[k - 1].upperBound + 1 : 0
        let end = k < events.count ? events[k].lowerBound : first.count
        var row = start
        while row < end {
            let left = k > 0 ? row - events[k - 1].upperBound : .max
            let right = k < events.count ? events[k].lowerBound - row : .max
            let nearest = min(left, right)
            if nearest > limit {
                // Nothing is near until the next event comes into reach.
                row = k < events.count ? max(row + 1, end - limit) : end
                continue
            }
            let leftNext = k > 1 ? row - events[k - 2].upperBound : .max
            let rightNext = k + 1 < events.count ? events[k + 1].lowerBound - row : .max
            let second = min(max(left, right), min(leftNext, rightNext))
            entering[nearest].append((first[row], second))
            if second <= limit { doubling[second].append((first[row], nearest)) }
            row += 1
        }
    }

    /// Lets the buffer reach one row further on each side.
    mutating func widen() {
        reach += 1
        for row in entering[reach] where row.second > reach { single[row.first * stride + reach] += 1 }
        for row in doubling[reach] {
            if row.nearest < reach { single[row.first * stride + row.nearest] -= 1 }
            double[row.first] += 1
        }
        for k in events.indices {
            let before = events[k].lowerBound - reach
            let after = events[k].upperBound + reach
            if before >= 0 { caught[k] = min(caught[k], first[before]) }
            if after < first.count { caught[k] = min(caught[k], first[after]) }
        }
    }

    /// By threshold, the weight of the buffered rows that it is the first to catch.
    func weights(width: Int) -> [Double] {
        var weights = double
        guard reach > 0 else { return weights }
        let fading = (0...reach).map { (1 - Double($0) / Double(width)).squareRoot() }
        for k in 0..<thresholds {
            var sum = 0.0
            for distance in 1...reach { sum += single[k * stride + distance] * fading[distance] }
            weights[k] += sum
        }
        return weights
    }

    /// By threshold, the share of events caught; events whose buffers meet are one.
    func found() -> [Double] {
        var newly = [Int](repeating: 0, count: thresholds)
        var merged = 0
        var earliest = caught[0]
        for k in events.indices {
            earliest = min(earliest, caught[k])
            let isLast = k + 1 == events.count
            if isLast || events[k].upperBound + reach < events[k + 1].lowerBound - reach {
                newly[earliest] += 1
                merged += 1
                if !isLast { earliest = caught[k + 1] }
            }
        }
        var seen = 0
        return newly.map { count in
            seen += count
            return Double(seen) / Double(merged)
        }
    }
}
