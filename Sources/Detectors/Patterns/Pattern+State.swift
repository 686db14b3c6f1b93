extension Pattern {
    /// What is learned of one series: 2,048 bytes of memory and 80 more in `Float`.
    ///
    /// Values stand as their distance from `offset`, the first value, as in ``Adaptive``; the offset moves to the mean
    /// where the values have left it far behind.
    package struct State: BitwiseCopyable, Sendable {
        var grid = Grid()
        /// The last four means, the newest first.
        var newest = InlineArray<4, Number>(repeating: 0)
        var offset = 0.0
        /// Of the values: mean, greatest and least, half-life 20,000.
        var level: Number = 0
        var high: Number = 0
        var low: Number = 0
        /// The mean being filled: its sum, its steps, its samples.
        var sum: Number = 0
        var filled: Number = 0
        var summed: UInt32 = 0
        /// Of the distances: mean and 98 % quantile.
        var mean: Number = 0
        var tail: Number = 0
        /// Of the last full shape: distance, and score.
        var distance: Number = 0
        var raw: Number = 0
        /// Values and means so far; both stay at their limit, where the inverse is below each gain it is compared with.
        var seen: UInt32 = 0
        var means: UInt32 = 0
        /// Where the next mean goes.
        var next: UInt32 = 0
    }

    /// The last 512 means: number n stands in row n mod 64 and column n / 64 mod 8.
    package struct Grid: BitwiseCopyable, Sendable {
        static var count: Int { rows * 8 }
        static var rows: Int { 64 }
        private var columns = InlineArray<64, Number.Eight>(repeating: Number.Eight(repeating: 0))

        subscript(place: Int) -> Number {
            get { columns[place & 63][(place >> 6) & 7] }
            set { columns[place & 63][(place >> 6) & 7] = newValue }
        }

        mutating func shift(by distance: Number) {
            for place in 0..<Self.count { self[place] -= distance }
        }

        /// The least squared distance of the newest four means to four others that end between `from` and `to` means
        /// earlier.
        @inline(__always)
        mutating func nearest(from: Int, to: Int, newest: InlineArray<4, Number>, head: Int) -> Number {
            let startOfColumn = SIMD8<Int32>(0, 64, 128, 192, 256, 320, 384, 448)
            var age = SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: head - from)) &- startOfColumn
            let end = SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: to - from + 1))
            var best = Number.Eight(repeating: .greatestFiniteMagnitude)
            // The rows before the first are those at the end of the column before.
            var c = Self.rotated(columns[61])
            var b = Self.rotated(columns[62])
            var a = Self.rotated(columns[63])
            for row in 0..<Self.rows {
                let d = c
                c = b
                b = a
                a = columns[row]
                let allowed = (age & 511) .< end
                best = Number.nearer(best, a, b, c, d, to: newest, where: allowed)
                age &-= 1
            }
            return best.min()
        }

        @inline(__always)
        private static func rotated(_ v: Number.Eight) -> Number.Eight {
            var rotated = v
            for i in 0..<8 { rotated[i] = v[(i + 7) & 7] }
            return rotated
        }
    }
}

extension Pattern.State {
    /// The range; never so small that the rounding of the values counts as their shape.
    @inline(__always)
    var range: Number { larger(high - low + 1e-12, 1e-9 * abs(Number(offset) + level)) }

    /// The place of the newest mean.
    var head: Int { Int(next &- 1) & 511 }

    mutating func begin(at value: Double) {
        offset = max(-Soundness.valueLimit, min(Soundness.valueLimit, value))
    }

    @inline(__always)
    mutating func learn(_ value: Double, gain: Number) {
        let limit = Soundness.valueLimit
        let raw = Number(max(-limit, min(limit, value - offset)))
        let v = seen < 31 ? raw : Soundness.learned(raw, low: low, high: high, tiny: range * 1e-6)
        seen &+= seen < 1 << 24 ? 1 : 0
        level = Soundness.flushed(level + larger(gain, 1 / Number(seen)) * (v - level))
        high = larger(v, Soundness.flushed(high - gain * (high - level)))
        low = smaller(v, Soundness.flushed(low + gain * (level - low)))
        sum += v
        summed &+= 1
    }

    mutating func append(_ mean: Number) {
        grid[Int(next)] = mean
        newest = [mean, newest[0], newest[1], newest[2]]
        next = (next &+ 1) & 511
        means &+= means < 1 << 20 ? 1 : 0
    }

    /// Moves the offset to the mean.
    @inline(never)
    mutating func recentre() {
        offset += Double(level)
        grid.shift(by: level)
        for i in 0..<4 { newest[i] -= level }
        sum -= Number(summed) * level
        high -= level
        low -= level
        level = 0
    }
}
