/// The symbols of one 2.0 request, each ready to be copied into a label block.
///
/// 2.0 numbers its symbols anew in every request, so the numbers recognise nothing. Each symbol is written once a request as
/// length and text, and the labels of a series become, by copying such pieces, the same block that 1.0 would have carried:
/// one series is one row, whichever protocol brings it, and only one form of its labels is kept.
struct SymbolTable: ~Copyable, Sendable {
    private struct Piece: BitwiseCopyable {
        var start: UInt32
        var length: UInt32
    }

    private var pieces: [Piece] = []
    private var text = ByteArena()

    var count: Int { pieces.count }

    mutating func removeAll() {
        pieces.removeAll(keepingCapacity: pieces.capacity <= 1 << 16)
        text.reset(keepingBytes: 1 << 20)
    }

    mutating func append(_ symbol: WireReader) {
        let start = text.count
        text.append(varint: symbol.remaining)
        // Safe: the reader's bytes lie in the message, not here.
        unsafe text.append(symbol.at, length: symbol.remaining)
        pieces.append(
            Piece(start: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: text.count - start)))
    }

    /// Writes the label (name, value) as remote write 1.0 does; false where a reference has no symbol, or the block no room.
    ///
    /// A few bytes of references can stand for very long symbols, again and again, hence the limit.
    @inline(__always)
    func appendLabel(name: UInt64, value: UInt64, to block: inout ByteArena, limitBytes: Int) -> Bool {
        guard name < UInt64(pieces.count), value < UInt64(pieces.count) else { return false }
        let name = pieces[Int(name)]
        let value = pieces[Int(value)]
        let length = 2 + Int(name.length) + Int(value.length)
        guard block.count + length <= limitBytes else { return false }
        // Safe: 12 bytes for tag and length, and one tag before each piece, are within what is reserved;
        // the pieces lie in `text`, which does not change meanwhile.
        let start = unsafe block.reserve(length + 12)
        var at = unsafe ByteArena.write(0x0A, length, to: start)
        unsafe at.pointee = 0x0A
        unsafe (at + 1).update(from: text.base + Int(name.start), count: Int(name.length))
        unsafe at += 1 + Int(name.length)
        unsafe at.pointee = 0x12
        unsafe (at + 1).update(from: text.base + Int(value.start), count: Int(value.length))
        unsafe at += 1 + Int(value.length)
        unsafe block.commit(at - start)
        return true
    }
}
