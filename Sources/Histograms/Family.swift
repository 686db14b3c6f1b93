internal import TimeSeries

/// One histogram family: what feeds it, what its counters showed last, and what was learned.
struct Family {
    enum Kind: Equatable {
        /// Nothing was taken yet.
        case none
        case classic
        case exponential(ExponentialScale)
        case custom
        case bucketless
    }

    /// Scrapes further apart than this, in seconds, or than four times their usual distance are not joined: as for counters.
    static let gapSeconds = 300.0
    /// A family that is sent both ways is seen through its native histogram, which is finer, until none came for so long.
    static let nativeSeconds = 300.0
    /// The most bins that are kept. Exponential buckets past it are merged by twos; 2^±1024 at the coarsest schema is 259.
    static let binLimit = 320

    /// No count reaches this: counters are of 64 bits. What does would stay in the window as infinity.
    static let countLimit = 0x1p64
    /// A sum that changes by more is not believed, for the same reason.
    static let sumLimit = 1e30

    /// The canonical labels with the bare name.
    let key: [UInt8]
    /// Series that feed it.
    var parts = 0
    var kind = Kind.none
    var distribution = Distribution()
    var assembly = ClassicAssembly()
    /// Of the signals, in the order of their raw values.
    var series = InlineArray<6, UInt32>(repeating: SignalValue.unbound)

    var lastTime = Timestamp(milliseconds: .min)
    var lastNative = Timestamp(milliseconds: .min)
    var lastCount = 0.0
    var lastSum = 0.0
    /// The usual distance of scrapes, in seconds; 0 before the second.
    private var interval = 0.0
    /// Whether the bins' counters are those of ``lastTime``.
    var hasBaseline = false

    init(key: [UInt8]) { self.key = key }

    /// The seconds since the last scrape; nil where it is too far back, or there is none.
    mutating func step(to time: Timestamp) -> Double? {
        guard hasBaseline else { return nil }
        let elapsed = time.seconds(since: lastTime)
        guard elapsed > 0, elapsed <= max(Self.gapSeconds, 4 * interval) else {
            // Scrapes that always lie so far apart are soon joined.
            interval = max(2 * interval, Self.gapSeconds / 4)
            return nil
        }
        interval = interval == 0 ? elapsed : interval + 0.1 * (elapsed - interval)
        return elapsed
    }

    /// By how much a sum rose, or fell: observations may be below 0. Nil where one of the two is no number, or absurd.
    static func increase(of sum: Double, since before: Double) -> Double? {
        abs(sum - before) < sumLimit ? sum - before : nil
    }

    // MARK: Classic

    /// Takes a classic part's value.
    /// - Returns: what came of it.
    mutating func take(
        _ value: Double, slot: Int, at time: Timestamp, _ id: FamilyID, into signals: inout [SignalValue]
    )
        -> ClassicAssembly.Step
    {
        if StaleMarker.matches(value) {
            if assembly.end(slot: slot, at: time), kind == .classic { hasBaseline = false }
            return .taken
        }
        let step = assembly.put(value, slot: slot, at: time)
        while let time = assembly.next() {
            if lastNative.milliseconds == .min || time.seconds(since: lastNative) > Self.nativeSeconds {
                closeClassic(at: time, id, into: &signals)
            }
            assembly.close()
        }
        return step
    }

