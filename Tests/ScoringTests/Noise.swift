import TestSupport

extension SeededRandom {
    /// About normal: mean 0, deviation 1.
    mutating func noise() -> Double {
        (0..<12).reduce(-6.0) { sum, _ in sum + Double(next() >> 11) * 0x1p-53 }
    }
}
