/// Bytes that grow, keep their room from request to request, and never show what they held before.
///
/// An array would fill new room with zeros first; a decompressor writes every byte anyway.
// Safe: the value alone owns its memory, so it may be handed from thread to thread as a whole.
@safe struct ByteArena: ~Copyable, @unchecked Sendable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 64 * 1024
        unsafe base = .allocate(capacity: capacity)
    }

    deinit { unsafe base.deallocate() }

    /// Makes the arena empty, and small again where the last request was an unusually large one.
    mutating func reset(keepingBytes: Int) {
        count = 0
        if capacity > keepingBytes {
            unsafe base.deallocate()
            capacity = 64 * 1024
            unsafe base = .allocate(capacity: capacity)
        }
    }

    /// Room for `more` bytes behind those that are here; the caller writes them and says so with ``commit(_:)``.
    mutating func reserve(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < more {
            let larger = max(capacity * 2, count + more)
            let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
            // Safe: `count` bytes are initialised here, and the new room is larger.
            unsafe moved.update(from: base, count: count)
            unsafe base.deallocate()
            unsafe base = moved
            capacity = larger
        }
        // Safe: count <= capacity.
        return unsafe base + count
    }

    mutating func commit(_ written: Int) {
        precondition(written >= 0 && written <= capacity - count)
        count += written
    }

    /// Forgets what was appended since there were `earlier` bytes.
    mutating func shrink(to earlier: Int) {
        precondition(earlier >= 0 && earlier <= count)
        count = earlier
    }

    mutating func append(_ byte: UInt8) {
        // Safe: one byte was reserved.
        unsafe reserve(1).pointee = byte
        count += 1
    }

    /// Appends `length` bytes from elsewhere; `source` does not lie in this arena.
    mutating func append(_ source: UnsafePointer<UInt8>, length: Int) {
        // Safe: the room was reserved; the caller vouches for the source.
        unsafe reserve(length).update(from: source, count: length)
        count += length
    }

    mutating func append(varint value: Int) {
        var rest = value
        while rest > 0x7F {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Writes a field's tag and length.
    /// - Returns: the place behind them.
    @inline(__always)
    static func write(
        _ tag: UInt8, _ length: Int, to place: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        // Safe: the caller reserved the room, at most eleven bytes.
        var at = unsafe place
        unsafe at.pointee = tag
        unsafe at += 1
        var rest = length
        while rest > 0x7F {
            unsafe at.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            unsafe at += 1
            rest >>= 7
        }
        unsafe at.pointee = UInt8(truncatingIfNeeded: rest)
        return unsafe at + 1
    }

    /// All bytes, lent for the length of the call.
    func withBytes<Result, Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Result) throws(Failure) -> Result {
        // Safe: `count` bytes are initialised, and nothing changes the arena while it is borrowed.
        let bytes = unsafe UnsafeBufferPointer(start: base, count: count)
        return try body(unsafe bytes.span)
    }
}
