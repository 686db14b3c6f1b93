import Foundation
import Testing

@testable import Detectors

@Suite struct QuickPowersTests {
    @Test func `the logarithm is within its bound for all fractions and exponents`() {
        // The closest look is at the numbers around one.
        var worst = 0.0
        for exponent: UInt32 in 1...254 {
            let step = exponent == 126 || exponent == 127 ? 1_023 : 65_537
            for fraction in stride(from: UInt32(0), to: 1 << 23, by: step) {
                let x = Float(bitPattern: exponent << 23 | fraction)
                let exact = log2(Double(x))
                worst = max(worst, abs(Double(x.quickLog2) - exact) - Double(Float(abs(exact)).ulp))
            }
        }
        #expect(worst <= 3e-6)
    }

    @Test func `the logarithm of one is zero, and that of zero and infinity is finite`() {
        #expect(Float(1).quickLog2 == 0)
        #expect(Float(0).quickLog2 < -126)
        #expect(Float(0).quickLog2.isFinite)
        #expect(Float.infinity.quickLog2 == 128)
    }

    @Test func `the power is within its bound from -126 to 127`() {
        var worst = 0.0
        for step in 0...506_000 {
            let x = -126 + Float(step) / 2_000
            let exact = exp2(Double(x))
            worst = max(worst, abs(Double(x.quickExp2) - exact) / exact)
        }
        #expect(worst <= 3e-7)
    }

    @Test func `the power of 0.15 is within its bound`() {
        var worst = 0.0
        for step in 0...200_000 {
            let x = Float(pow(10, -30 + Double(step) * 60 / 200_000))
            let exact = pow(Double(x), 0.15)
            worst = max(worst, abs(Double(x.toThePower015) - exact) / exact)
        }
        #expect(worst <= 2e-6)
        #expect(Float.infinity.toThePower015.isFinite)
        #expect(Double(2).toThePower015 == pow(2, 0.15))
    }
}
