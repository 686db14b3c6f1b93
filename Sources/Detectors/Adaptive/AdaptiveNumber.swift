internal import RealModule

/// The numbers that ``Adaptive`` can reckon in: `Float` in production, `Double` to be held against a reference.
package protocol AdaptiveNumber: BinaryFloatingPoint, BitwiseCopyable, Sendable {
    /// This number to the power of 0.15. For a number above 0; infinity may give any number above 1.
    var toThePower015: Self { get }
}

extension Float: AdaptiveNumber {
    /// The relative error is at most 2e-6 from 1e-30 to 1e30; never infinite.
    @inline(__always)
    package var toThePower015: Float { (0.15 * quickLog2).quickExp2 }
}

extension Double: AdaptiveNumber {
    package var toThePower015: Double { Double.pow(self, 0.15) }
}

/// The larger of two numbers that are not NaN: one instruction, where `max` takes four to mind NaN.
@inline(__always)
func larger<Number: AdaptiveNumber>(_ a: Number, _ b: Number) -> Number { a > b ? a : b }

/// The smaller of two numbers that are not NaN.
@inline(__always)
func smaller<Number: AdaptiveNumber>(_ a: Number, _ b: Number) -> Number { a < b ? a : b }
