import TestSupport
import Testing
import TimeSeries

@testable import SeriesIndexing

@Suite struct IndexShardTests {
    /// A block with a hash of the test's choice: only its low 32 bits place it in the table.
    private struct Entry {
        var hash: UInt64
        var bytes: [UInt8]
        var id: SeriesID
    }

    private static func add(_ entry: Entry, to shard: inout IndexShard) {
        entry.bytes.withUnsafeBytes {
            shard.addAlias(hash: entry.hash, $0.baseAddress!, count: entry.bytes.count, id: entry.id)
        }
    }

    private static func find(_ hash: UInt64, _ bytes: [UInt8], in shard: borrowing IndexShard) -> UInt32? {
        bytes.withUnsafeBytes { shard.find(hash, $0.baseAddress!, count: bytes.count) }
    }

    /// The entries that are found, by their place.
    private static func found(_ entries: [Entry], in shard: borrowing IndexShard) -> Set<Int> {
        var found = Set<Int>()
        for (place, entry) in entries.enumerated() {
            guard let id = find(entry.hash, entry.bytes, in: shard) else { continue }
            if id == entry.id.rawValue {
                found.insert(place)
            } else {
                Issue.record("found \(id), not \(entry.id.rawValue)")
            }
        }
        return found
    }

    // MARK: The table

    @Test func `finds what is left after removals in any order, across the end of the table`() {
        // Five blocks in each arrangement over three neighbouring slots, the last two of the table and the first. Tags
        // are equal within a slot for some and differ for others.
        let homes: [UInt64] = [1022, 1023, 0]
        let orders = permutations(Array(0..<5))
        var failures = 0
        for arrangement in 0..<243 {
            var rest = arrangement
            var entries: [Entry] = []
            for i in 0..<5 {
                let home = homes[rest % 3]
                rest /= 3
                entries.append(
                    Entry(hash: home | UInt64(i % 2) << 10, bytes: [UInt8(i), 7], id: SeriesID(shard: 0, row: i)))
            }
            for order in orders {
                var shard = IndexShard()
                for entry in entries { Self.add(entry, to: &shard) }
                var left = Set(0..<5)
                if Self.found(entries, in: shard) != left { failures += 1 }
                for place in order {
                    shard.removeBlock(hash: entries[place].hash, id: entries[place].id)
                    left.remove(place)
                    if Self.found(entries, in: shard) != left { failures += 1 }
                }
            }
        }
        #expect(failures == 0)
    }

    @Test func `takes blocks in again where others were removed`() {
        // Every order of removing three of six and putting them back, in a run of slots that all share one home.
        for order in permutations(Array(0..<4)) {
            var shard = IndexShard()
            let entries = (0..<6).map {
                Entry(hash: 500 | UInt64($0 % 3) << 12, bytes: [UInt8($0)], id: SeriesID(shard: 3, row: $0))
            }
            for entry in entries { Self.add(entry, to: &shard) }
            for place in order.prefix(3) { shard.removeBlock(hash: entries[place].hash, id: entries[place].id) }
            for place in order.prefix(3).reversed() { Self.add(entries[place], to: &shard) }
            let found = Self.found(entries, in: shard)
            #expect(found == Set(0..<6), "\(order)")
        }
    }

    @Test func `tells blocks of one hash by their bytes`() {
        var shard = IndexShard()
        let entries = (0..<50).map {
            Entry(hash: 0xABCD_0000_1234, bytes: [UInt8($0)], id: SeriesID(shard: 0, row: $0))
        }
        for entry in entries { Self.add(entry, to: &shard) }
        let found = Self.found(entries, in: shard)
        let foreign = Self.find(0xABCD_0000_1234, [99], in: shard)
        #expect(found == Set(0..<50))
        #expect(foreign == nil)
    }

    @Test func `removes all blocks of one hash and series, and no other's`() {
        var shard = IndexShard()
        let mine = SeriesID(shard: 0, row: 1)
        let other = SeriesID(shard: 0, row: 2)
        for (byte, id) in [(1, mine), (2, other), (3, mine), (4, mine), (5, other)] as [(UInt8, SeriesID)] {
            Self.add(Entry(hash: 77, bytes: [byte], id: id), to: &shard)
        }
        shard.removeBlock(hash: 77, id: mine)
        let left = (1...5).map { Self.find(77, [UInt8($0)], in: shard) }
        #expect(left == [nil, other.rawValue, nil, nil, other.rawValue])
        shard.removeBlock(hash: 78, id: other)
        let untouched = Self.find(77, [2], in: shard)
        #expect(untouched == other.rawValue)
    }

