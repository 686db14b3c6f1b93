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
            guard unsafe snappy_uncompressed_length(compressed.baseAddress, compressed.count, &length) == SNAPPY_OK else {
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
        switch declared {
        case UInt64.max - 1:  // ZSTD_CONTENTSIZE_ERROR
            throw .corruptCompression(.zstd)
        case UInt64.max:  // ZSTD_CONTENTSIZE_UNKNOWN
            try unsafe stream(body, through: context, limitBytes: limitBytes, into: &output)
        default:
            guard declared <= UInt64(limitBytes) else {
                throw .tooLarge(declaredBytes: declared, limitBytes: limitBytes)
            }
            // Safe: the room is as large as the capacity that is named; libzstd writes no further.
            let room = unsafe output.reserve(Int(declared))
            let written = unsafe ZSTD_decompressDCtx(context, room, Int(declared), body.baseAddress, body.count)
            guard ZSTD_isError(written) == 0 else { throw .corruptCompression(.zstd) }
            output.commit(written)
        }
    }

    /// A frame that does not say how large it is: piece by piece, up to the limit.
    private func stream(
        _ body: UnsafeBufferPointer<UInt8>, through context: OpaquePointer, limitBytes: Int, into output: inout ByteArena
    ) throws(WriteRequestError) {
        // Safe: both buffers name the memory they own; libzstd moves `pos` within `size`.
        unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        var input = unsafe ZSTD_inBuffer(src: body.baseAddress, size: body.count, pos: 0)
        var left = 1
        while left != 0 {
            let step = 128 * 1024
            var piece = unsafe ZSTD_outBuffer(dst: output.reserve(step), size: step, pos: 0)
            left = unsafe ZSTD_decompressStream(context, &piece, &input)
            guard ZSTD_isError(left) == 0 else { throw .corruptCompression(.zstd) }
            unsafe output.commit(piece.pos)
            guard output.count <= limitBytes else {
                throw .tooLarge(declaredBytes: UInt64(output.count), limitBytes: limitBytes)
            }
            // The input is used up and the frame still wants more: it was cut short.
            if unsafe left != 0 && input.pos == input.size && piece.pos < piece.size { throw .corruptCompression(.zstd) }
        }
        guard unsafe input.pos == input.size else { throw .corruptCompression(.zstd) }
    }
}
