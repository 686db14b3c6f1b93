internal import CSnappy
internal import CZstd

/// Undoes a body's compression, within a limit that is checked before any memory is taken.
// Safe: the value alone owns its memory, so it may be handed from thread to thread as a whole.
@safe struct Decompressor: ~Copyable, @unchecked Sendable {
    /// Made when the first zstd body comes: most processes never see one.
    private var zstd: OpaquePointer?

    deinit { if let zstd = unsafe zstd { unsafe ZSTD_freeDCtx(zstd) } }

    /// A frame without a content size must not ask for a larger window than a frame with one could have.
    private static let windowLogLimit: Int32 = 25
    private static let zstdMagic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// How large a body says that it is when decompressed; the most there is where it does not say so, or is corrupt.
    static func declaredBytes(of body: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let start = body.baseAddress else { return 0 }
        if unsafe body.count >= 4 && body[0..<4].elementsEqual(zstdMagic) {
            return unsafe ZSTD_getFrameContentSize(start, body.count)
        }
        var length = 0
        // Safe: libsnappy reads at most the bytes that it is told of.
        return unsafe body.withMemoryRebound(to: CChar.self) { compressed in
            unsafe snappy_uncompressed_length(compressed.baseAddress, compressed.count, &length) == SNAPPY_OK
        } ? UInt64(length) : .max
    }

    /// Appends the decompressed body to `output`.
    ///
    /// What the header says is only the first guess: vmagent's queue on disk can hold either encoding, and no valid snappy
    /// block begins with zstd's magic (its first element would copy from before the beginning).
    mutating func decompress(
        _ body: UnsafeBufferPointer<UInt8>, limitBytes: Int, into output: inout ByteArena
    ) throws(WriteRequestError) -> WriteEncoding {
        guard !body.isEmpty else { throw .emptyBody }
        if unsafe body.count >= 4 && body[0..<4].elementsEqual(Self.zstdMagic) {
            try unsafe zstdDecompress(body, limitBytes: limitBytes, into: &output)
            return .zstd
        }
        try unsafe snappyDecompress(body, limitBytes: limitBytes, into: &output)
        return .snappy
    }

    private func snappyDecompress(
        _ body: UnsafeBufferPointer<UInt8>, limitBytes: Int, into output: inout ByteArena
    ) throws(WriteRequestError) {
        // Safe: every length handed to libsnappy is the size of the memory that it goes with.
        try unsafe body.withMemoryRebound(to: CChar.self) { (compressed) throws(WriteRequestError) in
            var length = 0
            guard unsafe snappy_uncompressed_length(compressed.baseAddress, compressed.count, &length) == SNAPPY_OK
            else {
                throw .corruptCompression(.snappy)
            }
            guard length <= limitBytes else {
                throw .tooLarge(declaredBytes: UInt64(length), limitBytes: limitBytes)
            }
            let room = unsafe UnsafeMutableRawPointer(output.reserve(length)).assumingMemoryBound(to: CChar.self)
            guard unsafe snappy_uncompress(compressed.baseAddress, compressed.count, room, &length) == SNAPPY_OK else {
                throw .corruptCompression(.snappy)
            }
            output.commit(length)
        }
    }

    private mutating func zstdDecompress(
        _ body: UnsafeBufferPointer<UInt8>, limitBytes: Int, into output: inout ByteArena
    ) throws(WriteRequestError) {
        if unsafe zstd == nil {
            unsafe zstd = ZSTD_createDCtx()
            if let zstd = unsafe zstd {
                _ = unsafe ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, Self.windowLogLimit)
            }
        }
        guard let context = unsafe zstd else { throw .corruptCompression(.zstd) }
        let declared = unsafe ZSTD_getFrameContentSize(body.baseAddress, body.count)
        let length: Int
        switch declared {
        case UInt64.max - 1:  // ZSTD_CONTENTSIZE_ERROR
            throw .corruptCompression(.zstd)
        case UInt64.max:  // ZSTD_CONTENTSIZE_UNKNOWN
            length = try unsafe measure(body, with: context, limitBytes: limitBytes, in: &output)
        default:
            guard declared <= UInt64(limitBytes) else {
                throw .tooLarge(declaredBytes: declared, limitBytes: limitBytes)
            }
            length = Int(declared)
        }
        // Safe: the room is as large as the capacity that is named; libzstd writes no further.
        let room = unsafe output.reserve(length)
        let written = unsafe ZSTD_decompressDCtx(context, room, length, body.baseAddress, body.count)
        guard ZSTD_isError(written) == 0 else { throw .corruptCompression(.zstd) }
        output.commit(written)
    }

    /// How much a frame holds that does not say so: decompressed piece by piece over the same room, so that a bomb takes
    /// time for as much as the limit, and no memory. Known senders say how much their frames hold.
    private func measure(
        _ body: UnsafeBufferPointer<UInt8>, with context: OpaquePointer, limitBytes: Int, in output: inout ByteArena
    ) throws(WriteRequestError) -> Int {
        // Safe: both buffers name the memory they own; libzstd moves `pos` within `size`.
        unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        var input = unsafe ZSTD_inBuffer(src: body.baseAddress, size: body.count, pos: 0)
        let step = 128 * 1024
        var length = 0
        var left = 1
        while left != 0 {
            var piece = unsafe ZSTD_outBuffer(dst: output.reserve(step), size: step, pos: 0)
            left = unsafe ZSTD_decompressStream(context, &piece, &input)
            guard ZSTD_isError(left) == 0 else { throw .corruptCompression(.zstd) }
            unsafe length += piece.pos
            guard length <= limitBytes else {
                throw .tooLarge(declaredBytes: UInt64(length), limitBytes: limitBytes)
            }
            // The input is used up and the frame still wants more: it was cut short.
            if unsafe left != 0 && input.pos == input.size && piece.pos < piece.size {
                throw .corruptCompression(.zstd)
            }
        }
        guard unsafe input.pos == input.size else { throw .corruptCompression(.zstd) }
        return length
    }
}
