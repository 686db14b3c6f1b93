internal import CSnappy
internal import CZstd

/// Snappy's block format, as Prometheus sends it.
package enum Snappy {
    package static func compress(_ message: [UInt8]) -> [UInt8] {
        var length = snappy_max_compressed_length(message.count)
        var compressed = [CChar](repeating: 0, count: length)
        let status = message.withUnsafeBytes { message in
            snappy_compress(
                message.baseAddress?.assumingMemoryBound(to: CChar.self) ?? .init(bitPattern: 1), message.count,
                &compressed, &length)
        }
        precondition(status == SNAPPY_OK, "snappy_compress failed")
        return compressed[..<length].map { UInt8(bitPattern: $0) }
    }

    /// A block that says how long it is and then holds `rest`, whatever that is.
    package static func block(declaring length: UInt64, _ rest: [UInt8] = []) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.raw(varint: length)
        return writer.bytes + rest
    }

    /// What a block holds, without the length in front, to be put together with other parts.
    package static func elements(_ message: [UInt8]) -> [UInt8] {
        Array(compress(message).drop { $0 >= 0x80 }.dropFirst())
    }

    /// Bytes that stand for themselves, at most 65,536 of them, as an element of a block.
    package static func literal(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.isEmpty { return [] }
        let length = UInt16(bytes.count - 1)
        return [61 << 2, UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8)] + bytes
    }
}

/// One frame of zstd, as vmagent sends it.
package enum Zstd {
    /// - Parameters:
    ///   - declaresSize: whether the frame's header says how much it holds.
    ///   - windowLog: how far back the frame may copy from, as a power of two; nil leaves it to the library.
    package static func compress(_ message: [UInt8], declaresSize: Bool = true, windowLog: Int32? = nil) -> [UInt8] {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, declaresSize ? 1 : 0)
        if let windowLog { ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog) }
        var compressed = [UInt8](repeating: 0, count: ZSTD_compressBound(message.count) + 64)
        // In two steps: a frame that is compressed in one call shrinks its window to its content.
        let length = compressed.withUnsafeMutableBytes { room in
            message.withUnsafeBytes { message in
                var output = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                var input = ZSTD_inBuffer(src: message.baseAddress, size: message.count, pos: 0)
                if declaresSize { ZSTD_CCtx_setPledgedSrcSize(context, UInt64(message.count)) }
                if windowLog != nil { ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush) }
                let left = ZSTD_compressStream2(context, &output, &input, ZSTD_e_end)
                precondition(left == 0, "ZSTD_compressStream2 failed")
                return output.pos
            }
        }
        return Array(compressed[..<length])
    }

    /// The head of a frame that says it holds `length` bytes, and nothing behind it but `rest`.
    package static func frame(declaring length: UInt64, _ rest: [UInt8] = []) -> [UInt8] {
        // Descriptor 0xE0: eight bytes of content size, a single segment (RFC 8878, section 3.1.1.1).
        var writer = ProtobufWriter()
        writer.bytes = [0x28, 0xB5, 0x2F, 0xFD, 0xE0]
        writer.raw(fixed64: length)
        return writer.bytes + rest
    }
}
