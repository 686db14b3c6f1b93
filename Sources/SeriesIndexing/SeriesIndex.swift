internal import Glibc
internal import Synchronization
package import TimeSeries

/// Gives every set of labels one row, recognises it by the bytes in which it comes, and refuses new ones past a limit.
///
/// A block that was seen before costs a hash, a probe and a comparison of bytes. Blocks are spread over shards by their hash;
/// each shard is locked once a request. A series may be known by several blocks (another sender, another order of labels):
/// one holds its canonical labels and decides its row, the others are aliases.
package final class SeriesIndex: Sendable {
    /// What came of registering a set of labels.
    package enum Registration: Equatable, Sendable {
        case known(SeriesID)
        case created(SeriesID)
        /// The limit on series is reached.
        case full
    }

    /// The most blocks besides the canonical one by which a series is remembered; the oldest goes first.
    private static let aliasLimit = 4

    private final class Shard: Sendable {
        let state = Mutex(IndexShard())
    }

    /// Labels of more bytes than this cannot be registered.
    package static let labelLimitBytes = BlockStore.blockLimit

    package let seriesLimit: Int
    private let hash: BlockHash
    private let shards: [Shard]
    private let liveCount = Atomic(0)

    /// - Parameter seriesLimit: the most series that are known at once.
    package init(seriesLimit: Int) {
        self.seriesLimit = seriesLimit
        hash = BlockHash()
        shards = (0..<SeriesID.shardCount).map { _ in Shard() }
    }

    /// Series that are known now.
    package var count: Int { liveCount.load(ordering: .relaxed) }

    // MARK: Finding

    /// Fills `lookup.ids` with the ids of the slices' series, and `lookup.missing` with the places of those not known.
    package func find(_ slices: Span<SeriesSlice>, in bytes: Span<UInt8>, _ lookup: inout SeriesLookup) {
        // Safe: the span lends its bytes for the length of the call; slices were made of those bytes, and are checked.
        unsafe bytes.withUnsafeBytes { bytes in
            lookup.reset(count: slices.count)
            guard let base = bytes.baseAddress else { return }
            lookup.fillHashes { i in
                let labels = slices[i].labels
                precondition(labels.upperBound <= bytes.count)
                return unsafe hash(base + labels.lowerBound, count: labels.count)
            }
            lookup.orderByShard()
            let (hashes, order) = (lookup.hashes, lookup.order)
            for shard in shards.indices where !lookup.range(shard: shard).isEmpty {
                let range = lookup.range(shard: shard)
                shards[shard].state.withLock { state in
                    // Reading all first slots before comparing any lets their cache misses overlap.
                    var seen: UInt64 = 0
                    for k in range { seen |= state.firstSlot(hashes[Int(order[k])]) }
                    if seen == 0 { return }
                    var ids = lookup.ids.mutableSpan
                    for k in range {
                        let i = Int(order[k])
                        let slice = slices[i]
                        let start = unsafe base + Int(slice.labelStart)
                        if let id = unsafe state.find(hashes[i], start, count: Int(slice.labelLength)) { ids[i] = id }
                    }
                }
            }
            for i in slices.indices where lookup.ids[i] == SeriesLookup.unknown {
                lookup.missing.append(UInt32(truncatingIfNeeded: i))
            }
        }
    }

    /// The series that is known by a block.
    package func find(_ block: Span<UInt8>) -> SeriesID? {
        // Safe: the span lends its bytes for the length of the call.
        unsafe block.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let key = unsafe hash(base, count: bytes.count)
            return shards[Self.shard(key)].state.withLock { state in
                unsafe state.find(key, base, count: bytes.count).map { SeriesID(rawValue: $0) }
            }
        }
    }

    static func shard(_ hash: UInt64) -> Int { Int(hash >> 60) }

    // MARK: Registering

    /// Gives a set of labels its row, and remembers the block in which it came as another name of it.
    ///
    /// - Parameters:
    ///   - labels: canonical (see ``Labels``), at most ``BlockStore/blockLimit`` bytes.
    ///   - block: the bytes that the sender wrote.
    package func register(_ labels: Span<UInt8>, block: Span<UInt8>) -> Registration {
        // Safe: the spans lend their bytes for the length of the call.
        unsafe labels.withUnsafeBytes { labels in
            unsafe block.withUnsafeBytes { block in
                guard let base = labels.baseAddress, let blockBase = block.baseAddress else { return .full }
                let key = unsafe hash(base, count: labels.count)
                let isCanonical = unsafe block.count == labels.count && memcmp(base, blockBase, block.count) == 0
                let blockKey = isCanonical ? key : unsafe hash(blockBase, count: block.count)
                let shard = Self.shard(key)
                // A block whose hash is the canonical one's is not remembered: it would stand in its way.
                let isAlias = key != blockKey && block.count <= BlockStore.blockLimit
                var outdated: UInt64?
                let registration = shards[shard].state.withLock { state -> Registration in
                    var registration: Registration
                    if let id = unsafe state.find(key, base, count: labels.count) {
                        registration = .known(SeriesID(rawValue: id))
                    } else if takePlace() {
                        registration = unsafe .created(
                            state.makeRow(shard: shard, hash: key, base, count: labels.count))
                    } else {
                        registration = .full
                    }
                    if isAlias, let id = registration.id {
                        outdated = state.noteAlias(blockKey, row: id.row, limit: Self.aliasLimit)
                    }
                    return registration
                }
                guard isAlias, let id = registration.id else { return registration }
                shards[Self.shard(blockKey)].state.withLock { state in
                    if unsafe state.find(blockKey, blockBase, count: block.count) == nil {
                        unsafe state.addAlias(hash: blockKey, blockBase, count: block.count, id: id)
                    }
                }
                if let outdated { removeAlias(outdated, id: id) }
                // Between the two locks the series may have been evicted, or the alias have had to go: whoever did that
                // found no block to take away, and nobody would later.
                let stands = shards[shard].state.withLock { state in
                    let found = unsafe state.find(key, base, count: labels.count)
                    return found == id.rawValue && state.hasAlias(blockKey, row: id.row)
                }
                if !stands { removeAlias(blockKey, id: id) }
                return registration
            }
        }
    }

    private func takePlace() -> Bool {
        if liveCount.wrappingAdd(1, ordering: .relaxed).newValue <= seriesLimit { return true }
        liveCount.wrappingSubtract(1, ordering: .relaxed)
        return false
    }

    private func removeAlias(_ key: UInt64, id: SeriesID) {
        shards[Self.shard(key)].state.withLock { $0.removeBlock(hash: key, id: id) }
    }

    // MARK: Evicting

    /// Forgets series of one shard; their rows are used again only after the next call for this shard.
    /// - Returns: how many were known.
    @discardableResult
    package func evict(shard: Int, rows: [UInt32]) -> Int {
        var aliases: [(key: UInt64, id: SeriesID)] = []
        let evicted = shards[shard].state.withLock { state in
            state.releaseRestingRows()
            var evicted = 0
            for row in rows {
                let id = SeriesID(shard: shard, row: Int(row))
                for key in state.aliases.removeValue(forKey: row) ?? [] { aliases.append((key, id)) }
                if state.removeRow(id, hash: hash) { evicted += 1 }
            }
            return evicted
        }
        for alias in aliases { removeAlias(alias.key, id: alias.id) }
        liveCount.wrappingSubtract(evicted, ordering: .relaxed)
        return evicted
    }

    // MARK: Reading

    /// The labels of a series; nil where it was evicted.
    package func labels(of id: SeriesID) -> Labels? {
        shards[id.shard].state.withLock { state in
            state.withLabels(row: id.row) { labels in
                var block: [UInt8] = []
                block.reserveCapacity(labels.count)
                for i in labels.indices { block.append(labels[i]) }
                return Labels(canonicalBlock: block)
            }
        }
    }

    /// The series of one shard whose labels satisfy `matches`, up to `limit`.
    package func select(shard: Int, limit: Int, where matches: (Span<UInt8>) -> Bool) -> [SeriesID] {
        shards[shard].state.withLock { state in
            var ids: [SeriesID] = []
            for row in 0..<state.rowCount where ids.count < limit {
                if state.withLabels(row: row, matches) == true { ids.append(SeriesID(shard: shard, row: row)) }
            }
            return ids
        }
    }

    /// Lends the text of each row, rendered once and kept; rows that were evicted are passed over.
    ///
    /// - Parameters:
    ///   - render: makes the text of a set of labels.
    ///   - body: called with the place in `rows` and the text. The shard is locked meanwhile.
    package func withTexts(
        shard: Int, rows: Span<UInt32>, render: (Int, Span<UInt8>) -> RenderedText,
        _ body: (Int, Span<UInt8>) -> Void
    ) {
        shards[shard].state.withLock { state in
            for i in rows.indices {
                state.withText(row: Int(rows[i]), render: { render(i, $0) }) { body(i, $0) }
            }
        }
    }

    /// Lends the labels of each row; rows that were evicted are passed over.
    package func withLabels(shard: Int, rows: Span<UInt32>, _ body: (Int, Span<UInt8>) -> Void) {
        shards[shard].state.withLock { state in
            for i in rows.indices { _ = state.withLabels(row: Int(rows[i])) { body(i, $0) } }
        }
    }

    /// Bytes held for label blocks and texts, and for the tables that lead to them.
    package var memory: (blocks: Int, tables: Int) {
        var memory = (blocks: 0, tables: 0)
        for shard in shards {
            shard.state.withLock { state in
                memory.blocks += state.blocks.heldBytes
                memory.tables += state.tableBytes
            }
        }
        return memory
    }
}

extension SeriesIndex.Registration {
    package var id: SeriesID? {
        switch self {
        case .known(let id), .created(let id): id
        case .full: nil
        }
    }
}

extension IndexShard {
    /// Whether a row is noted to be known by another block.
    func hasAlias(_ key: UInt64, row: Int) -> Bool {
        aliases[UInt32(truncatingIfNeeded: row)]?.contains(key) ?? false
    }

    /// Notes that a row is known by another block.
    /// - Returns: the hash of the block that must make room for it, if one must.
    mutating func noteAlias(_ key: UInt64, row: Int, limit: Int) -> UInt64? {
        let row = UInt32(truncatingIfNeeded: row)
        var keys = aliases[row] ?? []
        guard !keys.contains(key) else { return nil }
        keys.append(key)
        let outdated = keys.count > limit ? keys.removeFirst() : nil
        aliases[row] = keys
        return outdated
    }
}
