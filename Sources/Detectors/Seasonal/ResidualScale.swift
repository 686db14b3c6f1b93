/// How large the residuals of a series usually are, with an eye on their tail: σ of the study of detection quality,
/// section 6.1.
///
/// The mean alone would make every burst of a bursty series an anomaly. So a series whose residuals have a heavy tail
/// is held against that tail, and one that is mostly still against those of its residuals that are not about zero.
struct ResidualScale<Number: AdaptiveNumber>: BitwiseCopyable, Sendable {
    /// s: the mean residual, half-life 200; one residual counts for at most six times the mean.
    var mean: Number = 0
    /// u: the 95 % quantile of the residuals, by stochastic approximation.
    var tail: Number = 0
    /// z: the mean of the residuals above a thousandth of the range.
    var nonZero: Number = 0
    /// How many residuals went into `nonZero`; stays at the greatest `UInt16`.
    var nonZeroSeen: UInt16 = 0

    /// What a mean does not sink below: far below all that a score can show, but no subnormal number, with which
    /// processors are slow.
    @inline(__always)
    static var least: Number { 0x1p-100 }

    /// σ
    @inline(__always)
    var value: Number { larger(mean, larger(tail * (1 / 1.96), nonZero * 0.5)) }

    /// Learns a residual, as the `seen`-th value of the series.
    /// - Parameter perSeen: 1 / `seen`
    @inline(__always)
    mutating func learn(
        _ r: Number, range: Number, seen: UInt16, perSeen: Number, warmUp: UInt16, quantileGain: Number,
        meanGain: Number, nonZeroGain: Number
    ) {
        let isWarm = seen >= warmUp
        let step = larger(quantileGain, perSeen) * 0.5 * larger(tail, mean)
        let moved = larger(0, tail + (r > tail ? 19 * step : -step))
        tail = seen > warmUp ? moved : (isWarm ? 2 * mean : 0)

        let isNonZero = r > range * 0.001
        nonZeroSeen &+= isNonZero && nonZeroSeen < .max ? 1 : 0
        let gain = isNonZero ? larger(nonZeroGain, 1 / Number(nonZeroSeen)) : 0
        nonZero += gain * (r - nonZero)

        let clip = isWarm && mean > Self.least ? 6 * mean : .greatestFiniteMagnitude
        mean = larger(Self.least, mean + larger(meanGain, perSeen) * (smaller(r, clip) - mean))
    }
}
