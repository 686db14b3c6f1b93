internal import TimeSeries

/// The families of one shard and the series that feed them. Its owner locks it.
struct FamilyShard: ~Copyable {
    private struct Part: BitwiseCopyable {
        static let native = UInt16.max
        static let nobody = UInt32.max

        /// ``nobody`` where the part was forgotten.
        var family: UInt32
        /// In the ``ClassicAssembly``, or ``native``.
        var slot: UInt16
    }

    let number: Int
    private var families: [Family] = []
    private var parts: [Part] = []
    private var places: [[UInt8]: UInt32] = [:]
    private var freeFamilies: [UInt32] = []
    private var freeParts: [UInt32] = []
    /// Places that were left. A request may still hold a sample or a value of them, so they rest for a while before they are
    /// used again, see ``releaseRested()``.
    private var restingFamilies: [UInt32] = []
    private var restingParts: [UInt32] = []
    private var restedFamilies: [UInt32] = []
    private var restedParts: [UInt32] = []
    private var scratch: [NativeCount] = []
    private(set) var counts = HistogramFamilies.Counts()

    init(number: Int) { self.number = number }

    // MARK: Parts

    /// Adds a series to the family of that key.
    /// - Parameter role: nil for a native histogram.
    mutating func register(_ key: [UInt8], _ role: FamilyKey.Role?, familyLimit: Int) -> HistogramFamilies.Registration
    {
        if role == .sum || role == .count, places[key] == nil { return .noFamily }
        guard let family = family(key, limit: familyLimit) else {
            counts.refused += 1
            return .refused(.tooManyFamilies)
        }
        var slot = Part.native
        let hadBuckets = families[family].assembly.hasBuckets
        if let role {
            let found: Int? =
                switch role {
                case .sum: ClassicAssembly.sumSlot
                case .count: ClassicAssembly.countSlot
                case .bucket(let bound):
                    families[family].assembly.slot(upperBound: bound, limit: HistogramFamilies.bucketLimit)
                }
            guard let found else {
                counts.refused += 1
                if families[family].parts == 0 { remove(family) }
                return .refused(.tooManyBuckets)
            }
            families[family].assembly.attach(found)
            slot = UInt16(truncatingIfNeeded: found)
        }
        families[family].parts += 1
        counts.parts += 1
        let part = Part(family: UInt32(truncatingIfNeeded: family), slot: slot)
        let place: Int
        if let free = freeParts.popLast() {
            place = Int(free)
            parts[place] = part
        } else {
            place = parts.count
            parts.append(part)
        }
        let id = PartID(shard: number, place: place)
        return !hadBuckets && families[family].assembly.hasBuckets ? .firstBucket(id) : .part(id)
    }

    private mutating func family(_ key: [UInt8], limit: Int) -> Int? {
        if let place = places[key] { return Int(place) }
        guard counts.families < limit else { return nil }
        counts.families += 1
        let place: Int
        if let free = freeFamilies.popLast() {
            place = Int(free)
            families[place] = Family(key: key)
        } else {
            place = families.count
            families.append(Family(key: key))
        }
        places[key] = UInt32(truncatingIfNeeded: place)
        return place
    }

    /// Takes a series away, and its family where it was the last.
    mutating func forget(_ place: Int) {
        guard let family = family(of: place) else { return }
        let slot = parts[place].slot
        parts[place].family = Part.nobody
        restingParts.append(UInt32(truncatingIfNeeded: place))
        counts.parts -= 1
        if slot == Part.native {
            families[family].lastNative = Timestamp(milliseconds: .min)
        } else {
            families[family].assembly.detach(Int(slot))
        }
        families[family].parts -= 1
        if families[family].parts == 0 { remove(family) }
    }

    private mutating func remove(_ family: Int) {
        places[families[family].key] = nil
        families[family] = Family(key: [])
        restingFamilies.append(UInt32(truncatingIfNeeded: family))
        counts.families -= 1
    }

