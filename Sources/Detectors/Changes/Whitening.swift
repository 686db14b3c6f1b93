/// Turns a series into about independent numbers of mean 0 and standard deviation 1, as tests for change assume them.
///
///     d = v - mean,   e = d - a d' - b d̄,   z = e / (1.2533 mean|e|)
///
/// with d' the deviation before, d̄ a fast mean of the deviations (gain 0.1), and a and b, neither negative, by least
/// squares with forgetting. On raw values the tests are not usable: a unit other than 1 or some autocorrelation makes
/// Page-Hinkley alarm every 30 samples and ADWIN 60 times in 10,000 (measured with river). With d' alone, noise on a slow
/// wave makes a too small and the wave alarms: 27 false alarms a week with CUSUM on the study's 26 normal series, 9 with
/// both. The mean is slow (half-life 500 samples), so that a change stays visible for long; a + b is at most 0.998.
/// Distances are clipped, see ``ClippedSpread``.
///
/// The price: on a series that is nearly a random walk a step is one large residual and no more, which these tests pass
/// over.
/// - Complexity: O(1); 60 bytes.
struct Whitening: BitwiseCopyable, Sendable {
    /// Samples that are only learned from.
    static var warmUp: Int { 60 }
    private static let meanGain = Gain.gain(halfLife: 500)
    private static let scaleGain = Gain.gain(halfLife: 200)

    /// The fixed gains, made once a detector: a `static let` would be asked for every sample.
    struct Gains: Sendable {
        fileprivate let mean = Whitening.meanGain
        fileprivate let scale = Whitening.scaleGain
    }

    private(set) var mean = 0.0
    private var previous: Float = 0
    /// d̄
    private var smooth: Float = 0
    private var deviations = ClippedSpread()
    private var residuals = ClippedSpread()
    /// The moments of least squares, of deviations in their own unit: d'd', d̄d̄, d'd̄, dd' and dd̄.
    private var previousSquare: Float = 0
    private var smoothSquare: Float = 0
    private var between: Float = 0
    private var withPrevious: Float = 0
    private var withSmooth: Float = 0
    /// Samples since the mean was begun; up to the greatest `UInt16`.
    private var sinceStart: UInt16 = 0
    private(set) var seen: UInt16 = 0

    @inline(__always)
    var isWarm: Bool { Int(seen) >= Self.warmUp }
    @inline(__always)
    private var tiny: Float { Float(1e-12 + 1e-9 * abs(mean)) }

    /// a and b. A hundredth is added to the squares, for where the two are nearly the same.
    @inline(__always)
    var weights: (previous: Float, smooth: Float) {
        let p = previousSquare * 1.01 + 1e-6
        let s = smoothSquare * 1.01 + 1e-6
        let determinant = p * s - between * between
        var a = max(0, (withPrevious * s - withSmooth * between) / determinant)
        var b = max(0, (withSmooth * p - withPrevious * between) / determinant)
        // Where one would be negative, the best that the other can do alone.
        if a == 0 { b = max(0, withSmooth / s) } else if b == 0 { a = max(0, withPrevious / p) }
        let shrink = a + b > 0.998 ? 0.998 / (a + b) : 1
        return (a * shrink, b * shrink)
    }

    /// The standard deviation of the residuals, in the unit of the signal.
    @inline(__always)
    var scale: Float { residuals.deviation(tiny) }

    /// Judges a value by those before, then learns from it.
    ///
    /// - Returns: z, from -1,000 to 1,000, and how far the value is from the mean.
    @inline(__always)
    mutating func next(_ value: Double, _ gains: Gains) -> (z: Float, deviation: Float) {
        let held = value.heldForFloat
        if seen == 0 { begin(at: held) }
        let deviation = Float(held - mean)
        let tiny = tiny
        let isWarm = isWarm
        let weights = weights
        let residual = deviation - weights.previous * previous - weights.smooth * smooth
        let z = max(-1_000, min(1_000, residual / residuals.deviation(tiny)))

        seen &+= seen < .max ? 1 : 0
        sinceStart &+= sinceStart < .max ? 1 : 0
        let perSeen = 1 / Float(seen)
        residuals.learn(abs(residual), gain: max(gains.scale, perSeen), tiny: tiny, isWarm: isWarm)

        let limit = isWarm ? deviations.limit(tiny) : .greatestFiniteMagnitude
        let learned = max(-limit, min(limit, deviation))
        deviations.learn(abs(deviation), gain: max(gains.scale, perSeen), tiny: tiny, isWarm: isWarm)
        let perUnit = 1 / deviations.deviation(tiny)
        let unit = max(-4, min(4, learned * perUnit))
        let gain = max(gains.mean, perSeen)
        let before = max(-4, min(4, previous * perUnit))
        let usual = max(-4, min(4, smooth * perUnit))
        previousSquare += gain * (before * before - previousSquare)
        smoothSquare += gain * (usual * usual - smoothSquare)
        between += gain * (before * usual - between)
        withPrevious += gain * (unit * before - withPrevious)
        withSmooth += gain * (unit * usual - withSmooth)

        let shift = max(gains.mean, 1 / Float(sinceStart)) * learned
        mean += Double(shift)
        previous = learned - shift
        smooth += 0.1 * (learned - smooth) - shift
        return (z, deviation)
    }

    /// Takes a value as the new mean: a change was found, and the past is no measure any more.
    mutating func begin(at value: Double) {
        mean = value.heldForFloat
        previous = 0
        smooth = 0
        sinceStart = min(seen, 1)
    }

    /// A deviation with the direction that a test found; the newest value may be back on the other side by chance.
    @inline(__always)
    static func directed(_ deviation: Float, up: Bool) -> Float { up ? abs(deviation) : -abs(deviation) }

    /// In the unit of the signal.
    func reasons() -> [Reason] {
        [
            Reason("mean", mean), Reason("scale", Double(scale)),
            Reason("weight of the value before", Double(weights.previous)),
            Reason("weight of the fast mean", Double(weights.smooth)),
        ]
    }

    /// The outlook of a test for change: a mean, and no bound that one value could pass.
    func outlook() -> Outlook {
        Outlook(
            expected: seen == 0 ? nil : mean, lower: nil, upper: nil, warmUpLeft: max(0, Self.warmUp - Int(seen)))
    }
}
