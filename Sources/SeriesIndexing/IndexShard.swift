internal import TimeSeries

/// One shard's part of the index: a table from label blocks to rows, and what is kept a row.
///
/// The table is open addressing with linear probing, at most 70 % full. A slot is a 32-bit tag from the hash and a 32-bit
/// block reference, so that a probe reads eight bytes and growing hashes nothing anew.
struct IndexShard: ~Copyable, Sendable {
    private var slots = [UInt64](repeating: 0, count: 1024)
    private var usedSlots = 0
    private(set) var blocks = BlockStore()

    /// A row's canonical block, 0 where the row is free.
    private var labels: [BlockStore.Reference] = []
    /// A row's rendered text, 0 where it was not rendered yet.
    private var texts: [BlockStore.Reference] = []
    private var freeRows: [UInt32] = []
    /// Rows of evicted series. A request that found such a series just before may still hold its id, so they rest for a
    /// sweep before they are used again.
    private var restingRows: [UInt32] = []
    /// The hashes of the other blocks by which a row is known; most rows have none.
    var aliases: [UInt32: [UInt64]] = [:]

    init() {}

    var rowCount: Int { labels.count }
    var tableBytes: Int { slots.capacity * 8 + (labels.capacity + texts.capacity) * 4 }

    // MARK: Finding

    /// The first slot that a hash may stand in; read ahead of ``find(_:_:count:)`` to have its memory at hand.
    @inline(__always)
    func firstSlot(_ hash: UInt64) -> UInt64 {
        slots[Int(truncatingIfNeeded: hash) & (slots.count - 1)]
    }

    /// The id of the series that is known by a block.
    @inline(__always)
    func find(_ hash: UInt64, _ bytes: UnsafeRawPointer, count: Int) -> UInt32? {
        let tag = UInt32(truncatingIfNeeded: hash)
        let mask = slots.count - 1
        var at = Int(tag) & mask
        while true {
            let slot = slots[at]
            if slot == 0 { return nil }
            if UInt32(truncatingIfNeeded: slot >> 32) == tag {
                let reference = UInt32(truncatingIfNeeded: slot)
                if unsafe blocks.equals(reference, bytes, count: count) { return blocks.id(reference) }
            }
            at = (at + 1) & mask
        }
    }

    // MARK: Rows

    /// Gives a new series a row.
    mutating func makeRow(shard: Int, hash: UInt64, _ canonical: UnsafeRawPointer, count: Int) -> SeriesID {
        let row: Int
        if let free = freeRows.popLast() {
            row = Int(free)
        } else {
            row = labels.count
            labels.append(0)
            texts.append(0)
        }
        let id = SeriesID(shard: shard, row: row)
        let reference = unsafe blocks.insert(canonical, count: count, id: id.rawValue)
        labels[row] = reference
        insertSlot(hash, reference)
        return id
    }

    /// Makes a block another name of a series.
    mutating func addAlias(hash: UInt64, _ block: UnsafeRawPointer, count: Int, id: SeriesID) {
        insertSlot(hash, unsafe blocks.insert(block, count: count, id: id.rawValue))
    }

    /// Takes the blocks of one series and hash out of the table.
    mutating func removeBlock(hash: UInt64, id: SeriesID) {
        let tag = UInt32(truncatingIfNeeded: hash)
        let mask = slots.count - 1
        var at = Int(tag) & mask
        while slots[at] != 0 {
            let reference = UInt32(truncatingIfNeeded: slots[at])
            if UInt32(truncatingIfNeeded: slots[at] >> 32) == tag, blocks.id(reference) == id.rawValue {
                blocks.remove(reference)
                emptySlot(at)
            } else {
                at = (at + 1) & mask
            }
        }
    }

    /// Forgets an evicted series' row; false where the row is free already.
    mutating func removeRow(_ id: SeriesID, hash: BlockHash) -> Bool {
        let reference = labels[id.row]
        guard reference != 0 else { return false }
        let key = blocks.withBytes(reference) { bytes in
            // Safe: the span lends its bytes for the length of the call.
            unsafe bytes.withUnsafeBytes { unsafe hash($0.baseAddress!, count: $0.count) }
        }
        removeBlock(hash: key, id: id)
        if texts[id.row] != 0 { blocks.remove(texts[id.row]) }
        labels[id.row] = 0
        texts[id.row] = 0
        restingRows.append(UInt32(truncatingIfNeeded: id.row))
        return true
    }

    /// Gives the rows that were evicted in earlier sweeps free.
    mutating func releaseRestingRows() {
        freeRows.append(contentsOf: restingRows)
        restingRows.removeAll(keepingCapacity: restingRows.count < 1024)
    }

    /// The canonical labels of a row; nil where it is free.
    func withLabels<Result>(row: Int, _ body: (Span<UInt8>) -> Result) -> Result? {
        guard row < labels.count, labels[row] != 0 else { return nil }
        return blocks.withBytes(labels[row], body)
    }

    /// Lends the text of a row, rendering it first where none is kept; does nothing where the row is free.
    mutating func withText(row: Int, render: (Span<UInt8>) -> RenderedText, _ body: (Span<UInt8>) -> Void) {
        guard row < labels.count, labels[row] != 0 else { return }
        if texts[row] == 0 {
            let rendered = blocks.withBytes(labels[row], render)
            guard rendered.isKept, rendered.text.count <= BlockStore.blockLimit else { return body(rendered.text.span) }
            // Safe: the array lends its bytes for the length of the call.
            texts[row] = unsafe rendered.text.withUnsafeBytes { text in
                unsafe blocks.insert(text.baseAddress!, count: text.count, id: UInt32(truncatingIfNeeded: row))
            }
        }
        blocks.withBytes(texts[row], body)
    }

    // MARK: The table

    private mutating func insertSlot(_ hash: UInt64, _ reference: BlockStore.Reference) {
        if (usedSlots + 1) * 10 > slots.count * 7 { grow() }
        Self.place(UInt64(UInt32(truncatingIfNeeded: hash)) << 32 | UInt64(reference), in: &slots)
        usedSlots += 1
    }

    private static func place(_ slot: UInt64, in slots: inout [UInt64]) {
        let mask = slots.count - 1
        var at = Int(slot >> 32) & mask
        while slots[at] != 0 { at = (at + 1) & mask }
        slots[at] = slot
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        for slot in slots where slot != 0 { Self.place(slot, in: &larger) }
        slots = larger
    }

    /// Empties a slot and moves those behind it up, so that no probe ends too early.
    private mutating func emptySlot(_ hole: Int) {
        let mask = slots.count - 1
        var hole = hole
        var at = (hole + 1) & mask
        while slots[at] != 0 {
            let home = Int(slots[at] >> 32) & mask
            // Move the slot into the hole unless its home lies behind the hole.
            if (at - home) & mask >= (at - hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
            at = (at + 1) & mask
        }
        slots[hole] = 0
        usedSlots -= 1
    }
}

/// What was written about a series, and whether it will be the same next time.
package struct RenderedText: Sendable {
    package let text: [UInt8]
    package let isKept: Bool

    /// - Parameter text: not empty.
    package init(_ text: [UInt8], isKept: Bool) {
        precondition(!text.isEmpty)
        self.text = text
        self.isKept = isKept
    }
}
