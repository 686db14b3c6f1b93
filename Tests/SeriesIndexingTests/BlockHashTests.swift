import TestSupport
import Testing

@testable import SeriesIndexing

@Suite struct BlockHashTests {
    private static let lengths = 0...200

    private static func makeHash(seed: UInt64 = 1) -> BlockHash {
        var numbers = SeededRandom(seed: seed)
        return BlockHash { numbers.next() }
    }

    private static func hash(_ hash: BlockHash, _ bytes: [UInt8]) -> UInt64 {
        // One byte more, so that an empty block has an address too.
        (bytes + [0]).withUnsafeBytes { hash($0.baseAddress!, count: bytes.count) }
    }

    @Test func `hashes equal bytes alike, wherever they lie and whatever lies beside them`() {
        let hash = Self.makeHash()
        var numbers = SeededRandom(seed: 2)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 64)
        defer { room.deallocate() }
        for length in Self.lengths {
            let bytes = numbers.bytes(length)
            let expected = Self.hash(hash, bytes)
            for offset in 0..<33 {
                room.copyBytes(from: numbers.bytes(256))
                for i in bytes.indices { room[offset + i] = bytes[i] }
                #expect(
                    hash(room.baseAddress! + offset, count: length) == expected, "length \(length), offset \(offset)")
            }
        }
    }

    @Test func `hashes blocks that differ in one bit apart`() {
        let hash = Self.makeHash()
        var numbers = SeededRandom(seed: 3)
        var alike = 0
        for length in Self.lengths {
            var bytes = numbers.bytes(length)
            let original = Self.hash(hash, bytes)
            for i in 0..<length {
                for bit in 0..<8 {
                    bytes[i] ^= 1 << UInt8(bit)
                    if Self.hash(hash, bytes) == original { alike += 1 }
                    bytes[i] ^= 1 << UInt8(bit)
                }
            }
        }
        #expect(alike == 0)
    }

    @Test(arguments: [0, 1, 0xFF] as [UInt8]) func `hashes runs of one byte apart by their length`(byte: UInt8) {
        let hash = Self.makeHash()
        let hashes = Self.lengths.map { Self.hash(hash, [UInt8](repeating: byte, count: $0)) }
        #expect(Set(hashes).count == hashes.count)
    }

    @Test func `hashes swapped words apart`() {
        let hash = Self.makeHash()
        var numbers = SeededRandom(seed: 4)
        for words in 2...25 {
            let bytes = numbers.bytes(8 * words)
            for i in 0..<words {
                for j in 0..<i {
                    var swapped = bytes
                    for b in 0..<8 { swapped.swapAt(8 * i + b, 8 * j + b) }
                    #expect(Self.hash(hash, swapped) != Self.hash(hash, bytes), "words \(i) and \(j) of \(words)")
                }
            }
        }
    }

    @Test func `hashes by keys that another process does not have`() {
        let one = Self.makeHash(seed: 5)
        let other = Self.makeHash(seed: 6)
        let third = BlockHash()
        var numbers = SeededRandom(seed: 7)
        for length in Self.lengths {
            let bytes = numbers.bytes(length)
            let hashes = [one, other, third].map { Self.hash($0, bytes) }
            #expect(Set(hashes).count == 3, "length \(length)")
        }
    }

    @Test func `spreads names that differ by a number evenly, by the high bits and by the low`() {
        let hash = Self.makeHash()
        var byShard = [Int](repeating: 0, count: 16)
        var bySlot = [Int](repeating: 0, count: 16)
        for number in 0..<16_000 {
            let key = Self.hash(hash, Array("http_requests_total{instance=\"host-\(number):9100\"}".utf8))
            byShard[Int(key >> 60)] += 1
            bySlot[Int(key & 15)] += 1
        }
        // Six standard deviations: 31 each.
        #expect(byShard.allSatisfy { abs($0 - 1000) < 186 }, "\(byShard)")
        #expect(bySlot.allSatisfy { abs($0 - 1000) < 186 }, "\(bySlot)")
    }
}
