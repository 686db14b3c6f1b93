internal import RealModule

/// One interval of observed values, and how many fell into it: 32 bytes.
struct Bin: BitwiseCopyable {
    /// Where an interval ends; of exponential buckets ``key`` says so instead.
    var upper: Double
    /// What the counter showed at the last scrape: of classic buckets all up to `upper`, of native ones the bucket alone.
    var last = 0.0
    /// Classic: the slot in the ``ClassicAssembly``. Exponential: the place on the axis, see ``ExponentialScale``.
    var key: Int32
    /// Observations since the scrape before.
    var increase: Float = 0
    var window: Float = 0
    var reference: Float = 0
}

/// What a family's recent observations look like, beside what they looked like before.
///
/// Both are counts that fade exponentially with the samples' time. A fading window needs no ring of snapshots, so its memory
/// does not grow with its length, and a missed scrape only makes the next step longer.
struct Distribution {
    /// The window's time constant, in seconds, is the time in which ``targetMass`` observations come, within these limits
    /// and not below the distance of two scrapes.
    ///
    /// Measured with the default detector, which looks for steps: with scrapes of 15 s and a constant of 60 s a doubled p99
    /// was seen after 8 to 11 scrapes, since the window spreads the step; with 20 s, where a scrape that brings enough
    /// observations is more than half of what is seen, after 1 to 3, and still no false alarm in weeks. Services with few
    /// requests need longer for a tail that means something.
    static let windowSeconds = 20.0...300.0
    static let targetMass = 250.0
    /// The time constant of the past that the shape is compared with, in seconds: long against the window, short against a
    /// day. Compared with two hours, a distribution that follows the hours of the day was always some way from its past,
    /// and a change had to stand out against that.
    static let referenceSeconds = 1_800.0
    /// The past must reach back so far, in seconds, before it is compared with.
    static let referenceWarmUp = 1_800.0

    var bins: [Bin] = []
    /// Observations in the window, and the sum of their squared weights.
    private(set) var mass = 0.0
    private var squaredMass = 0.0
    /// The window's seconds: ``mass`` over it is the mean rate.
    private var span = 0.0
    private var sum = 0.0
    private var sumMass = 0.0
    private var referenceMass = 0.0
    private var squaredReferenceMass = 0.0
    private var referenceSpan = 0.0
    /// The sum of each observation's weight in the window times that in the past.
    private var sharedMass = 0.0

    /// The mean of the window; nil where there are too few observations or the sum is not known.
    var mean: Double? { sumMass >= 5 ? sum / sumMass : nil }

    /// Whether a quantile can be told: at least two observations, by weight, must lie beyond it.
    func canTell(_ fraction: Double) -> Bool { mass >= 10 && mass * (1 - fraction) >= 2 }

    /// Forgets all that was learned and takes other intervals.
    mutating func restart(_ bins: [Bin]) {
        self = Distribution()
        self.bins = bins
    }

    /// Moves window and past on by one scrape, whose observations are the bins' increases.
    /// - Parameter sumIncrease: nil where it is not known.
    mutating func advance(seconds: Double, sumIncrease: Double?) {
        var total = 0.0
        for bin in bins { total += Double(bin.increase) }
        let rate = (mass + total) / (span + seconds)
        let usual = min(max(Self.targetMass / rate, Self.windowSeconds.lowerBound), Self.windowSeconds.upperBound)
        let keep = Double.exp(-seconds / max(usual, seconds))
        let referenceKeep = Double.exp(-seconds / Self.referenceSeconds)
        fade(keep: keep, referenceKeep: referenceKeep)
        mass = mass * keep + total
        squaredMass = squaredMass * keep * keep + total
        sharedMass = sharedMass * keep * referenceKeep + total
        span = span * keep + seconds
        referenceSpan += seconds
        sum *= keep
        sumMass *= keep
        if let sumIncrease {
            sum += sumIncrease
            sumMass += total
        }
        learn(total, keep: referenceKeep)
    }

