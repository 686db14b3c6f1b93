internal import CZlib

/// A gzip stream that is written bit by bit (RFC 1952), by zlib.
///
/// Owns zlib's state, about 270 KB, and frees it when it goes.
@safe package struct Gzip: ~Copyable {
    /// On score lines level 1 gives a fifth more bytes than the usual 6, in less than half the time.
    package static let level: Int32 = 1
    /// zlib writes into pieces of this size, which are appended to the output.
    private static let pieceBytes = 65_536

    /// zlib keeps a pointer back to this, so it must not move with the struct.
    private let stream: UnsafeMutablePointer<z_stream>
    private var piece = [UInt8](repeating: 0, count: Gzip.pieceBytes)

    package init() {
        // Safe: allocated and initialised here, owned by this struct alone, freed in deinit.
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, and 16 more to ask for the gzip form.
        // Safe: the stream is initialised; the other arguments are plain numbers and what zlib's macro passes.
        let status = unsafe deflateInit2_(
            stream, Self.level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot begin a stream: status \(status), memory is likely exhausted")
    }

    deinit {
        // Safe: nobody else has the pointer; zlib's own memory goes first.
        unsafe deflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Takes more bytes and appends what zlib gives out by now, which may be nothing.
    package mutating func compress(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        var at = 0
        while at < bytes.count {
            // zlib counts in 32 bits.
            let end = min(bytes.count, at + (1 << 30))
            // Safe: zlib reads the input only during the calls below, inside the closure that lends it.
            unsafe bytes.extracting(at..<end).withUnsafeBufferPointer { input in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(input.count)
                deflate(Z_NO_FLUSH, into: &output)
            }
            at = end
        }
    }

    /// Takes more bytes and appends what zlib gives out by now, which may be nothing.
    package mutating func compress(_ bytes: [UInt8], into output: inout [UInt8]) {
        compress(bytes.span, into: &output)
    }

    /// Appends the rest and ends the stream, which then takes nothing more.
    package consuming func finish(into output: inout [UInt8]) {
        // Safe: no input is left, so zlib may not look for any.
        unsafe stream.pointee.next_in = nil
        unsafe stream.pointee.avail_in = 0
        deflate(Z_FINISH, into: &output)
    }

    private mutating func deflate(_ flush: Int32, into output: inout [UInt8]) {
        var isFull = true
        while isFull {
            var written = 0
            // Safe: zlib writes at most `avail_out` bytes, the size of the piece, and only inside this closure.
            unsafe piece.withUnsafeMutableBufferPointer { room in
                unsafe stream.pointee.next_out = room.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room.count)
                let status = unsafe CZlib.deflate(stream, flush)
                precondition(status != Z_STREAM_ERROR, "a gzip stream was used after it was finished")
                written = unsafe room.count - Int(stream.pointee.avail_out)
            }
            output.append(contentsOf: piece[..<written])
            isFull = written == Self.pieceBytes
        }
    }
}
