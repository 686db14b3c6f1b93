internal import RealModule

/// The usual distance of values from where they are expected, which single outliers do not move.
///
/// A distance counts for at most six times the standard deviation; where one such comes right after another, the limit is
/// four times as high each time. A lone outlier is clipped, but a scale that is simply wrong (noise begins on a series
/// that was constant) is right again within a few samples.
struct ClippedSpread: BitwiseCopyable, Sendable {
    static var clip: Float { 6 }

    /// The mean distance.
    private(set) var mean: Float = 0
    /// Distances beyond six standard deviations in a row.
    private var streak: Int32 = 0

    /// The standard deviation that normal values with that mean distance have, and at least `tiny`.
    @inline(__always)
    func deviation(_ tiny: Float) -> Float { max(1.2533 * mean, tiny) }

    /// The distance beyond which the next one is clipped.
    @inline(__always)
    func limit(_ tiny: Float) -> Float {
        Self.clip * deviation(tiny) * (streak == 0 ? 1 : Float(sign: .plus, exponent: Int(2 * streak), significand: 1))
    }

    /// Learns a distance; while warming up all of it, for the scale is then still that of nothing.
    @inline(__always)
    mutating func learn(_ distance: Float, gain: Float, tiny: Float, isWarm: Bool = true) {
        let isFar = isWarm && distance > Self.clip * deviation(tiny)
        mean += gain * ((isWarm ? min(distance, limit(tiny)) : distance) - mean)
        streak = isFar ? min(streak + 1, 30) : 0
    }
}

/// How fast means follow that are learned sample by sample.
enum Gain {
    /// 1 - 2^(-1/h) for a half-life of h samples.
    static func gain(halfLife: Double) -> Float { Float(1 - Double.exp2(-1 / halfLife)) }
}
