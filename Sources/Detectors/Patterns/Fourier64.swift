internal import RealModule

/// The Fourier transform of 64 complex numbers, in place.
///
/// Number 8a + b of the input stands in lane b of vector a. Eight transforms of eight go down the lanes at once, the
/// results are turned by their places, rows become columns, and eight more make number c + 8d of the output, in lane c of
/// vector d (Cooley and Tukey, An algorithm for the machine calculation of complex Fourier series, 1965).
/// - Complexity: about 500 operations on vectors of eight.
struct Fourier64: Sendable {
    private typealias Eight = InlineArray<8, SIMD8<Float>>

    /// Turns by b·c / 64 of a circle, for vector c and lane b.
    private let cosines: InlineArray<8, SIMD8<Float>>
    private let sines: InlineArray<8, SIMD8<Float>>

    init() {
        cosines = Self.lanes { c, b in Float(Double.cos(-2 * Double.pi * Double(b * c) / 64)) }
        sines = Self.lanes { c, b in Float(Double.sin(-2 * Double.pi * Double(b * c) / 64)) }
    }

    private static func lanes(_ number: (Int, Int) -> Float) -> Eight {
        var vectors = Eight(repeating: SIMD8(repeating: 0))
        for i in 0..<64 { vectors[i >> 3][i & 7] = number(i >> 3, i & 7) }
        return vectors
    }

    /// - Parameters: 64 numbers each.
    func forward(_ real: inout MutableSpan<Float>, _ imaginary: inout MutableSpan<Float>) {
        var reals = Eight(repeating: SIMD8(repeating: 0))
        var imaginaries = reals
        var r = reals.mutableSpan
        var m = imaginaries.mutableSpan
        for a in 0..<8 {
            r[a] = Self.load(real.span, 8 * a)
            m[a] = Self.load(imaginary.span, 8 * a)
        }
        Self.transform(&r, &m)
        let (cosines, sines) = (cosines.span, sines.span)
        for c in 0..<8 {
            let place = Self.reversed(c)
            let (x, y) = (r[place], m[place])
            let turnedReal = x * cosines[c] - y * sines[c]
            let turnedImaginary = x * sines[c] + y * cosines[c]
            for b in 0..<8 {
                real[8 * b + c] = turnedReal[b]
                imaginary[8 * b + c] = turnedImaginary[b]
            }
        }
        for b in 0..<8 {
            r[b] = Self.load(real.span, 8 * b)
            m[b] = Self.load(imaginary.span, 8 * b)
        }
        Self.transform(&r, &m)
        for d in 0..<8 {
            let place = Self.reversed(d)
            let (x, y) = (r[place], m[place])
            for c in 0..<8 {
                real[8 * d + c] = x[c]
                imaginary[8 * d + c] = y[c]
            }
        }
    }

    @inline(__always)
    private static func load(_ numbers: Span<Float>, _ start: Int) -> SIMD8<Float> {
        SIMD8(
            numbers[start], numbers[start + 1], numbers[start + 2], numbers[start + 3], numbers[start + 4],
            numbers[start + 5], numbers[start + 6], numbers[start + 7])
    }

    /// Eight transforms of eight, one in each lane; number k of the result stands in the place that has k's bits backwards.
    @inline(__always)
    private static func transform(_ r: inout MutableSpan<SIMD8<Float>>, _ m: inout MutableSpan<SIMD8<Float>>) {
        let root = Float(0.5).squareRoot()
        let turns = SIMD4<Float>(1, root, 0, -root)
        let sines = SIMD4<Float>(0, -root, -1, -root)
        for stage in 0..<3 {
            let half = 4 >> stage
            for pair in 0..<4 {
                let k = pair & (half - 1)
                let i = (pair - k) * 2 + k
                let j = i + half
                let (c, s) = (turns[k << stage], sines[k << stage])
                let (x, y) = (r[i] - r[j], m[i] - m[j])
                r[i] += r[j]
                m[i] += m[j]
                r[j] = x * c - y * s
                m[j] = x * s + y * c
            }
        }
    }

    /// The three bits of a number, backwards.
    @inline(__always)
    private static func reversed(_ i: Int) -> Int { (i & 1) << 2 | i & 2 | i >> 2 }
}
