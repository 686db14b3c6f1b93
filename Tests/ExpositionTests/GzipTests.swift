import Exposition
import Testing

@Suite struct GzipTests {
    private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        let answer = try Program(path: "/usr/bin/gzip").run(["-d", "-c"], input: bytes)
        #expect(answer.status == 0, "\(answer.errors)")
        return answer.output
    }

    @Test(
        .enabled(if: Program(path: "/usr/bin/gzip").isInstalled, "gzip is not installed"),
        arguments: [0, 1, 100, 65_536, 1_000_000])
    func `is read by the gzip program`(count: Int) throws {
        let compressible = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let random = (0..<count).map { _ in UInt8.random(in: 0...255) }
        for bytes in [compressible, random] {
            var packed: [UInt8] = []
            var gzip = Gzip()
            gzip.compress(bytes, into: &packed)
            gzip.finish(into: &packed)
            #expect(try unpacked(packed) == bytes)
        }
    }

    @Test(.enabled(if: Program(path: "/usr/bin/gzip").isInstalled, "gzip is not installed"))
    func `takes its input in pieces, also empty ones`() throws {
        var packed = Array("before".utf8)
        var whole: [UInt8] = []
        var gzip = Gzip()
        for count in [0, 1, 3, 70_000, 0, 200_001, 1] {
            let piece = (0..<count).map { _ in UInt8.random(in: 0...3) }
            whole += piece
            gzip.compress(piece.span, into: &packed)
        }
        gzip.finish(into: &packed)
        #expect(packed.starts(with: "before".utf8))
        #expect(try unpacked(Array(packed.dropFirst(6))) == whole)
    }

    @Test func `makes repetitive text small, and may be thrown away half done`() {
        let line = Array("anomaly_score{job=\"api\"} 0.5\n".utf8)
        var packed: [UInt8] = []
        var gzip = Gzip()
        for _ in 0..<10_000 { gzip.compress(line, into: &packed) }
        gzip.finish(into: &packed)
        #expect(packed.count < 10_000)
        var unfinished = Gzip()
        unfinished.compress(line, into: &packed)
    }
}
