internal import TimeSeries

/// Gathers the series of a classic histogram into scrapes: values of one time, of all its parts.
///
/// A scrape is complete when every part that is known to be sent has a value of its time. Senders keep the order of each series
/// but not of different ones (Prometheus deals series out to shards that send side by side), so two scrapes may be open at
/// once. When the later one is complete, or a third one begins, the older one will never be: it is skipped, and the next
/// complete one covers the time of both.
struct ClassicAssembly {
    /// A part that is missing in so many scrapes one after another is no longer waited for.
    static let missedLimit: UInt8 = 3
    static let sumSlot = 0
    static let countSlot = 1

    enum State: UInt8 { case expected, missing, ended }

    struct Slot {
        /// NaN for sum and count.
        let upperBound: Double
        /// Series that feed it: two where "1" became "1.0".
        var series: UInt32 = 0
        var missed: UInt8 = 0
        var state = State.missing
    }

    /// What came of a value.
    enum Step { case taken, late, duplicate }

    private struct Scrape {
        var time = Timestamp(milliseconds: .min)
        var arrived = 0
        /// A slot's value; NaN where there is none yet.
        var values: [Double] = []

        @inline(__always)
        mutating func set(_ value: Double, slot: Int) -> Step {
            guard values[slot].isNaN else { return .duplicate }
            values[slot] = value
            arrived += 1
            return .taken
        }

        mutating func clear() {
            guard arrived > 0 else { return }
            arrived = 0
            for i in values.indices { values[i] = .nan }
        }
    }

    private(set) var slots: [Slot] = [Slot(upperBound: .nan), Slot(upperBound: .nan)]
    private var older = Scrape(values: [.nan, .nan])
    private var newer = Scrape(values: [.nan, .nan])
    private var closed = Timestamp(milliseconds: .min)
    private var expected = 0
    /// Whether other buckets are sent than when this was last set to false.
    var isChanged = true

    /// Whether any bucket has a series.
    var hasBuckets: Bool { bucketSlots.contains { slots[$0].series > 0 } }

    /// The buckets.
    var bucketSlots: Range<Int> { 2..<slots.count }

    // MARK: Parts

    /// The slot of a bucket, a new one where there is none of that bound; nil past the limit.
    mutating func slot(upperBound: Double, limit: Int) -> Int? {
        // Few, and only looked for when a series is new.
        for i in bucketSlots where slots[i].upperBound == upperBound { return i }
        guard bucketSlots.count < limit else {
            // The place of a bound that nobody sends any more.
            guard let free = bucketSlots.first(where: { slots[$0].series == 0 }) else { return nil }
            slots[free] = Slot(upperBound: upperBound)
            isChanged = true
            return free
        }
        slots.append(Slot(upperBound: upperBound))
        older.values.append(.nan)
        newer.values.append(.nan)
        return slots.count - 1
    }

    /// Notes a series that feeds a slot; its values are waited for from now on.
    mutating func attach(_ slot: Int) {
        slots[slot].series += 1
        expect(slot)
    }

    mutating func detach(_ slot: Int) {
        slots[slot].series -= 1
        if slots[slot].series == 0 { give(up: slot, .missing) }
    }

    private mutating func expect(_ slot: Int) {
        guard slots[slot].state != .expected else { return }
        slots[slot].state = .expected
        slots[slot].missed = 0
        expected += 1
        isChanged = true
    }

    private mutating func give(up slot: Int, _ state: State) {
        if slots[slot].state == .expected {
            expected -= 1
            if !older.values[slot].isNaN { older.arrived -= 1 }
            if !newer.values[slot].isNaN { newer.arrived -= 1 }
            older.values[slot] = .nan
            newer.values[slot] = .nan
            isChanged = true
        }
        slots[slot].state = state
    }

    // MARK: Values

    /// Takes a value; call ``next()`` afterwards.
    @inline(__always)
    mutating func put(_ value: Double, slot: Int, at time: Timestamp) -> Step {
        guard time > closed else { return time == closed ? .duplicate : .late }
        if slots[slot].state != .expected {
            // A family that had ended is back as a whole.
            if expected == 0 {
                for i in slots.indices where slots[i].state == .ended && slots[i].series > 0 { expect(i) }
            }
            expect(slot)
        }
        // What is not a number was sent all the same; the scrape as a whole is then of no use.
        let value = value.isNaN ? .infinity : value
        if older.arrived == 0 { older.time = time }
        if time == older.time { return older.set(value, slot: slot) }
        if newer.arrived == 0 {
            newer.time = time
            if time < older.time { swap(&older, &newer) }
            return time == newer.time ? newer.set(value, slot: slot) : older.set(value, slot: slot)
        }
        if time == newer.time { return newer.set(value, slot: slot) }
        guard time > newer.time else { return .late }
        skip()
        // It may have been given up just now.
        expect(slot)
        newer.time = time
        return newer.set(value, slot: slot)
    }

    /// Ends a part; what was gathered of open scrapes is let go.
    /// - Returns: whether the whole family has ended.
    mutating func end(slot: Int, at time: Timestamp) -> Bool {
        guard time > closed else { return false }
        older.clear()
        newer.clear()
        give(up: slot, .ended)
        return expected == 0
    }

    /// The time of a complete scrape, whose values ``value(_:)`` tells until ``close()``.
    @inline(__always)
    mutating func next() -> Timestamp? {
        if expected > 0, newer.arrived == expected, older.arrived < expected { skip() }
        return expected > 0 && older.arrived == expected ? older.time : nil
    }

    func value(_ slot: Int) -> Double { older.values[slot] }

    mutating func close() {
        closed = older.time
        for i in slots.indices where slots[i].missed > 0 { slots[i].missed = 0 }
        older.clear()
        swap(&older, &newer)
    }

    /// Lets the older scrape go, which will not be complete.
    private mutating func skip() {
        closed = older.time
        for i in slots.indices where slots[i].state == .expected {
            if older.values[i].isNaN {
                slots[i].missed += 1
                if slots[i].missed >= Self.missedLimit { give(up: i, .missing) }
            } else {
                slots[i].missed = 0
            }
        }
        older.clear()
        swap(&older, &newer)
    }
}

extension ClassicAssembly {
    var memoryBytes: Int {
        slots.capacity * MemoryLayout<Slot>.stride
            + (older.values.capacity + newer.values.capacity) * MemoryLayout<Double>.stride
    }
}
