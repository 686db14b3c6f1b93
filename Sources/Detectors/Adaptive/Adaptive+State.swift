extension Adaptive {
    /// What is learned of one series.
    ///
    /// Values stand as their distance from `offset`, so that `Float` has its digits for what changes and not for what
    /// stays: 10^15 + 1 is no `Float`, but 1 is. The offset is the first value. Where the mean has moved away from it
    /// by more than four times the range, the offset moves to the mean, for otherwise the slow means would stall: their
    /// steps, a 30,000th of a distance, would be less than the last digit of a large number.
    ///
    /// In `Float` these are 72 bytes; a change to the fields or to their meaning wants a new state version.
    package struct State: BitwiseCopyable, Sendable {
        /// What is added to `last`, `fast`, `slow`, `mean`, `high` and `low` to have them in the signal's unit.
        var offset = 0.0
        /// The three forecasts of the next value.
        var last: Number = 0
        var fast: Number = 0
        var slow: Number = 0
        /// The mean of all values, half-life 20,000; the range is forgotten towards it.
        var mean: Number = 0
        /// The mean absolute error of each forecast, half-life 200.
        var lastLoss: Number = 0
        var fastLoss: Number = 0
        var slowLoss: Number = 0
        /// s: the mean residual, half-life 200; one residual counts for at most six times the mean.
        var residual: Number = 0
        /// u: the 95 % quantile of the residuals, by stochastic approximation.
        var tail: Number = 0
        /// z: the mean of the residuals above a thousandth of the range.
        var nonZero: Number = 0
        /// s': the mean distance from the slow mean, half-life 2,000, clipped likewise.
        var distance: Number = 0
        /// u': the 95 % quantile of that distance.
        var distanceTail: Number = 0
        /// The range: greatest and least value, forgotten with a half-life of 20,000 samples.
        var high: Number = 0
        var low: Number = 0
        /// The residual of the last value, with its sign.
        var lastError: Number = 0
        /// How many values were seen; stays at the greatest `UInt16`, where 1/n is below each gain it is compared with.
        var seen: UInt16 = 0
        /// How many residuals went into `nonZero`; stays at the greatest `UInt8`, from where the gain alone counts.
        var nonZeroSeen: UInt8 = 0
        /// Whether the last value was beyond all measure and so not learned.
        var isDoubting = false
    }
}

extension Adaptive.State {
    /// What losses and residual do not sink below. It is far below all that a score can show, but no subnormal number,
    /// with which processors are slow; a constant series would sooner or later consist of nothing else.
    @inline(__always)
    static var least: Number { 0x1p-100 }

    /// Added and taken away again, so that a mean that approaches zero arrives there and is no subnormal number for
    /// ever.
    @inline(__always)
    static var grain: Number { 0x1p-70 }

    @inline(__always)
    var range: Number { high - low }

    /// What counts as no change in values of this size: their rounding, or that of whoever made them.
    @inline(__always)
    var tiny: Number { 1e-12 + 1e-9 * abs(Number(offset) + mean) }

    /// σ: the scale of the residuals.
    @inline(__always)
    var scale: Number { larger(residual, larger(tail * (1 / 1.96), nonZero * 0.5)) }

    /// σ': the scale of the distance from the slow mean.
    @inline(__always)
    var slowScale: Number { larger(distance, larger(distanceTail * (1 / 1.96), scale)) }

    /// Whether a value is a million times as far off as any before, so that learning it would blind the detector for months.
    /// Such a value is learned only where the one before was like it. A series that never changed has no measure.
    @inline(__always)
    func isBeyondMeasure(_ v: Number) -> Bool {
        range > 1_000 * tiny && abs(v - mean) > 0x1p20 * range
    }

    mutating func begin(at value: Double) {
        offset = value
        seen = 1
    }

    /// Learns what residuals and what distances from the slow mean to expect.
    @inline(__always)
    mutating func learn(
        residual r: Number, distance e: Number, range: Number, perSeen: Number, isWarm: Bool,
        gains: Adaptive<Number>.Gains
    ) {
        let gain = larger(gains.quantile, perSeen)
        tail = followed(tail, r, mean: residual, gain: gain, isWarm: isWarm)
        distanceTail = followed(distanceTail, e, mean: distance, gain: gain, isWarm: isWarm)

        let isNonZero = r > range * 0.001
        nonZeroSeen &+= isNonZero && nonZeroSeen < .max ? 1 : 0
        var nonZeroGain = isNonZero ? gains.nonZero : 0
        if isNonZero, nonZeroSeen < .max { nonZeroGain = larger(nonZeroGain, 1 / Number(nonZeroSeen)) }
        nonZero += nonZeroGain * (r - nonZero)

        let clip = isWarm && residual > Self.least ? 6 * residual : .greatestFiniteMagnitude
        residual = larger(Self.least, residual + larger(gains.loss, perSeen) * (smaller(r, clip) - residual))
        let distanceClip = isWarm && distance > Self.least ? 6 * distance : .greatestFiniteMagnitude
        distance = larger(Self.least, distance + gain * (smaller(e, distanceClip) - distance))
    }

    /// A 95 % quantile by stochastic approximation: begun as twice the mean, then moved up 19 times as far as down.
    @inline(__always)
    private func followed(_ quantile: Number, _ r: Number, mean: Number, gain: Number, isWarm: Bool) -> Number {
        let step = gain * 0.5 * larger(quantile, mean)
        let moved = larger(0, quantile + (r > quantile ? 19 * step : -step))
        return seen > UInt16(Adaptive<Number>.warmUp) ? moved : (isWarm ? 2 * mean : 0)
    }

    /// Learns how good the forecasts are. Comes after the residual: its new mean is the measure of what is an outlier.
    @inline(__always)
    mutating func learn(errors: (last: Number, fast: Number, slow: Number), gain: Number, isWarm: Bool) {
        let clip = isWarm ? 6 * residual : .greatestFiniteMagnitude
        lastLoss = larger(Self.least, lastLoss + gain * (smaller(abs(errors.last), clip) - lastLoss))
        fastLoss = larger(Self.least, fastLoss + gain * (smaller(abs(errors.fast), clip) - fastLoss))
        slowLoss = larger(Self.least, slowLoss + gain * (smaller(abs(errors.slow), clip) - slowLoss))
    }

    /// Learns the next forecasts and the range.
    @inline(__always)
    mutating func learn(
        value v: Number, errors: (last: Number, fast: Number, slow: Number), perSeen: Number,
        gains: Adaptive<Number>.Gains
    ) {
        mean = (mean + larger(gains.range, perSeen) * (v - mean) + Self.grain) - Self.grain
        high = larger(v, high - gains.range * (high - mean))
        low = smaller(v, low + gains.range * (mean - low))
        fast = (fast + gains.fastMean * errors.fast + Self.grain) - Self.grain
        slow = (slow + larger(gains.slowMean, perSeen) * errors.slow + Self.grain) - Self.grain
        last = v
    }

    /// Moves the offset to the mean.
    @inline(never)
    mutating func recentre() {
        let shift = mean
        offset += Double(shift)
        last -= shift
        fast -= shift
        slow -= shift
        high -= shift
        low -= shift
        mean = 0
    }
}
