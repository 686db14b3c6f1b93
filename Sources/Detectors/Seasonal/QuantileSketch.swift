/// A low quantile, the median and a high quantile of a stream, each followed by stochastic approximation.
struct QuantileSketch: BitwiseCopyable, Sendable, Equatable {
    var low: Float = 0
    var middle: Float = 0
    var high: Float = 0

    init() {}

    /// The sketch of one value.
    init(at value: Float) {
        low = value
        middle = value
        high = value
    }

    /// Moves each quantile towards where `share` of the values lie below the low and above the high one.
    ///
    /// The outer two go a third of the way along with the median: of a value far inside they learn little, so that by
    /// themselves they would follow a change of level only after hundreds of values. The median moves as often up as
    /// down, so that this adds noise to them, but no bias.
    @inline(__always)
    mutating func learn(_ v: Float, share: Float, step: Float) {
        let along = step * (v > middle ? 0.5 : v < middle ? -0.5 : 0)
        let lowStep = step * (v > low ? share : v < low ? share - 1 : 0)
        let highStep = step * (v > high ? 1 - share : v < high ? -share : 0)
        middle += along
        low = smaller(middle, low + 0.33 * along + lowStep)
        high = larger(middle, high + 0.33 * along + highStep)
    }

    @inline(__always)
    mutating func move(by distance: Float) {
        low += distance
        middle += distance
        high += distance
    }

    /// Adds another, `weight` times.
    @inline(__always)
    mutating func add(_ other: QuantileSketch, weight: Float) {
        low += weight * other.low
        middle += weight * other.middle
        high += weight * other.high
    }

    @inline(__always)
    mutating func divide(by weight: Float) {
        low /= weight
        middle /= weight
        high /= weight
    }
}
