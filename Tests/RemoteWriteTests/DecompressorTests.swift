import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// Rows B1 to B5 and N12 of the conformance table: what may be decompressed.
@Suite struct DecompressorTests {
    private let message = WriteMessage.version1([WireSeries("up", [("job", "api")], [(1000, 1)])])
    private static let limit = 1 << 20

    private func error(_ body: [UInt8], limitBytes: Int = limit) -> WriteRequestError? {
        var request = WriteRequest()
        do throws(WriteRequestError) {
            try request.decompress(body.span, limitBytes: limitBytes)
            return nil
        } catch {
            return error
        }
    }

    private func decompressed(_ body: [UInt8]) throws -> ([UInt8], WriteEncoding) {
        var request = WriteRequest()
        try request.decompress(body.span, limitBytes: Self.limit)
        return (request.withBytes { bytes in bytes.indices.map { bytes[$0] } }, request.encoding)
    }

    @Test func `refuses an empty body but takes the snappy of nothing`() throws {
        #expect(error([]) == .emptyBody)
        #expect(error([0]) == nil)
        #expect(try decompressed(Snappy.compress([])).0 == [])
        #expect(try decompressed(Zstd.compress([])).0 == [])
    }

    @Test func `tells the two encodings apart by the body itself`() throws {
        #expect(try decompressed(Snappy.compress(message)) == (message, .snappy))
        #expect(try decompressed(Zstd.compress(message)) == (message, .zstd))
        #expect(try decompressed(Zstd.compress(message, declaresSize: false)) == (message, .zstd))
    }

    @Test func `refuses a body cut short at every byte`() {
        let zstd = Zstd.compress(message)
        for length in 1..<zstd.count { #expect(error(Array(zstd[..<length])) != nil) }
        let streamed = Zstd.compress(message, declaresSize: false)
        for length in 1..<streamed.count { #expect(error(Array(streamed[..<length])) != nil) }
        let snappy = Snappy.compress(message)
        for length in 1..<snappy.count { #expect(error(Array(snappy[..<length])) == .corruptCompression(.snappy)) }
    }

    @Test func `refuses bytes behind the end`() {
        #expect(error(Snappy.compress(message) + [0]) == .corruptCompression(.snappy))
        #expect(error(Zstd.compress(message) + [0]) == .corruptCompression(.zstd))
        #expect(error(Zstd.compress(message, declaresSize: false) + [0]) == .corruptCompression(.zstd))
        // One frame, as vmagent sends it, and no second one.
        #expect(error(Zstd.compress(message) + Zstd.compress(message)) == .corruptCompression(.zstd))
        #expect(
            error(Zstd.compress(message, declaresSize: false) + Zstd.compress(message)) == .corruptCompression(.zstd))
    }

    @Test func `refuses snappy's framed format and other noise`() {
        let framed: [UInt8] = [0xFF, 0x06, 0x00, 0x00, 0x73, 0x4E, 0x61, 0x50, 0x70, 0x59]
        #expect(error(framed) == .corruptCompression(.snappy))
        #expect(error([0x1F, 0x8B, 0x08, 0, 0, 0, 0, 0]) == .corruptCompression(.snappy))
        #expect(error(Array("not compressed".utf8)) == .corruptCompression(.snappy))
        #expect(error([0x28, 0xB5, 0x2F, 0xFD]) == .corruptCompression(.zstd))
    }

    @Test(arguments: [limit + 1, 32 << 20, (1 << 32) - 1])
    func `refuses a snappy block that declares too much, before it takes memory`(length: Int) {
        let body = Snappy.block(declaring: UInt64(length))
        #expect(error(body) == .tooLarge(declaredBytes: UInt64(length), limitBytes: Self.limit))
    }

    @Test(arguments: [UInt64(limit + 1), 4 << 30, 1 << 62, .max - 2] as [UInt64])
    func `refuses a zstd frame that declares too much, before it takes memory`(length: UInt64) {
        #expect(error(Zstd.frame(declaring: length)) == .tooLarge(declaredBytes: length, limitBytes: Self.limit))
    }

    @Test func `takes what is exactly at the limit, and not a byte more`() throws {
        let message = [UInt8](repeating: 0, count: 100_000)
        for body in [Snappy.compress(message), Zstd.compress(message), Zstd.compress(message, declaresSize: false)] {
            #expect(error(body, limitBytes: 100_000) == nil)
            #expect(error(body, limitBytes: 99_999)?.reason == "too_large")
        }
    }

    @Test func `stops a zstd frame without a size soon after the limit`() {
        let bomb = Zstd.compress([UInt8](repeating: 0, count: 64 << 20), declaresSize: false)
        #expect(bomb.count < 10_000)
        guard case .tooLarge(let bytes, _) = error(bomb) else {
            Issue.record("taken")
            return
        }
        #expect(bytes <= UInt64(Self.limit + 128 * 1024))
    }

    @Test func `refuses a zstd window larger than 32 MiB`() {
        let wide = Zstd.compress(message, declaresSize: false, windowLog: 26)
        #expect(error(wide, limitBytes: 1 << 30) == .corruptCompression(.zstd))
        let narrow = Zstd.compress(message, declaresSize: false, windowLog: 25)
        #expect(error(narrow, limitBytes: 1 << 30) == nil)
    }

    @Test func `works on after a body that it refused`() throws {
        var request = WriteRequest()
        let good = [Zstd.compress(message, declaresSize: false), Zstd.compress(message), Snappy.compress(message)]
        for body in good {
            for bad in good.map({ Array($0.dropLast(3)) }) {
                #expect(throws: WriteRequestError.self) { try request.decompress(bad.span, limitBytes: Self.limit) }
                try request.decompress(body.span, limitBytes: Self.limit)
                #expect(request.withBytes { bytes in bytes.indices.map { bytes[$0] } } == message)
            }
        }
    }

    @Test func `decodes every small series count in every encoding`() throws {
        for count in 0..<40 {
            let message = WriteMessage.version1((0..<count).map { WireSeries("m\($0)", [], [(1, 1)]) })
            for body in [Snappy.compress(message), Zstd.compress(message), Zstd.compress(message, declaresSize: false)]
            {
                guard case .taken(let request) = Decoded(body, as: .version1, path: .recognising) else {
                    Issue.record("\(count) series were rejected")
                    return
                }
                #expect(request.series.count == count)
            }
        }
    }

    @Test func `says what is wrong and what to change`() {
        let errors: [WriteRequestError] = [
            .emptyBody, .tooLarge(declaredBytes: 5, limitBytes: 4), .corruptCompression(.zstd), .malformedProtobuf("x"),
        ]
        for error in errors { #expect("\(error)".hasPrefix("the ")) }
        #expect("\(errors[1])".contains("--limit.body-bytes"))
        #expect(Set(errors.map(\.reason)).count == errors.count)
    }
}
