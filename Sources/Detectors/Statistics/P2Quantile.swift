/// A quantile of all values so far from five markers, without keeping the values.
///
/// The P² algorithm of Jain and Chlamtac (Communications of the ACM 28, 1985): the markers stand at the least value, the
/// quantile, the greatest, and half-way between; each is moved along a parabola through its neighbours when it has
/// fallen behind the place where it should be. River's `stats.Quantile` is the same.
/// - Complexity: O(1); 72 bytes.
struct P2Quantile: BitwiseCopyable, Sendable {
    /// q: the values at the markers, ascending.
    private var heights = InlineArray<5, Double>(repeating: 0)
    /// n: how many values are at or below each marker.
    private var positions = InlineArray<5, Int32>(repeating: 0)
    private(set) var count: Int32 = 0

    /// The estimate; the value of that rank while there are fewer than five.
    /// - Precondition: there is a value.
    @inline(__always)
    func estimate(_ share: Double) -> Double {
        count >= 5 ? heights[2] : heights[min(Int(count) - 1, Int(share * Double(count)))]
    }

    @inline(__always)
    mutating func add(_ value: Double, _ share: Double) {
        count += 1
        if count <= 5 { return begin(value) }

        if value < heights[0] { heights[0] = value }
        if value > heights[4] { heights[4] = value }
        // The first marker counts itself only, the last counts all.
        for i in 1..<4 { positions[i] += value < heights[i] ? 1 : 0 }
        positions[4] = count
        move(1, share / 2)
        move(2, share)
        move(3, (1 + share) / 2)
    }

    private mutating func begin(_ value: Double) {
        var place = Int(count) - 1
        positions[place] = count
        while place > 0, heights[place - 1] > value {
            heights[place] = heights[place - 1]
            place -= 1
        }
        heights[place] = value
    }

    /// Moves a marker by one value towards the place where that share of the values is below it.
    @inline(__always)
    private mutating func move(_ i: Int, _ share: Double) {
        let distance = 1 + Double(count - 1) * share - Double(positions[i])
        let up = distance >= 1 && positions[i + 1] - positions[i] > 1
        let down = distance <= -1 && positions[i - 1] - positions[i] < -1
        guard up || down else { return }
        let step: Int32 = up ? 1 : -1
        let parabolic = parabola(i, Double(step))
        if heights[i - 1] < parabolic && parabolic < heights[i + 1] {
            heights[i] = parabolic
        } else {
            let other = i + Int(step)
            heights[i] +=
                Double(step) * (heights[other] - heights[i]) / Double(positions[other] - positions[i])
        }
        positions[i] += step
    }

    @inline(__always)
    private func parabola(_ i: Int, _ step: Double) -> Double {
        let n = Double(positions[i])
        let before = Double(positions[i - 1])
        let after = Double(positions[i + 1])
        let right = (n - before + step) * (heights[i + 1] - heights[i]) / (after - n)
        let left = (after - n - step) * (heights[i] - heights[i - 1]) / (n - before)
        return heights[i] + step / (after - before) * (right + left)
    }
}
