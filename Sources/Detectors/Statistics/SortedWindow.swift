/// A ``ValueWindow`` with a sorted copy, for medians and quantiles.
/// - Complexity: a value in and one out moves the sorted values between them: O(length), about a third of it as a rule.
struct SortedWindow: BitwiseCopyable, Sendable {
    private(set) var window = ValueWindow()
    private var sorted = InlineArray<512, Float>(repeating: 0)

    var count: Int { Int(window.count) }
    var offset: Double { window.offset }

    @inline(__always)
    mutating func push(_ value: Double, length: Int) {
        let pushed = window.push(value, length: length)
        if let removed = pushed.removed {
            replace(removed, by: pushed.added)
        } else {
            insert(pushed.added)
        }
        if pushed.lapped {
            let shift = window.recentre()
            if shift != 0 { for i in 0..<count { sorted[i] -= shift } }
        }
    }

    /// The quantile, between neighbours by straight line as `numpy.quantile` has it, as a distance from the offset.
    /// - Precondition: there is a value.
    @inline(__always)
    func quantile(_ share: Double) -> Double {
        let place = share * Double(count - 1)
        let below = Int(place)
        // Spans throughout: indexing a stored array of this size costs a copy of it each time.
        let sorted = sorted.span
        let low = Double(sorted[below])
        let high = Double(sorted[min(below + 1, count - 1)])
        return low + (place - Double(below)) * (high - low)
    }

    /// The median of the distances from a level, which is given as its distance from the offset.
    func medianDistance(from level: Double) -> Double {
        let count = count
        let sorted = sorted.span
        let lower = Self.distance(rank: (count - 1) / 2, from: level, sorted, count)
        return count % 2 == 1 ? lower : (lower + Self.distance(rank: count / 2, from: level, sorted, count)) / 2
    }

    /// The mean of the distances from a level.
    /// - Complexity: O(length)
    func meanDistance(from level: Double) -> Double {
        let count = count
        let sorted = sorted.span
        var sum = 0.0
        for i in 0..<count { sum += abs(Double(sorted[i]) - level) }
        return sum / Double(count)
    }

    /// The distance from a level that `rank` others are below.
    ///
    /// The values nearest to a level are neighbours when sorted, so the search is only for where their run begins.
    /// - Complexity: O(log length)
    private static func distance(rank: Int, from level: Double, _ sorted: Span<Float>, _ count: Int) -> Double {
        var low = 0
        var high = count - 1 - rank
        while low < high {
            let middle = (low + high) / 2
            if Double(sorted[middle + rank]) - level >= level - Double(sorted[middle]) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        let here = max(level - Double(sorted[low]), Double(sorted[low + rank]) - level)
        if low == 0 { return here }
        return min(here, max(level - Double(sorted[low - 1]), Double(sorted[low - 1 + rank]) - level))
    }

    private mutating func insert(_ value: Float) {
        var place = count - 1
        var sorted = sorted.mutableSpan
        while place > 0, sorted[place - 1] > value {
            sorted[place] = sorted[place - 1]
            place -= 1
        }
        sorted[place] = value
    }

    @inline(__always)
    private mutating func replace(_ old: Float, by new: Float) {
        if old == new { return }
        let from = firstIndex(notBelow: old)
        let to = firstIndex(notBelow: new)
        var sorted = sorted.mutableSpan
        if new > old {
            // The last place below the new value; its index is still counted with the old one in.
            let last = sorted[to] < new ? to : to - 1
            for i in from..<last { sorted[i] = sorted[i + 1] }
            sorted[last] = new
        } else {
            for i in (to..<from).reversed() { sorted[i + 1] = sorted[i] }
            sorted[to] = new
        }
    }

    @inline(__always)
    private func firstIndex(notBelow value: Float) -> Int {
        let sorted = sorted.span
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