    /// As above for what is no counter: the window is what is there now.
    mutating func replace(seconds: Double, sum: Double?) {
        var total = 0.0
        for bin in bins { total += Double(bin.increase) }
        let referenceKeep = Double.exp(-seconds / Self.referenceSeconds)
        fade(keep: 0, referenceKeep: referenceKeep)
        mass = total
        squaredMass = total
        sharedMass = total
        span = seconds
        referenceSpan += seconds
        self.sum = sum ?? 0
        sumMass = sum == nil ? 0 : total
        learn(total, keep: referenceKeep)
    }

    private mutating func fade(keep: Double, referenceKeep: Double) {
        let (keep, referenceKeep) = (Float(keep), Float(referenceKeep))
        // Moved out and back, so that the span does not borrow the rest.
        var column: [Bin] = []
        swap(&column, &bins)
        var span = column.mutableSpan
        for i in span.indices {
            span[i].window = span[i].window * keep + span[i].increase
            span[i].reference = span[i].reference * referenceKeep + span[i].increase
        }
        swap(&column, &bins)
    }

    private mutating func learn(_ total: Double, keep: Double) {
        referenceMass = referenceMass * keep + total
        squaredReferenceMass = squaredReferenceMass * keep * keep + total
    }

    /// The distance of the window from the past: the square root of the Jensen-Shannon divergence in bits, which is a metric
    /// from 0 to 1 (Endres and Schindelin 2003), less what chance alone would show; nil where one of them is not known.
    ///
    /// With the divergence J and its bias b the result is J / sqrt(J + b / 4): nearly sqrt(J) where J is large, yet smooth and
    /// above 0 where it is small, since a signal that is often exactly 0 has no scale to be judged by. With the whole of b
    /// what chance alone shows has a longer tail, of which more false alarms come.
    /// - Complexity: O(bins), two logarithms a bin.
    var shape: Double? {
        guard bins.count > 1, mass >= 20, referenceSpan >= Self.referenceWarmUp, referenceMass > 0 else { return nil }
        let totals = totals
        guard totals.window > 0, totals.reference > 0 else { return nil }
        let divergence = self.divergence
        return divergence > 0 ? divergence / (divergence + divergenceByChance / 4).squareRoot() : 0
    }

    /// The divergence, in bits, that two samples of one distribution show on average.
    ///
    /// That is (k - 1) (1/n + 1/m) / (8 ln 2) for k bins with n and m observations: to second order the divergence is the
    /// sum of (p - q)^2 / (8 (p + q) / 2) nats, a chi-square of k - 1 degrees of freedom. Weights that fade are worth fewer
    /// observations than they sum up to, and those of the window, which are in the past too, do not count twice. A bin of
    /// which less than one observation is expected adds less, and counts as a part of one.
    var divergenceByChance: Double {
        let variance =
            squaredMass / (mass * mass) + squaredReferenceMass / (referenceMass * referenceMass) - 2 * sharedMass
            / (mass * referenceMass)
        guard variance > 0 else { return 0 }
        // In observations.
        let both = 1 / variance
        let past = referenceMass * referenceMass / squaredReferenceMass
        let observations = mass * mass / squaredMass
        let (windowTotal, referenceTotal) = totals
        var degrees = -1.0
        for bin in bins {
            let p = Double(bin.window) / windowTotal
            let q = Double(bin.reference) / referenceTotal
            let pooled = (p * observations + q * past) / (observations + past)
            degrees += min(1, 8 * Self.ln2 * both * pooled)
        }
        return max(degrees, 0) / (8 * Self.ln2 * both)
    }

    /// The Jensen-Shannon divergence of window and past, in bits: 0 to 1. Both must have observations.
    var divergence: Double {
        let (windowTotal, referenceTotal) = totals
        var divergence = 0.0
        for bin in bins {
            let p = Double(bin.window) / windowTotal
            let q = Double(bin.reference) / referenceTotal
            let middle = (p + q) / 2
            if p > 0 { divergence += p * Double.log2(p / middle) / 2 }
            if q > 0 { divergence += q * Double.log2(q / middle) / 2 }
        }
        return max(divergence, 0)
    }

    /// Where bins were merged or rounded, the sums are the bins' own.
    private var totals: (window: Double, reference: Double) {
        bins.reduce(into: (0, 0)) { sums, bin in
            sums.0 += Double(bin.window)
            sums.1 += Double(bin.reference)
        }
    }

    private static let ln2 = 0.693_147_180_559_945_3
}
