/// Walks the fields of a protobuf message without copying them.
///
/// Every read is checked against the end; a read that cannot be made returns nil, and the walk is over.
@safe struct WireReader {
    private(set) var at: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>

    init(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        unsafe at = start
        unsafe self.end = end
    }

    var isAtEnd: Bool { unsafe at >= end }
    var remaining: Int { unsafe end - at }

    /// The next byte, left in place. Call it only when not at the end.
    var next: UInt8 { unsafe at.pointee }

    /// A base-128 number; nil where it is cut off or longer than ten bytes.
    @inline(__always)
    mutating func varint() -> UInt64? {
        // Safe: each byte is read only after `at < end` was seen.
        guard unsafe at < end else { return nil }
        let first = unsafe at.pointee
        if first < 0x80 {
            unsafe at += 1
            return UInt64(first)
        }
        return longVarint(sizeLimit: 10)
    }

    /// A field's tag; nil where it is cut off, longer than five bytes or 0.
    ///
    /// A 0 in more bytes than it needs passes for an unknown field: libprotobuf-c, which reads what is unusual, looks at the
    /// first byte alone.
    @inline(__always)
    mutating func tag() -> UInt64? {
        guard !isAtEnd, next & 0xF8 != 0 else { return nil }
        return shortVarint()
    }

    /// A content's length; nil where it is cut off or longer than five bytes, as in libprotobuf-c.
    @inline(__always)
    private mutating func shortVarint() -> UInt64? {
        // Safe: as above.
        guard unsafe at < end else { return nil }
        let first = unsafe at.pointee
        if first < 0x80 {
            unsafe at += 1
            return UInt64(first)
        }
        return longVarint(sizeLimit: 5)
    }

    /// Bits past the sixty-fourth are dropped, as libprotobuf-c does.
    private mutating func longVarint(sizeLimit: UInt64) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var place = unsafe at
        while unsafe place < end, shift < 7 * sizeLimit {
            let byte = unsafe place.pointee
            unsafe place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                unsafe at = place
                return value
            }
            shift += 7
        }
        return nil
    }

    /// The length that stands here and the bytes behind it, as a reader of their own.
    @inline(__always)
    mutating func message() -> WireReader? {
        guard let length = shortVarint(), length <= UInt64(remaining) else { return nil }
        // Safe: the length was compared with what is left.
        let start = unsafe at
        unsafe at += Int(length)
        return unsafe WireReader(start, at)
    }

    @inline(__always)
    mutating func fixed64() -> UInt64? {
        guard remaining >= 8 else { return nil }
        // Safe: eight bytes are left.
        let value = unsafe UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
        unsafe at += 8
        return UInt64(littleEndian: value)
    }

    /// Steps over `count` bytes that were seen to be there.
    @inline(__always)
    mutating func skip(_ count: Int) {
        precondition(count <= remaining)
        unsafe at += count
    }

    /// Steps over a field's content; false where it is cut off or of a wire type that proto3 does not have.
    mutating func skipField(wireType: UInt64) -> Bool {
        switch wireType {
        case 0: return varint() != nil
        case 1: return fixed64() != nil
        case 2: return message() != nil
        case 5:
            guard remaining >= 4 else { return false }
            skip(4)
            return true
        default: return false
        }
    }
}
