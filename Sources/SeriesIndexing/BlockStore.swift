internal import Glibc

/// Runs of bytes, each with the series it belongs to, packed into chunks that never move.
///
/// A million label blocks as a million arrays would cost 48 bytes more each and lie all over memory; here a block costs
/// 8 bytes and at most 15 of padding, and series that were registered together lie together. A block is named by a 32-bit
/// ``Reference``. Freed blocks are used again for blocks of the same padded size.
// Safe: the store alone owns its chunks, so it may be handed from thread to thread as a whole.
@safe struct BlockStore: ~Copyable, @unchecked Sendable {
    /// Chunk number and place in units of 16 bytes; 0 names nothing.
    typealias Reference = UInt32

    static let chunkBytes = 1 << 20
    /// The longest run of bytes that one block can hold.
    static let blockLimit = chunkBytes - 2 * unit
    private static let unit = 16
    private static let headerBytes = 8

    private var chunks: [UnsafeMutableRawPointer] = unsafe []
    private var usedInLast = chunkBytes
    /// Freed blocks by their size in units.
    private var freed: [Int: [Reference]] = [:]
    /// Bytes in blocks that are in use, headers and padding included.
    private(set) var usedBytes = 0

    init() {}

    deinit { for i in unsafe chunks.indices { unsafe chunks[i].deallocate() } }

    /// Bytes taken from the system.
    var heldBytes: Int { unsafe chunks.count * Self.chunkBytes }

    private static func units(_ count: Int) -> Int { (count + headerBytes + unit - 1) / unit }

    @inline(__always)
    private func place(_ reference: Reference) -> UnsafeMutableRawPointer {
        // Safe: references are made in `insert` alone, and name a block within a chunk.
        unsafe chunks[Int(reference >> 16)] + Int(reference & 0xFFFF) * Self.unit
    }

    /// Copies `count` bytes into a block of the series `id`.
    mutating func insert(_ bytes: UnsafeRawPointer, count: Int, id: UInt32) -> Reference {
        precondition(count <= Self.blockLimit)
        let units = Self.units(count)
        let reference = freed[units]?.popLast() ?? take(units)
        usedBytes += units * Self.unit
        let header = unsafe place(reference)
        // Safe: the block has room for the header and `count` bytes.
        unsafe header.storeBytes(of: id, as: UInt32.self)
        unsafe header.storeBytes(of: UInt32(truncatingIfNeeded: count), toByteOffset: 4, as: UInt32.self)
        unsafe (header + Self.headerBytes).copyMemory(from: bytes, byteCount: count)
        return reference
    }

    private mutating func take(_ units: Int) -> Reference {
        if usedInLast + units * Self.unit > Self.chunkBytes {
            unsafe precondition(chunks.count < 1 << 16, "label blocks take more than 64 GiB")
            unsafe chunks.append(.allocate(byteCount: Self.chunkBytes, alignment: Self.unit))
            // The first unit of the first chunk stays unused: reference 0 names nothing.
            usedInLast = unsafe chunks.count == 1 ? Self.unit : 0
        }
        let reference = unsafe UInt32(truncatingIfNeeded: chunks.count - 1) << 16 | UInt32(usedInLast / Self.unit)
        usedInLast += units * Self.unit
        return reference
    }

    mutating func remove(_ reference: Reference) {
        let units = Self.units(count(reference))
        usedBytes -= units * Self.unit
        freed[units, default: []].append(reference)
    }

    /// The series that a block belongs to.
    @inline(__always)
    func id(_ reference: Reference) -> UInt32 {
        unsafe place(reference).load(as: UInt32.self)
    }

    @inline(__always)
    func count(_ reference: Reference) -> Int {
        unsafe Int(place(reference).load(fromByteOffset: 4, as: UInt32.self))
    }

    /// Whether a block holds just these bytes.
    @inline(__always)
    func equals(_ reference: Reference, _ bytes: UnsafeRawPointer, count: Int) -> Bool {
        let header = unsafe place(reference)
        guard unsafe Int(header.load(fromByteOffset: 4, as: UInt32.self)) == count else { return false }
        // Safe: both sides have `count` bytes.
        return unsafe memcmp(header + Self.headerBytes, bytes, count) == 0
    }

    /// The bytes of a block, lent for the length of the call.
    func withBytes<Result>(_ reference: Reference, _ body: (Span<UInt8>) -> Result) -> Result {
        // Safe: the block is initialised, and stays as it is while the store is borrowed.
        let start = unsafe UnsafePointer((place(reference) + Self.headerBytes).assumingMemoryBound(to: UInt8.self))
        let bytes = unsafe UnsafeBufferPointer(start: start, count: count(reference))
        return body(unsafe bytes.span)
    }
}