    @Test func `keeps everything while it grows and shrinks`() {
        var shard = IndexShard()
        var numbers = SeededRandom(seed: 1)
        var entries: [Entry] = []
        for row in 0..<20_000 {
            // Few distinct low bits, so that runs of taken slots become long.
            let hash = numbers.next() & 0xFFFF_FFFF_0000_3FF8
            entries.append(Entry(hash: hash, bytes: Array("block \(row)".utf8), id: SeriesID(shard: 1, row: row)))
            Self.add(entries[row], to: &shard)
            if row.nonzeroBitCount == 1 {
                let found = Self.found(entries, in: shard)
                #expect(found.count == row + 1)
            }
        }
        var left = Set(entries.indices)
        for place in entries.indices.shuffled(using: &numbers).prefix(10_000) {
            shard.removeBlock(hash: entries[place].hash, id: entries[place].id)
            left.remove(place)
        }
        var found = Self.found(entries, in: shard)
        #expect(found == left)
        for place in entries.indices where !left.contains(place) { Self.add(entries[place], to: &shard) }
        found = Self.found(entries, in: shard)
        #expect(found == Set(entries.indices))
    }

    // MARK: Rows and texts

    private static let hash = {
        var numbers = SeededRandom(seed: 9)
        return BlockHash { numbers.next() }
    }()

    private static func makeRow(_ text: String, in shard: inout IndexShard) -> SeriesID {
        Array(text.utf8).withUnsafeBytes {
            shard.makeRow(shard: 5, hash: hash($0.baseAddress!, count: $0.count), $0.baseAddress!, count: $0.count)
        }
    }

    @Test func `numbers rows from 0 and lets those of evicted series rest for a sweep`() {
        var shard = IndexShard()
        let ids = ["a", "b", "c"].map { Self.makeRow($0, in: &shard) }
        #expect(ids == (0..<3).map { SeriesID(shard: 5, row: $0) })

        let isRemoved = shard.removeRow(ids[1], hash: Self.hash)
        let isRemovedAgain = shard.removeRow(ids[1], hash: Self.hash)
        #expect(isRemoved && !isRemovedAgain)
        let beforeTheSweep = Self.makeRow("d", in: &shard).row
        #expect(beforeTheSweep == 3)
        shard.releaseRestingRows()
        let afterTheSweep = [Self.makeRow("e", in: &shard).row, Self.makeRow("f", in: &shard).row]
        #expect(afterTheSweep == [1, 4])
        let rows = shard.rowCount
        #expect(rows == 5)
    }

    @Test func `lends a row's labels until it is evicted`() {
        var shard = IndexShard()
        let id = Self.makeRow("labels", in: &shard)
        let text = { (bytes: Span<UInt8>) in String(decodingUTF8: bytes) }
        var labels = shard.withLabels(row: id.row, text)
        #expect(labels == "labels")
        labels = shard.withLabels(row: id.row + 1, text)
        #expect(labels == nil)
        _ = shard.removeRow(id, hash: Self.hash)
        labels = shard.withLabels(row: id.row, text)
        #expect(labels == nil)
    }

    @Test func `renders a text once, unless it is not to be kept, and gives its room back`() {
        var shard = IndexShard()
        let id = Self.makeRow("x", in: &shard)
        var rendered = 0
        var texts: [String] = []
        for isKept in [false, false, true, true, false] {
            shard.withText(row: id.row) { _ in
                rendered += 1
                return RenderedText(Array("text \(rendered)".utf8), isKept: isKept)
            } _: {
                texts.append(String(decodingUTF8: $0))
            }
        }
        #expect(texts == ["text 1", "text 2", "text 3", "text 3", "text 3"])
        shard.withText(row: 17) { _ in
            RenderedText([1], isKept: true)
        } _: { _ in
            Issue.record("row 17 is free")
        }
        _ = shard.removeRow(id, hash: Self.hash)
        let used = shard.blocks.usedBytes
        #expect(used == 0)
    }

    @Test func `lends a text that is too long to be kept, and renders it anew`() {
        var shard = IndexShard()
        let id = Self.makeRow("x", in: &shard)
        let long = [UInt8](repeating: 65, count: BlockStore.blockLimit + 1)
        var lent = 0
        for _ in 0..<2 {
            shard.withText(row: id.row) { _ in
                RenderedText(long, isKept: true)
            } _: {
                lent += $0.count
            }
        }
        #expect(lent == 2 * long.count)
    }
}
