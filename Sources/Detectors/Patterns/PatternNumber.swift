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

    package static func oneLessPower(_ x: Double) -> Double { -Double.expMinusOne(-Double.log(2) * x) }
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