    private mutating func closeClassic(at time: Timestamp, _ id: FamilyID, into signals: inout [SignalValue]) {
        if assembly.isChanged || kind != .classic { layOutClassic() }
        // Without a bucket up to infinity nobody knows how many there were.
        guard let last = distribution.bins.last, last.upper == .infinity else { return }
        var hasFallen = false
        for bin in distribution.bins {
            let value = assembly.value(Int(bin.key))
            // Not finite, or no counter: as if the scrape had not been.
            guard value >= 0, value < Self.countLimit else { return }
            // Sums of rates may fall by rounding alone.
            hasFallen = hasFallen || value < bin.last * (1 - 1e-12)
        }
        let total = assembly.value(Int(last.key))
        let sum = assembly.slots[ClassicAssembly.sumSlot].state == .expected ? assembly.value(0) : .nan
        let elapsed = step(to: time)
        // A process that started over shows less in all. Where only some buckets fell the scrape contradicts itself, and
        // taking all that was ever counted for new would be worse than leaving it out.
        let isRestart = hasFallen && total < last.last
        if hasFallen, !isRestart { hasBaseline = false }
        if isRestart { lastSum = 0 }
        let sumIncrease = Self.increase(of: sum, since: lastSum)
        var observed = 0.0
        // Moved out and back: written where it is, each element would be checked for another owner.
        var bins: [Bin] = []
        swap(&bins, &distribution.bins)
        for i in bins.indices {
            let value = assembly.value(Int(bins[i].key))
            // Parts that were read a moment apart may differ by a few: what is cumulative never falls along the bounds.
            let upTo = max(isRestart ? value : value - bins[i].last, observed)
            bins[i].increase = Float(upTo - observed)
            bins[i].last = value
            observed = upTo
        }
        swap(&bins, &distribution.bins)
        let isJoined = hasBaseline && elapsed != nil
        (lastTime, lastCount, lastSum, hasBaseline) = (time, total, sum, true)
        guard isJoined, let elapsed else { return }
        distribution.advance(seconds: elapsed, sumIncrease: sumIncrease)
        emit(rate: observed / elapsed, at: time, id, into: &signals)
    }

    /// Takes the buckets that are sent now for bins. Only where they are others than before is what was learned forgotten.
    private mutating func layOutClassic() {
        assembly.isChanged = false
        var bins: [Bin] = []
        for i in assembly.bucketSlots where assembly.slots[i].state == .expected {
            bins.append(Bin(upper: assembly.slots[i].upperBound, key: Int32(truncatingIfNeeded: i)))
        }
        bins.sort { $0.upper < $1.upper }
        if !bins.isEmpty, bins.last?.upper != .infinity, assembly.slots[ClassicAssembly.countSlot].state == .expected {
            // `_count` says the same as the bucket up to infinity.
            bins.append(Bin(upper: .infinity, key: Int32(ClassicAssembly.countSlot)))
        }
        guard
            kind != .classic || !bins.elementsEqual(distribution.bins, by: { $0.key == $1.key && $0.upper == $1.upper })
        else { return }
        kind = .classic
        hasBaseline = false
        distribution.restart(bins)
    }

    // MARK: Signals

    /// Appends all that can be told of the window now.
    /// - Parameter rate: nil for what is no counter.
    func emit(rate: Double?, at time: Timestamp, _ id: FamilyID, into signals: inout [SignalValue]) {
        func append(_ signal: HistogramSignal, _ value: Double?) {
            guard let value, value.isFinite else { return }
            signals.append(
                SignalValue(
                    family: id, signal: signal, series: series[Int(signal.rawValue)], time: time, value: value))
        }
        append(.rate, rate)
        append(.mean, distribution.mean)
        if distribution.canTell(0.5) { append(.p50, quantile(0.5)) }
        if distribution.canTell(0.9) { append(.p90, quantile(0.9)) }
        if distribution.canTell(0.99) { append(.p99, quantile(0.99)) }
        append(.shape, distribution.shape)
    }

    private func quantile(_ fraction: Double) -> Double? {
        switch kind {
        case .none, .bucketless: nil
        case .classic: distribution.classicQuantile(fraction)
        case .custom: distribution.customQuantile(fraction)
        case .exponential(let scale): distribution.exponentialQuantile(fraction, scale)
        }
    }

    /// Bytes held beside the value itself; the key is shared with the table of keys.
    var memoryBytes: Int {
        key.capacity + distribution.bins.capacity * MemoryLayout<Bin>.stride + assembly.memoryBytes
    }
}