    /// Gives the places free that were left before the last call.
    mutating func releaseRested() {
        freeParts.append(contentsOf: restedParts)
        freeFamilies.append(contentsOf: restedFamilies)
        (restedParts, restedFamilies) = (restingParts, restingFamilies)
        restingParts.removeAll()
        restingFamilies.removeAll()
    }

    private func family(of place: Int) -> Int? {
        guard place < parts.count, parts[place].family != Part.nobody else { return nil }
        return Int(parts[place].family)
    }

    func familyID(of place: Int) -> FamilyID? {
        family(of: place).map { FamilyID(shard: number, place: $0) }
    }

    // MARK: Samples

    @inline(__always)
    mutating func take(_ sample: PartSample, into signals: inout [SignalValue]) {
        let place = sample.part.place
        guard let family = family(of: place), parts[place].slot != Part.native else { return }
        let step = families[family].take(
            sample.value, slot: Int(parts[place].slot), at: sample.time, FamilyID(shard: number, place: family),
            into: &signals)
        count(step)
    }

    mutating func take(
        _ sample: NativeSample, _ buckets: NativeBuckets, indices: Span<Int32>, counts: Span<Double>,
        bounds: Span<Double>, of part: PartID, into signals: inout [SignalValue]
    ) {
        guard let family = family(of: part.place), parts[part.place].slot == Part.native else { return }
        // Moved out and back, so that the family can use it.
        var room: [NativeCount] = []
        swap(&room, &scratch)
        let step = families[family].take(
            sample, buckets, indices: indices, counts: counts, bounds: bounds, scratch: &room,
            FamilyID(shard: number, place: family), into: &signals)
        swap(&room, &scratch)
        count(step)
    }

    private mutating func count(_ step: ClassicAssembly.Step) {
        switch step {
        case .taken: break
        case .late: counts.late += 1
        case .duplicate: counts.duplicates += 1
        }
    }

    // MARK: Signals

    func labels(_ family: Int) -> [UInt8]? { isUsed(family) ? families[family].key : nil }

    func labels(_ family: Int, _ signal: HistogramSignal) -> [UInt8]? {
        guard isUsed(family) else { return nil }
        return FamilyKey.labels(of: families[family].key, signal: signal)
    }

    mutating func bind(_ family: Int, _ signal: HistogramSignal, to series: UInt32) {
        guard isUsed(family) else { return }
        families[family].series[Int(signal.rawValue)] = series
    }

    mutating func unbind(_ family: Int, from series: UInt32) {
        guard isUsed(family) else { return }
        for i in families[family].series.indices where families[family].series[i] == series {
            families[family].series[i] = SignalValue.unbound
        }
    }

    func isBucket(_ place: Int) -> Bool {
        family(of: place) != nil && parts[place].slot != Part.native && parts[place].slot > ClassicAssembly.countSlot
    }

    /// The labels of the family's sum and count.
    func counterLabels(of place: Int) -> [[UInt8]] {
        guard let family = family(of: place) else { return [] }
        return FamilyKey.counterLabels(of: families[family].key)
    }

    /// How many families are looked at as what.
    var kinds: HistogramFamilies.Kinds {
        var kinds = HistogramFamilies.Kinds()
        for family in families where family.parts > 0 {
            switch family.kind {
            case .none: kinds.new += 1
            case .classic: kinds.classic += 1
            case .exponential, .custom, .bucketless: kinds.native += 1
            }
        }
        return kinds
    }

    private func isUsed(_ family: Int) -> Bool { family < families.count && families[family].parts > 0 }

    var memoryBytes: Int {
        var bytes = families.capacity * MemoryLayout<Family>.stride + parts.capacity * MemoryLayout<Part>.stride
        bytes += (freeFamilies.capacity + freeParts.capacity) * 4
        bytes += (restingFamilies.capacity + restingParts.capacity + restedFamilies.capacity + restedParts.capacity) * 4
        // The table of keys: a key's reference and a place, at most three quarters full.
        bytes += places.capacity * 4 / 3 * (MemoryLayout<[UInt8]>.stride + 4)
        for family in families { bytes += family.memoryBytes }
        return bytes
    }
}
