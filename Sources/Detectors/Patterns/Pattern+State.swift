extension Pattern {
    /// What is learned of one series: 2,304 bytes of memory and 64 more in `Float`.
    ///
    /// Values stand as their distance from `offset`, the first value, as in ``Adaptive``; the offset moves to the mean
    /// where the values have left it far behind.
    package struct State: BitwiseCopyable, Sendable {
        var grid = Grid()
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

    /// The last 576 means: number n stands in row n mod 72 and column n / 72 mod 8.
    package struct Grid: BitwiseCopyable, Sendable {
        static var count: Int { rows * 8 }
        static var rows: Int { 72 }
        /// The longest shape.
        static var longest: Int { 48 }
        private var columns = InlineArray<72, Number.Eight>(repeating: Number.Eight(repeating: 0))

        subscript(place: Int) -> Number {
            get { columns[place % Self.rows][place / Self.rows] }
            set { columns[place % Self.rows][place / Self.rows] = newValue }
        }

        mutating func shift(by distance: Number) {
            for place in 0..<Self.count { self[place] -= distance }
        }

        /// The mean that came so many before the one at `head`.
        @inline(__always)
        private mutating func mean(_ head: Int, back: Int) -> Number {
            self[head >= back ? head - back : head - back + Self.count]
        }

        /// The least squared distance of the newest four means to four others that end between `ages` means earlier.
        @inline(__always)
        mutating func nearestOfFour(head: Int, ages: ClosedRange<Int>) -> Number {
            let newest: InlineArray<4, Number> = [
                mean(head, back: 0), mean(head, back: 1), mean(head, back: 2), mean(head, back: 3),
            ]
            var allowed = Allowed(head: head, ages: ages)
            var best = Number.Eight(repeating: .greatestFiniteMagnitude)
            // The rows before the first are those at the end of the column before.
            var c = Self.rotated(columns[Self.rows - 3])
            var b = Self.rotated(columns[Self.rows - 2])
            var a = Self.rotated(columns[Self.rows - 1])
            for row in 0..<Self.rows {
                let d = c
                c = b
                b = a
                a = columns[row]
                best = Number.nearer(best, a, b, c, d, to: newest, where: allowed.next())
            }
            return best.min()
        }

        /// The same of any length.
        @inline(never)
        mutating func nearest(length: Int, head: Int, ages: ClosedRange<Int>) -> Number {
            var rows = InlineArray<120, Number.Eight>(repeating: Number.Eight(repeating: 0))
            var shape = InlineArray<48, Number.Eight>(repeating: Number.Eight(repeating: 0))
            // Spans, since to write to an element of an array beside another would copy both.
            var rowsSpan = rows.mutableSpan
            let columns = columns.span
            for i in 0..<Self.longest { rowsSpan[i] = Self.rotated(columns[Self.rows - Self.longest + i]) }
            for i in 0..<Self.rows { rowsSpan[Self.longest + i] = columns[i] }
            var shapeSpan = shape.mutableSpan
            for back in 0..<length {
                let place = head >= back ? head - back : head - back + Self.count
                shapeSpan[back] = Number.Eight(repeating: columns[place % Self.rows][place / Self.rows])
            }
            return Number.nearest(
                in: rowsSpan.span, to: shapeSpan.span, length: length, where: Allowed(head: head, ages: ages))
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
    var head: Int { next == 0 ? Pattern.Grid.count - 1 : Int(next) - 1 }

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
        next = Int(next) + 1 == Pattern.Grid.count ? 0 : next + 1
        means &+= means < 1 << 20 ? 1 : 0
    }

    /// Moves the offset to the mean.
    @inline(never)
    mutating func recentre() {
        offset += Double(level)
        grid.shift(by: level)
        sum -= Number(summed) * level
        high -= level
        low -= level
        level = 0
    }
}
