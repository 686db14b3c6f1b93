/// Logarithm and power to the base two that cost a few multiplications and no call, for the path that every sample
/// takes.
///
/// Both are polynomials of degree five, fitted for the least greatest error; the tests hold them to the bounds given
/// here.
extension Float {
    /// log2 of this number, for a number that is positive: the absolute error is at most 3e-6 beside the rounding of
    /// the result.
    ///
    /// Zero and subnormal numbers count as about 2^-127 and infinity as 2^128, so that the result is always finite.
    @inline(__always)
    package var quickLog2: Float {
        // The fraction is taken from √½ to √2, so that its logarithm is small on both sides of one and exact at one.
        let rootOfHalf: Int32 = 0x3F35_04F3
        let bits = Int32(bitPattern: bitPattern)
        let exponent = (bits &- rootOfHalf) >> 23
        let f = Float(bitPattern: UInt32(bitPattern: bits &- (exponent &<< 23))) - 1
        let f2 = f * f
        let low: Float = 1.442_713_5 - 0.721_131_86 * f
        let middle: Float = 0.479_348 - 0.367_490_01 * f
        let high: Float = 0.322_154_93 - 0.206_591_74 * f
        return Float(exponent) + f * (low + f2 * (middle + f2 * high))
    }

    /// Two to the power of this number, for a number from -126 to 127: the relative error is at most 3e-7.
    @inline(__always)
    package var quickExp2: Float {
        // Adding 1.5 * 2^23 leaves no place for a fraction: the sum's low bits are the nearest whole number.
        let wholeOnly: Float = 12_582_912
        let shifted = self + wholeOnly
        let f = self - (shifted - wholeOnly)
        let f2 = f * f
        let low: Float = 1.000_000_1 + 0.693_146_97 * f
        let middle: Float = 0.240_221_2 + 0.055_507_133 * f
        let high: Float = 0.009_675_542 + 0.001_327_647_2 * f
        let power = low + f2 * (middle + f2 * high)
        return Float(bitPattern: power.bitPattern &+ (shifted.bitPattern &<< 23))
    }
}
