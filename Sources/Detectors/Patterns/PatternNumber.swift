internal import RealModule

/// The numbers that ``Pattern`` and ``Record`` can reckon in: `Float` in production, `Double` to be held against a
/// reference.
package protocol PatternNumber: AdaptiveNumber, SIMDScalar, Codable {
    /// Eight numbers that are reckoned with at once.
    associatedtype Eight: SIMD, BitwiseCopyable, Sendable where Eight.Scalar == Self

    /// The smaller, number by number, of `best` and the sum of the squared differences of four vectors to four numbers;
    /// `best` where the place is not allowed. A requirement, and not generic code, because the operators of a vector are
    /// single instructions only where the compiler knows which it is.
    static func nearer(
        _ best: Eight, _ a: Eight, _ b: Eight, _ c: Eight, _ d: Eight, to newest: InlineArray<4, Self>,
        where allowed: SIMDMask<SIMD8<Int32>>
    ) -> Eight
    /// The least squared distance of a shape, newest number first, to those that end in the last 72 of 120 rows.
    static func nearest(
        in rows: Span<Eight>, to shape: Span<Eight>, length: Int, where allowed: Allowed
    ) -> Self
    /// 1 - 2^-x.
    static func oneLessPower(_ x: Self) -> Self
}

extension Float: PatternNumber {
    package typealias Eight = SIMD8<Float>

    @inline(__always)
    package static func nearer(
        _ best: Eight, _ a: Eight, _ b: Eight, _ c: Eight, _ d: Eight, to newest: InlineArray<4, Float>,
        where allowed: SIMDMask<SIMD8<Int32>>
    ) -> Eight {
        let (e, f, g, h) = (a - newest[0], b - newest[1], c - newest[2], d - newest[3])
        let q = e * e + f * f + g * g + h * h
        return best.replacing(with: q, where: (q .< best) .& allowed)
    }

    /// Four rows at once, in parts of twelve numbers: after each, rows that are all too far already are left.
    package static func nearest(
        in rows: Span<Eight>, to shape: Span<Eight>, length: Int, where allowed: Allowed
    ) -> Float {
        var allowed = allowed
        var best = Float.greatestFiniteMagnitude
        for row in stride(from: 48, to: 120, by: 4) {
            var (a, b, c, d) = (Eight(repeating: 0), Eight(repeating: 0), Eight(repeating: 0), Eight(repeating: 0))
            var end = 0
            var isFar = false
            while end < length, !isFar {
                let start = end
                end = min(end + 12, length)
                for back in start..<end {
                    let number = shape[back]
                    let first = row - back
                    let (e, f, g, h) = (
                        rows[first] - number, rows[first + 1] - number, rows[first + 2] - number,
                        rows[first + 3] - number
                    )
                    a += e * e
                    b += f * f
                    c += g * g
                    d += h * h
                }
                isFar = least(least(a, b), least(c, d)).min() >= best
            }
            // Also where they are left: places that are not wanted must be counted past.
            let far = Eight(repeating: best)
            a = far.replacing(with: a, where: allowed.next())
            b = far.replacing(with: b, where: allowed.next())
            c = far.replacing(with: c, where: allowed.next())
            d = far.replacing(with: d, where: allowed.next())
            if !isFar { best = smaller(best, least(least(a, b), least(c, d)).min()) }
        }
        return best
    }

    @inline(__always)
    private static func least(_ a: Eight, _ b: Eight) -> Eight { a.replacing(with: b, where: b .< a) }

    @inline(__always)
    package static func oneLessPower(_ x: Float) -> Float { 1 - (-x).quickExp2 }
}

extension Double: PatternNumber {
    package typealias Eight = SIMD8<Double>

    package static func nearer(
        _ best: Eight, _ a: Eight, _ b: Eight, _ c: Eight, _ d: Eight, to newest: InlineArray<4, Double>,
        where allowed: SIMDMask<SIMD8<Int32>>
    ) -> Eight {
        let (e, f, g, h) = (a - newest[0], b - newest[1], c - newest[2], d - newest[3])
        let q = e * e + f * f + g * g + h * h
        var nearer = best
        for i in 0..<8 where allowed[i] && q[i] < best[i] { nearer[i] = q[i] }
        return nearer
    }

    package static func nearest(
        in rows: Span<Eight>, to shape: Span<Eight>, length: Int, where allowed: Allowed
    ) -> Double {
        var allowed = allowed
        var best = Double.greatestFiniteMagnitude
        for row in 48..<120 {
            let allowed = allowed.next()
            for lane in 0..<8 where allowed[lane] {
                var sum = 0.0
                for back in 0..<length where sum < best {
                    let e = rows[row - back][lane] - shape[back][lane]
                    sum += e * e
                }
                best = min(best, sum)
            }
        }
        return best
    }

    package static func oneLessPower(_ x: Double) -> Double { -Double.expMinusOne(-Double.log(2) * x) }
}

/// Which places of a ``Pattern/Grid`` hold means whose age is wanted, row after row.
package struct Allowed: Sendable {
    /// How much older than the youngest wanted the means of the next row are.
    private var age = SIMD8<Int32>(repeating: 0)
    private let end: SIMD8<Int32>
    /// Where the ring begins, in the column of the youngest wanted, come the oldest after it.
    private var rowsUntilOldest: Int
    private var oldest = SIMD8<Int32>(repeating: 0)

    /// - Parameter head: the place of the newest mean, of age 0.
    init(head: Int, ages: ClosedRange<Int>) {
        let youngest = head >= ages.lowerBound ? head - ages.lowerBound : head - ages.lowerBound + 576
        for column in 0..<8 {
            let age = youngest - 72 * column
            self.age[column] = Int32(truncatingIfNeeded: age < 0 ? age + 576 : age)
        }
        end = SIMD8(repeating: Int32(truncatingIfNeeded: ages.count))
        rowsUntilOldest = youngest % 72 + 1
        oldest[youngest / 72] = 576
    }

    @inline(__always)
    mutating func next() -> SIMDMask<SIMD8<Int32>> {
        if rowsUntilOldest == 0 { age &+= oldest }
        rowsUntilOldest -= 1
        let isAllowed = age .< end
        age &-= 1
        return isAllowed
    }
}

/// What keeps a learned state sound whatever is sent.
enum Soundness {
    /// Values further than this from the first one count as this far: the sum of four squares is still a `Float`.
    static var valueLimit: Double { 0x1p60 }
    /// A value more than this many ranges outside of the range is taken for absurd, and learned as one range outside.
    /// The range of a series that really moves there doubles with every value, so it arrives after few of them. The
    /// largest jump in the whole of NAB is of 1,016 ranges.
    @inline(__always)
    static func absurdRanges<Number: AdaptiveNumber>() -> Number { 10_000 }

    /// A number too small to matter as zero, for subnormal numbers are slow.
    @inline(__always)
    static func flushed<Number: AdaptiveNumber>(_ x: Number) -> Number { abs(x) < 0x1p-110 ? 0 : x }

    /// The value to be learned of a value.
    @inline(__always)
    static func learned<Number: AdaptiveNumber>(_ v: Number, low: Number, high: Number, tiny: Number) -> Number {
        let range = high - low
        if range <= tiny { return v }
        let far = range * absurdRanges()
        if v > high + far { return high + range }
        if v < low - far { return low - range }
        return v
    }
}
