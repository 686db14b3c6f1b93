import Foundation
import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// Small bodies that would take much memory if they were believed. Each runs in a process of its own, where nothing else
/// takes memory meanwhile.
@Suite struct MemoryTests {
    @Test func `a body that declares 4 GiB takes no memory`() async {
        await #expect(processExitsWith: .success) {
            let bodies = [Snappy.block(declaring: (1 << 32) - 1), Zstd.frame(declaring: 4 << 30)]
            expectPeak(below: 16 << 20) {
                for body in bodies { expect("too_large", body, as: .version1) }
            }
        }
    }

    @Test func `a body that declares what it does not hold takes no memory`() async {
        await #expect(processExitsWith: .success) {
            let bodies = [Snappy.block(declaring: 32 << 20), Zstd.frame(declaring: 32 << 20)]
            expectPeak(below: 16 << 20) {
                for body in bodies { expect("corrupt_compression", body, as: .version1) }
            }
        }
    }

    @Test func `a zstd bomb takes little more than the limit`() async {
        await #expect(processExitsWith: .success) {
            let bomb = Zstd.compress([UInt8](repeating: 0, count: 256 << 20), declaresSize: false)
            // The buffer doubles, and the old half is there while it is copied; zstd keeps a window beside it.
            expectPeak(below: 8 << 20) { expect("too_large", bomb, as: .version1, limitBytes: 1 << 20) }
        }
    }

    /// Each empty histogram takes two bytes on the wire and some 250 once libprotobuf-c has read it.
    @Test func `a series of a great many empty histograms takes no more than the arena's limit`() async {
        await #expect(processExitsWith: .success) {
            for version in WriteProtocol.allCases {
                let tag: UInt8 = version == .version1 ? 0x22 : 0x1A
                let series = twoBytes(tag, 0, doublings: 23)
                let message = ProtobufWriter.message { $0.bytes(version == .version1 ? 1 : 5, series) }
                let body = Snappy.compress(message)
                expectPeak(below: 192 << 20) { expect("malformed_protobuf", body, as: version) }
            }
        }
    }

    @Test func `a label block of a great many empty labels takes little memory`() async {
        await #expect(processExitsWith: .success) {
            let block = twoBytes(0x0A, 0, doublings: 23)
            expectPeak(below: 4 << 20) {
                var decoder = LabelDecoder(limits: .init())
                precondition(decoder.labels(of: block.span) == .failure(.setTooLong))
            }
        }
    }

    @Test func `symbols that unfold to more than the limit take no more than the limit`() async {
        await #expect(processExitsWith: .success) {
            let message = ProtobufWriter.message { request in
                request.bytes(4, [UInt8](repeating: 0x61, count: 100_000))
                let series = ProtobufWriter.message { series in
                    series.packed(1, [0, 0])
                    series.bytes(2, [])
                }
                for _ in 0..<20_000 { request.bytes(5, series) }
            }
            let body = Snappy.compress(message)
            expectPeak(below: 16 << 20) {
                expect("too_large", body, as: .version2, limitBytes: 4 << 20)
            }
        }
    }
}

/// 2 to the `doublings` pairs of bytes.
private func twoBytes(_ first: UInt8, _ second: UInt8, doublings: Int) -> [UInt8] {
    var bytes = [first, second]
    for _ in 0..<doublings { bytes += bytes }
    return bytes
}

private func expect(_ reason: String, _ body: [UInt8], as version: WriteProtocol, limitBytes: Int = 32 << 20) {
    let decoded = Decoded(body, as: version, path: .recognising, limitBytes: limitBytes)
    precondition(decoded == .rejected(reason: reason), "\(decoded)")
}

private func expectPeak(below bytes: Int, _ body: () -> Void) {
    // "5" makes the kernel forget the peak so far (proc(5), clear_refs).
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    let before = statusBytes("VmRSS:")
    body()
    let risen = statusBytes("VmHWM:") - before
    precondition(risen < bytes, "the peak rose by \(risen) bytes")
}

/// A line of /proc/self/status, which counts in kibibytes.
private func statusBytes(_ name: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
    return 1024 * (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0)
}
