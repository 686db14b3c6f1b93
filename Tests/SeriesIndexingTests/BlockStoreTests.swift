import TestSupport
import Testing

@testable import SeriesIndexing

/// A store beside a plain list of what must be in it.
private struct CheckedStore: ~Copyable {
    struct Block {
        var reference: BlockStore.Reference
        var id: UInt32
        var bytes: [UInt8]
    }

    var store = BlockStore()
    var live: [Block] = []
    private var inserted: UInt32 = 0

    mutating func insert(_ bytes: [UInt8]) {
        inserted += 1
        let id = inserted
        let reference = (bytes + [0]).withUnsafeBytes { store.insert($0.baseAddress!, count: bytes.count, id: id) }
        live.append(Block(reference: reference, id: id, bytes: bytes))
    }

    mutating func remove(at place: Int) {
        store.remove(live.remove(at: place).reference)
    }

    /// What is wrong; nil where all is well.
    func fault() -> String? {
        if Set(live.map(\.reference)).count != live.count { return "two blocks have one reference" }
        if live.contains(where: { $0.reference == 0 }) { return "reference 0 names a block" }
        var used = 0
        for block in live {
            used += (block.bytes.count + 8 + 15) / 16 * 16
            if store.id(block.reference) != block.id { return "block \(block.id) has another id" }
            if store.count(block.reference) != block.bytes.count { return "block \(block.id) has another length" }
            let isSame = store.withBytes(block.reference) { bytes in
                bytes.count == block.bytes.count && bytes.indices.allSatisfy { bytes[$0] == block.bytes[$0] }
            }
            if !isSame { return "block \(block.id) has other bytes" }
            let isEqual = (block.bytes + [0]).withUnsafeBytes {
                store.equals(block.reference, $0.baseAddress!, count: block.bytes.count)
            }
            if !isEqual { return "block \(block.id) does not equal its own bytes" }
        }
        return store.usedBytes == used ? nil : "\(store.usedBytes) bytes are said to be used, not \(used)"
    }
}

@Suite struct BlockStoreTests {
    @Test func `keeps what is in it through every short run of insertions and removals`() {
        // 8 fills one unit, 9 is the first of two, 24 fills two; 0 and 4 take the first and the last block away.
        let sizes = [1: 8, 2: 9, 3: 24]
        let steps = 6
        var runs = [[Int]]([[]])
        for _ in 0..<steps { runs = runs.flatMap { run in (0...4).map { run + [$0] } } }
        for run in runs {
            var checked = CheckedStore()
            for (number, step) in run.enumerated() {
                if let size = sizes[step] {
                    checked.insert((0..<size).map { UInt8(truncatingIfNeeded: number * 31 + $0) })
                } else if !checked.live.isEmpty {
                    checked.remove(at: step == 0 ? 0 : checked.live.count - 1)
                }
                if let fault = checked.fault() {
                    Issue.record("\(fault) after \(run.prefix(number + 1))")
                    return
                }
            }
        }
    }

    @Test func `keeps blocks of every size apart`() {
        var checked = CheckedStore()
        var numbers = SeededRandom(seed: 1)
        for size in 0...300 { checked.insert(numbers.bytes(size)) }
        let fault = checked.fault()
        #expect(fault == nil)
    }

    @Test func `uses the room of removed blocks again`() {
        var checked = CheckedStore()
        var numbers = SeededRandom(seed: 2)
        // About 0.9 MB a round: without reuse, twenty rounds would take twenty chunks.
        for _ in 0..<20 {
            for _ in 0..<9_000 { checked.insert(numbers.bytes(90)) }
            while !checked.live.isEmpty { checked.remove(at: checked.live.count - 1) }
        }
        let held = checked.store.heldBytes
        let used = checked.store.usedBytes
        #expect(held == BlockStore.chunkBytes)
        #expect(used == 0)
    }

    @Test func `fills a chunk to its end and begins the next`() {
        var numbers = SeededRandom(seed: 3)
        // The longest block, in the first chunk (where one unit is kept free) and in a later one.
        var checked = CheckedStore()
        for chunk in 1...3 {
            checked.insert(numbers.bytes(BlockStore.blockLimit))
            let held = checked.store.heldBytes
            #expect(held == chunk * BlockStore.chunkBytes)
        }
        var fault = checked.fault()
        #expect(fault == nil)

        // Around the end of a chunk: what fits exactly stays in it, one unit more does not.
        let units = BlockStore.chunkBytes / 16 - 1
        for (lastUnits, chunks) in [(1, 1), (2, 1), (3, 1), (4, 2), (100, 2)] {
            var checked = CheckedStore()
            checked.insert(numbers.bytes((units - 3) * 16 - 8))
            checked.insert(numbers.bytes(lastUnits * 16 - 8))
            let held = checked.store.heldBytes
            #expect(held == chunks * BlockStore.chunkBytes, "a block of \(lastUnits) units where 3 are left")
            fault = checked.fault()
            #expect(fault == nil)
        }
    }

    @Test func `keeps blocks of all sizes over several chunks while they come and go`() {
        var checked = CheckedStore()
        var numbers = SeededRandom(seed: 4)
        for _ in 0..<3_000 {
            if checked.live.count > 20, Int.random(in: 0..<3, using: &numbers) == 0 {
                checked.remove(at: Int.random(in: checked.live.indices, using: &numbers))
            } else {
                let size = Int.random(in: 0..<2_500, using: &numbers)
                checked.insert([UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size))
            }
        }
        let fault = checked.fault()
        let held = checked.store.heldBytes
        #expect(fault == nil)
        #expect(held > BlockStore.chunkBytes)
    }

    @Test func `tells other bytes and other lengths from its own`() {
        var store = BlockStore()
        let bytes: [UInt8] = [1, 2, 3, 4]
        let reference = bytes.withUnsafeBytes { store.insert($0.baseAddress!, count: 4, id: 9) }
        let others: [[UInt8]] = [[1, 2, 3], [1, 2, 3, 5], [1, 2, 3, 4, 0], [0, 2, 3, 4]]
        for other in others {
            let isEqual = other.withUnsafeBytes { store.equals(reference, $0.baseAddress!, count: other.count) }
            #expect(!isEqual, "\(other)")
        }
    }

    @Test func `stops at a block that is too long`() async {
        await #expect(processExitsWith: .failure) {
            var store = BlockStore()
            let bytes = [UInt8](repeating: 0, count: BlockStore.blockLimit + 1)
            _ = bytes.withUnsafeBytes { store.insert($0.baseAddress!, count: bytes.count, id: 0) }
        }
    }
}
