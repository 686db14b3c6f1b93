extension Seasonal {
    /// What is learned of one series.
    ///
    /// Values stand as their distance from `offset`, which is the first value until the mean has left it far behind, so
    /// that `Float` has its digits for what changes (see ``Adaptive/State``). In `Float` these are 336 bytes, of which
    /// the bins take 240; a change to the fields or to their meaning wants a new state version.
    struct State: BitwiseCopyable, Sendable {
        /// What is added to the values below to have them in the signal's unit.
        var offset = 0.0
        /// The mean of the values at each time of day; ``DayPattern`` says which is where.
        var bins = InlineArray<48, Number>(repeating: 0)
        /// How many values each bin has seen; stays at 255, where 1/n is below its gain.
        var binSeen = InlineArray<48, UInt8>(repeating: 0)
        /// The mean absolute error of each forecaster, half-life 200, in the order of ``errors(of:bin:)``.
        var losses = InlineArray<6, Number>(repeating: 0)
        var last: Number = 0
        var fast: Number = 0
        var slow: Number = 0
        /// Holt's level, and its change per sample.
        var level: Number = 0
        var trend: Number = 0
        /// How far the last values lay above the bins of their times, half-life 3.
        var shift: Number = 0
        /// The mean of all values, half-life 20,000; the range is forgotten towards it.
        var mean: Number = 0
        var high: Number = 0
        var low: Number = 0
        /// The forecast that the last learned value was held against.
        var forecast: Number = 0
        var scale = ResidualScale<Number>()
        /// How many values were learned; stays at the greatest `UInt16`.
        var seen: UInt16 = 0
        /// Whether the value before was absurd and put off.
        var hasPutOff = false
    }
}

extension Seasonal.State {
    /// Added and taken away again, so that a mean that approaches zero arrives there and is no subnormal number for
    /// ever.
    @inline(__always)
    private static var grain: Number { 0x1p-70 }

    @inline(__always)
    var range: Number { high - low }

    /// What counts as no change in values of this size: their rounding, or that of whoever made them.
    @inline(__always)
    var tiny: Number { 1e-12 + 1e-9 * abs(Number(offset) + mean) }

    mutating func begin(at value: Double) {
        offset = value
        seen = 1
    }

    /// The bin to forecast from: the slot's own or, as long as that is empty, the one of the other kind of day.
    @inline(__always)
    func learnedBin(_ slot: DayPattern.Slot) -> Int {
        binSeen[slot.bin] == 0 && binSeen[slot.other] > 0 ? slot.other : slot.bin
    }

    /// How far a value lies from each forecast.
    ///
    /// A mean of these, not the error of a mean: in `Float`, a difference of large numbers would lose what matters.
    @inline(__always)
    func errors(of v: Number, bin: Int) -> InlineArray<6, Number> {
        let isKnown = binSeen[bin] > 0
        let usual = bins[bin]
        return [
            v - last, v - fast, v - slow, v - (level + trend), v - (isKnown ? usual : slow),
            v - (isKnown ? usual + shift : fast),
        ]
    }

    /// How much each forecaster's word counts: the inverse cube of its recent loss, against that of the best.
    ///
    /// A forecaster that is a million times worse than the best counts as a million times worse: all beyond is the same
    /// nothing, and the cubes stay inside a `Float` whatever the unit of the series.
    @inline(__always)
    func weights() -> InlineArray<6, Number> {
        let losses = losses
        let best =
            smaller(
                smaller(smaller(losses[0], losses[1]), smaller(losses[2], losses[3])), smaller(losses[4], losses[5]))
            + 1e-12
        let worst = best * 0x1p20
        return InlineArray { i in
            let share = best / smaller(losses[i] + 1e-12, worst)
            return share * share * share
        }
    }

    /// The error of the weighted forecast.
    @inline(__always)
    func mixed(_ errors: InlineArray<6, Number>) -> Number {
        let w = weights()
        let sum = ((w[0] + w[1]) + (w[2] + w[3])) + (w[4] + w[5])
        let error =
            ((w[0] * errors[0] + w[1] * errors[1]) + (w[2] * errors[2] + w[3] * errors[3]))
            + (w[4] * errors[4] + w[5] * errors[5])
        return error / sum
    }

    /// Whether a value is so far off that it must be confirmed by the next one before it is learned.
    ///
    /// Against a series that was constant every change is large: there only what no unit of measurement explains
    /// counts.
    @inline(__always)
    mutating func putsOff(_ v: Number, range: Number, tiny: Number) -> Bool {
        let limit = range > tiny ? range * 0x1p20 : tiny * 0x1p100
        let isAbsurd = abs(v - mean) > limit
        hasPutOff = isAbsurd && !hasPutOff
        return hasPutOff
    }

    /// Learns how good the forecasts are. Comes after the residual: its new mean is the measure of what is an outlier.
    @inline(__always)
    mutating func learn(losses errors: InlineArray<6, Number>, gain: Number, isWarm: Bool) {
        let clip = isWarm ? 6 * scale.mean : .greatestFiniteMagnitude
        let losses = losses
        self.losses = InlineArray { i in
            larger(ResidualScale<Number>.least, losses[i] + gain * (smaller(abs(errors[i]), clip) - losses[i]))
        }
    }

    /// Learns the range and the forecasts that know no time of day.
    @inline(__always)
    mutating func learn(
        value v: Number, errors: InlineArray<6, Number>, perSeen: Number, step: Number, gains: Seasonal<Number>.Gains
    ) {
        let rangeGain = gains.range * step
        mean = settled(mean + larger(rangeGain, perSeen) * (v - mean))
        high = larger(v, high - rangeGain * (high - mean))
        low = smaller(v, low + rangeGain * (mean - low))
        fast = settled(fast + gains.fast * step * errors[1])
        slow = settled(slow + larger(gains.slow * step, perSeen) * errors[2])
        // The trend is per sample: of a quarter of a step it is a quarter, and follows four times as slowly.
        level = settled(level + trend + gains.level * step * errors[3])
        trend = settled(trend + gains.trend * step * step * errors[3])
        last = v
    }

    /// Learns the time of day: the bin's mean, and how far the newest values lie from it.
    @inline(__always)
    mutating func learn(
        value v: Number, bin: Int, from known: Int, step: Number, gains: Seasonal<Number>.Gains
    ) {
        let count = binSeen[bin]
        // An empty bin begins at its first value.
        let before = count == 0 ? v : bins[bin]
        let forecast = binSeen[known] == 0 ? v : bins[known]
        shift = settled(shift + gains.fast * step * ((v - forecast) - shift))
        let next = count < .max ? count + 1 : count
        binSeen[bin] = next
        bins[bin] = settled(before + larger(gains.bin * step, 1 / Number(next)) * (v - before))
    }

    @inline(__always)
    private func settled(_ x: Number) -> Number { (x + Self.grain) - Self.grain }

    /// Moves the offset to the mean.
    @inline(never)
    mutating func recentre() {
        let distance = mean
        offset += Double(distance)
        last -= distance
        fast -= distance
        slow -= distance
        level -= distance
        high -= distance
        low -= distance
        forecast -= distance
        for i in bins.indices { bins[i] -= distance }
        mean = 0
    }
}
