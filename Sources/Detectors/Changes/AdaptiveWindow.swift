internal import RealModule

/// ADWIN: a window over given numbers that drops its oldest part when that has another mean than the newest.
///
/// Bifet and Gavaldà, Learning from Time-Changing Data with Adaptive Windowing (2007): an exponential histogram, at most
/// five buckets of each size 1, 2, 4 ..., each with the sum of its numbers and of their squared distances from its mean.
/// All cuts between buckets are tested, with river's bound (`min_window_length` 5, `grace_period` 10).
///
/// After twelve sizes (20,475 numbers) the oldest bucket is dropped.
/// - Complexity: O(1) amortised to add, O(buckets) to test: at most 60; 1,200 bytes.
struct AdaptiveWindow: BitwiseCopyable, Sendable {
    private static var sizes: Int { 12 }
    private static var slots: Int { 6 }
    private static var leastPart: Double { 5 }
    private static var grace: Double { 10 }

    /// Six slots a size, oldest first.
    private var totals = InlineArray<72, Double>(repeating: 0)
    private var squares = InlineArray<72, Double>(repeating: 0)
    private var counts = InlineArray<12, UInt8>(repeating: 0)
    /// Sizes that are in use.
    private var used: UInt8 = 1
    private(set) var width = 0.0
    private var total = 0.0
    /// The sum of the squared distances from the window's mean.
    private var spread = 0.0

    var mean: Double { width > 0 ? total / width : 0 }

    mutating func add(_ x: Double) {
        append(total: x, squares: 0, size: 0)
        if width > 0 {
            let distance = x - total / width
            spread += distance * distance * width / (width + 1)
        }
        width += 1
        total += x
        var size = 0
        while size < Int(used), counts[size] == UInt8(Self.slots) {
            if size + 1 == Self.sizes {
                dropOldest()
            } else {
                merge(size)
            }
            size += 1
        }
    }

    /// Tests all cuts, and drops the oldest buckets until none shows a change.
    ///
    /// - Returns: the greatest difference of means over its bound before anything was dropped, so above 1 for a change,
    ///   and whether the newer part had the higher mean.
    mutating func test(delta: Double) -> (statistic: Double, isUp: Bool) {
        let found = greatestCut(delta: delta)
        var rest = found.statistic
        while rest > 1, width > Self.grace {
            dropOldest()
            rest = greatestCut(delta: delta).statistic
        }
        return found
    }

    private func greatestCut(delta: Double) -> (statistic: Double, isUp: Bool) {
        guard width > Self.grace else { return (0, true) }
        let logarithm = Double.log(2 * Double.log(width) / delta)
        let variance = max(0, spread / width)
        var older = 0.0
        var olderTotal = 0.0
        var greatest = (statistic: 0.0, isUp: true)
        for size in (0..<Int(used)).reversed() {
            let length = Double(1 << size)
            for slot in 0..<Int(counts[size]) {
                older += length
                olderTotal += totals[size * Self.slots + slot]
                let newer = width - older
                guard older >= Self.leastPart, newer >= Self.leastPart else { continue }
                let perLength = 1 / (older - Self.leastPart + 1) + 1 / (newer - Self.leastPart + 1)
                let bound = (2 * perLength * variance * logarithm).squareRoot() + 2 / 3 * logarithm * perLength
                let difference = (total - olderTotal) / newer - olderTotal / older
                if abs(difference) > greatest.statistic * bound { greatest = (abs(difference) / bound, difference > 0) }
            }
        }
        return greatest
    }

    @inline(__always)
    private mutating func append(total: Double, squares newSquares: Double, size: Int) {
        let place = size * Self.slots + Int(counts[size])
        totals[place] = total
        squares[place] = newSquares
        counts[size] += 1
    }

    /// Makes one bucket of the next size from the two oldest of this.
    private mutating func merge(_ size: Int) {
        let place = size * Self.slots
        let length = Double(1 << size)
        let distance = (totals[place] - totals[place + 1]) / length
        let sum = totals[place] + totals[place + 1]
        let spread = squares[place] + squares[place + 1] + distance * distance * length / 2
        remove(2, size)
        used = max(used, UInt8(size + 2))
        append(total: sum, squares: spread, size: size + 1)
    }

    private mutating func dropOldest() {
        let size = Int(used) - 1
        let place = size * Self.slots
        let length = Double(1 << size)
        let dropped = totals[place]
        width -= length
        total -= dropped
        let distance = dropped / length - (width > 0 ? total / width : 0)
        spread = max(0, spread - squares[place] - length * width * distance * distance / (length + width))
        remove(1, size)
        while used > 1, counts[Int(used) - 1] == 0 { used -= 1 }
    }

    private mutating func remove(_ number: Int, _ size: Int) {
        let place = size * Self.slots
        for slot in number..<Self.slots {
            totals[place + slot - number] = totals[place + slot]
            squares[place + slot - number] = squares[place + slot]
        }
        counts[size] -= UInt8(number)
    }
}
