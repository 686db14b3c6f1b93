import RemoteWrite
import TestSupport
import Testing
import TimeSeries

/// The quick walk and libprotobuf-c read the same out of every body.
@Suite struct PathAgreementTests {
    /// Each chunk has its own seed, so that a failure can be run alone.
    @Test(arguments: WriteProtocol.allCases, 0..<20)
    func `agree on generated bodies`(message: WriteProtocol, chunk: Int) {
        var random = SeededRandom(seed: UInt64(chunk) << 8 | (message == .version1 ? 1 : 2))
        var recognising = WriteRequest()
        var protobufC = WriteRequest()
        var taken = 0
        for body in 0..<500 {
            let series = random.series(count: random.below(6))
            // Plain bodies, odd ones, and broken ones.
            let (oddity, breakage) = [(0, 0), (0.02, 0), (0.2, 0), (0.05, 0.01)][body % 4]
            var writer = OddMessage(
                random: SeededRandom(seed: random.next()), oddity: oddity, breakage: breakage)
            let bytes = Snappy.compress(message == .version1 ? writer.version1(series) : writer.version2(series))
            let left = Decoded(bytes, as: message, path: .recognising, request: &recognising)
            let right = Decoded(bytes, as: message, path: .protobufC, request: &protobufC)
            if let disagreement = Decoded.disagreement(recognising: left, protobufC: right) {
                Issue.record("body \(body) of chunk \(chunk): \(disagreement)\n\(bytes)")
                return
            }
            if case .taken = left { taken += 1 }
        }
        // Enough of them are legal for the comparison to mean something.
        #expect(taken > 350)
    }

    @Test(arguments: WriteProtocol.allCases)
    func `read plainly written series as they were described`(message: WriteProtocol) throws {
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            let series = random.series(count: 5)
            let bytes = message == .version1 ? WriteMessage.version1(series) : WriteMessage.version2(series)
            guard case .taken(let request) = Decoded(Snappy.compress(bytes), as: message, path: .recognising) else {
                Issue.record("a plainly written body was rejected")
                return
            }
            let isTaken = series.filter { !$0.samples.isEmpty && $0.histograms.allSatisfy(\.addsUp) }
            try #require(request.series.count == isTaken.count)
            for (read, written) in zip(request.series, isTaken) {
                let samples = written.samples.enumerated().sorted {
                    ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
                }
                #expect(read.samples.map(\.time) == samples.map(\.element.time))
                #expect(read.samples.map(\.bits) == samples.map(\.element.bits))
                #expect(Int(read.histograms) == written.histograms.count)
                #expect(Int(read.exemplars) == written.exemplars.count)
                guard case .success(let labels) = read.labels else { continue }
                let pairs = written.labels.filter { !$0.value.isEmpty }
                #expect(
                    labels
                        == Labels(
                            pairs.map {
                                (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self))
                            }))
            }
        }
    }

    @Test func `agree on captures with flipped bits`() throws {
        var random = SeededRandom(seed: 11)
        for capture in try Capture.all where capture.body.count < 2000 {
            for _ in 0..<400 {
                var message = try capture.messageBytes()
                for _ in 0...random.below(3) { message[random.below(message.count)] ^= 1 << UInt8(random.below(8)) }
                let disagreement = Decoded.disagreement(on: Snappy.compress(message), as: capture.message)
                #expect(disagreement == nil, "\(capture.name): \(message)")
            }
        }
    }

    @Test func `agree on captures cut short at every byte`() throws {
        for capture in try Capture.all where capture.body.count < 1100 {
            let message = try capture.messageBytes()
            for length in 0..<message.count {
                let disagreement = Decoded.disagreement(
                    on: Snappy.compress(Array(message[..<length])), as: capture.message)
                #expect(disagreement == nil, "\(capture.name) cut to \(length) bytes")
            }
        }
    }

    @Test func `survive compressed bodies with flipped bits`() throws {
        var random = SeededRandom(seed: 12)
        for capture in try Capture.all where capture.body.count < 15_000 {
            for _ in 0..<200 {
                var body = capture.body
                for _ in 0...random.below(3) { body[random.below(body.count)] ^= 1 << UInt8(random.below(8)) }
                #expect(Decoded.disagreement(on: body, as: capture.message) == nil, "\(capture.name): \(body)")
            }
        }
    }
}

extension WireHistogram {
    fileprivate var addsUp: Bool {
        if sum.bitPattern == StaleMarker.bitPattern { return true }
        return switch buckets {
        case .whole(let count, let zero, let positive, let negative):
            isBelowOrEqual(Double(zero) + Double((positive + negative).reduce(0, +)), Double(count))
        case .fractions(let count, let zero, let positive, let negative):
            isBelowOrEqual(zero + (positive + negative).reduce(0, +), count)
        }
    }

    /// Observations that were NaN are counted but lie in no bucket.
    private func isBelowOrEqual(_ inBuckets: Double, _ count: Double) -> Bool {
        sum.isNaN ? inBuckets <= count : inBuckets == count
    }
}
