import Detectors
import RemoteWrite
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

/// The conformance table of remote write, as far as our answer is concerned: rows N1 to N20 and B1 to B13.
///
/// Rows of the HTTP layer (methods, handshake, redirects, keep-alive) are tested with the server.
@Suite struct ConformanceTests {
    private static let message1 = Snappy.compress(WriteMessage.version1([.up()]))
    private static let message2 = Snappy.compress(WriteMessage.version2([.up()]))
    private let receiver = ConformanceReceiver()

    private func expectNothingProcessed() {
        #expect(receiver.countOfAll == 0)
        #expect(receiver.pipeline.index.count == 0)
    }

    // MARK: Negotiation

    @Test func `N1: without Content-Type it is 1-0`() {
        #expect(receiver.send(body: Self.message1, type: nil).status == 204)
        #expect(receiver.countOfTaken == 1)
    }

    @Test(arguments: ["application/x-protobuf", "application/x-protobuf;proto=prometheus.WriteRequest"])
    func `N2, N3: 1-0 by its names`(type: String) {
        let answer = receiver.send(body: Self.message1, type: type)
        #expect(answer == .init(status: 204, written: nil, hasWrittenHeaders: false, body: "", contentType: nil))
        #expect(receiver.countOfTaken == 1)
    }

    @Test func `N4: 2-0 by its name, with the Written headers`() {
        let answer = receiver.send(body: Self.message2, type: ConformanceReceiver.version2)
        #expect(answer == .init(status: 204, written: [1, 0, 0], hasWrittenHeaders: true, body: "", contentType: nil))
        #expect(receiver.countOfTaken == 1)
    }

    @Test(arguments: [
        "application/x-protobuf;proto=prometheus.ReadRequest",
        "application/x-protobuf;proto=io.prometheus.write.v3.Request",
    ])
    func `N5: 415 to an unknown message, and why`(type: String) {
        let answer = receiver.send(body: Self.message1, type: type)
        #expect(answer.status == 415)
        #expect(answer.body.contains("is not known; send prometheus.WriteRequest or io.prometheus.write.v2.Request"))
        #expect(answer.contentType == "text/plain; charset=utf-8")
        expectNothingProcessed()
    }

    @Test(arguments: ["application/json", "image/png", "text/plain; charset=utf-8", "nonsense"])
    func `N6: 415 to other media types, before the body is looked at`(type: String) {
        for body in [Self.message1, [0xFF, 0xFF], []] {
            let answer = receiver.send(body: body, type: type)
            #expect(answer.status == 415)
            #expect(answer.body.contains("send application/x-protobuf"))
        }
        expectNothingProcessed()
    }

    @Test(
        arguments: [
            "application/x-protobuf; proto=io.prometheus.write.v2.Request",
            "application/x-protobuf;proto=\"io.prometheus.write.v2.Request\"",
            "APPLICATION/X-PROTOBUF;PROTO=io.prometheus.write.v2.Request",
            "application/x-protobuf;charset=utf-8;proto=io.prometheus.write.v2.Request",
        ])
    func `N7: reads Content-Type by RFC 9110`(type: String) {
        #expect(receiver.send(body: Self.message2, type: type).written == [1, 0, 0])
        #expect(receiver.countOfTaken == 1)
    }

    @Test func `N8: without Content-Encoding it is snappy`() {
        #expect(receiver.send(body: Self.message1, encoding: nil).status == 204)
        #expect(receiver.countOfTaken == 1)
    }

    @Test(arguments: ["snappy", "Snappy", "SNAPPY"])
    func `N9: snappy in any letter case`(encoding: String) {
        #expect(receiver.send(body: Self.message1, encoding: encoding).status == 204)
        #expect(receiver.countOfTaken == 1)
    }

    @Test(arguments: [true, false])
    func `N10: vmagent's zstd`(declaresSize: Bool) {
        let body = Zstd.compress(WriteMessage.version1([.up()]), declaresSize: declaresSize)
        let headers = [
            ("Content-Type", "application/x-protobuf"), ("Content-Encoding", "zstd"),
            ("X-VictoriaMetrics-Remote-Write-Version", "1"),
        ]
        #expect(receiver.send(body: body, headers: headers).status == 204)
        #expect(receiver.countOfTaken == 1)
        #expect(receiver.metric("lapwing_remote_write_requests_total{encoding=\"zstd\",protocol=\"1.0\"}") == 1)
    }

    @Test(arguments: ["gzip", "deflate", "identity", "br", "snappy, gzip"])
    func `N11: 415 to other encodings`(encoding: String) {
        let answer = receiver.send(body: Self.message1, encoding: encoding)
        #expect(answer.status == 415)
        #expect(answer.body.contains("send snappy or zstd"))
        expectNothingProcessed()
    }

    @Test func `N12: the body says which encoding it is`() {
        #expect(receiver.send(body: Zstd.compress(WriteMessage.version1([.up()])), encoding: "snappy").status == 204)
        #expect(
            receiver.send(body: Snappy.compress(WriteMessage.version1([.up([("job", "b")])])), encoding: "zstd").status
                == 204)
        #expect(receiver.countOfTaken == 2)
    }

    @Test func `N13: after 415 nothing is processed`() {
        _ = receiver.send(body: Self.message2, type: "application/x-protobuf;proto=foo")
        _ = receiver.send(body: Self.message1, encoding: "gzip")
        expectNothingProcessed()
        #expect(receiver.metric("lapwing_remote_write_requests_total{encoding=\"snappy\",protocol=\"1.0\"}") == 0)
    }

    @Test(arguments: [nil, "0.1.0", "2.0.0", "1.0.0", "", "rubbish"])
    func `N14: the version header makes no difference`(version: String?) {
        let headers = version.map { [("X-Prometheus-Remote-Write-Version", $0)] } ?? []
        #expect(receiver.send(body: Self.message1, headers: headers).status == 204)
        #expect(receiver.countOfTaken == 1)
    }

    /// Retries overlap, and one series comes over any connection.
    @Test func `N20, S9: the same batches on several connections at once score once`() async {
        let batches = (0..<40).map(Self.batch)
        let alone = ConformanceReceiver()
        for batch in batches {
            #expect(alone.send(body: batch).status == 204)
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { [receiver] in #expect(receiver.send(body: batch).status == 204) }
                }
            }
        }
        let samples = 40 * 50
        #expect(alone.countOfTaken == samples)
        #expect(receiver.countOfTaken == samples)
        #expect(receiver.count(.duplicate) == 3 * samples)
        #expect(receiver.countOfAll == 4 * samples)
        #expect(receiver.pipeline.index.count == 50)
        for number in 0..<50 {
            let labels = [("__name__", "up"), ("job", "\(number)")]
            let (one, many) = (alone.explain(labels), receiver.explain(labels))
            #expect(one != nil)
            #expect(one?.score == many?.score)
            #expect(one?.signal.lastValue == many?.signal.lastValue)
            #expect(one?.outlook.expected == many?.outlook.expected)
            #expect(one?.outlook.upper == many?.outlook.upper)
        }
    }

    /// One scrape of fifty series.
    private static func batch(step: Int) -> [UInt8] {
        let series = (0..<50).map { number in
            WireSeries.up([("job", "\(number)")], secondsAgo: Int64(60 - step), value: Double((step * 7 + number) % 11))
        }
        return Snappy.compress(WriteMessage.version1(series))
    }

    // MARK: Bodies

    @Test func `B1: 400 to an empty body`() {
        #expect(receiver.send(body: []).status == 400)
        #expect(receiver.send(body: [], type: ConformanceReceiver.version2).written == [0, 0, 0])
        #expect(receiver.metric("lapwing_rejected_bodies_total{reason=\"empty_body\"}") == 2)
    }

    @Test func `B2: 204 to an empty message`() {
        #expect(
            receiver.send(body: [0])
                == .init(status: 204, written: nil, hasWrittenHeaders: false, body: "", contentType: nil))
        let answer = receiver.send(body: [0], type: ConformanceReceiver.version2)
        #expect(answer.status == 204 && answer.written == [0, 0, 0])
    }

    @Test(
        arguments: [
            Array(message1.dropLast()), message1 + [0], [0xFF, 0x06, 0, 0, 0x73, 0x4E, 0x61, 0x50, 0x70, 0x59], [1],
            Array("hello".utf8), Array(Zstd.compress([1, 2, 3]).dropLast()),
        ])
    func `B3: exactly 400 to a corrupt body, in 2-0 with zeros written`(body: [UInt8]) {
        let answer = receiver.send(body: body)
        #expect(answer.status == 400)
        #expect(!answer.hasWrittenHeaders)
        #expect(answer.body.hasPrefix("the body is not valid"))
        let answer2 = receiver.send(body: body, type: ConformanceReceiver.version2)
        #expect(answer2.status == 400 && answer2.written == [0, 0, 0])
        expectNothingProcessed()
        #expect(receiver.metric("lapwing_rejected_bodies_total{reason=\"corrupt_compression\"}") == 2)
    }

    @Test(arguments: [
        Snappy.block(declaring: (1 << 32) - 1), Snappy.block(declaring: 32 << 20 | 1), Zstd.frame(declaring: 4 << 30),
    ])
    func `B4: 400 to a body that declares more than the limit`(body: [UInt8]) {
        let answer = receiver.send(body: body)
        #expect(answer.status == 400)
        #expect(answer.body.contains("more than the limit of 33554432"))
        #expect(receiver.metric("lapwing_rejected_bodies_total{reason=\"too_large\"}") == 1)
    }

    @Test func `B5: 400 to a zstd bomb without a size`() {
        var settings = Settings()
        settings.bodyLimitBytes = 1 << 20
        let receiver = ConformanceReceiver(settings)
        let bomb = Zstd.compress([UInt8](repeating: 0, count: 8 << 20), declaresSize: false)
        #expect(receiver.send(body: bomb, encoding: "zstd").status == 400)
        #expect(receiver.metric("lapwing_rejected_bodies_total{reason=\"too_large\"}") == 1)
        let wide = Zstd.compress([1], declaresSize: false, windowLog: 26)
        #expect(receiver.send(body: wide, encoding: "zstd").status == 400)
    }

    /// A wire type that proto3 does not have, an overlong number, a length past the end, a known field of another type.
    @Test(
        arguments: [[0x0E], [0x78] + [UInt8](repeating: 0xFF, count: 11), [0x0A, 0x7F], [0x0A], [0x00, 0x00], [0x0B]]
            as [[UInt8]])
    func `B7: 400 to malformed protobuf, never 5xx`(message: [UInt8]) {
        let body = Snappy.compress(message)
        #expect(receiver.send(body: body).status == 400)
        #expect(receiver.metric("lapwing_rejected_bodies_total{reason=\"malformed_protobuf\"}") == 1)
        let message2 = message.map { $0 == 0x0A ? 0x2A : $0 }
        let answer = receiver.send(body: Snappy.compress(message2), type: ConformanceReceiver.version2)
        #expect(answer.status == 400 && answer.written == [0, 0, 0])
    }

    @Test func `B8: unknown fields are skipped`() {
        let cortexSource = ProtobufWriter.message { $0.varint(2, 1 as UInt64) }
        #expect(receiver.send(body: Snappy.compress(cortexSource + WriteMessage.version1([.up()]))).status == 204)
        var writer = OddMessage(random: SeededRandom(seed: 1), oddity: 0, breakage: 0)
        writer.unknownFields = 1
        #expect(
            receiver.send(
                body: Snappy.compress(writer.version2([.up([("job", "b")])])), type: ConformanceReceiver.version2
            ).written == [1, 0, 0])
        #expect(receiver.countOfTaken == 2)
    }

    @Test func `B9: fields in any order are one and the same series`() {
        let series = WireSeries.up()
        let labels = series.labels.map { label in ProtobufWriter.message { $0.bytes(1, WriteMessage.label(label)) } }
        for (step, order) in [[1, 0, 2], [1, 2, 0], [2, 0, 1]].enumerated() {
            let time = ConformanceReceiver.now.milliseconds - 10_000 + Int64(step) * 1000
            let sample = ProtobufWriter.message { $0.bytes(2, WriteMessage.sample(WireSample(time: time, bits: 1))) }
            let parts = order.map { $0 == 2 ? sample : labels[$0] }
            let message = ProtobufWriter.message { $0.bytes(1, Array(parts.joined())) }
            #expect(receiver.send(body: Snappy.compress(message)).status == 204)
        }
        #expect(receiver.pipeline.index.count == 1)
        #expect(receiver.countOfTaken == 3)
        #expect(receiver.metric("lapwing_unusual_series_total") == 2)
    }

    @Test func `B10: what is left out is zero`() {
        var series = WireSeries.up()
        series.samples[0].bits = 0
        #expect(receiver.send1([series]).status == 204)
        #expect(receiver.explain([("__name__", "up"), ("job", "api")])?.signal.lastValue == 0)
        series.samples[0] = WireSample(time: 0, bits: 1)
        #expect(receiver.send1([series]).status == 204)
        #expect(receiver.count(.tooOld) == 1)
    }

    @Test func `B11: a message of the other version is an empty one`() {
        #expect(receiver.send(body: Self.message1, type: ConformanceReceiver.version2).written == [0, 0, 0])
        #expect(receiver.send(body: Self.message2).status == 204)
        expectNothingProcessed()
    }

    @Test(arguments: [[1, 2, 3], [1, 99]] as [[UInt64]])
    func `B12: 400 to bad references, the rest is written`(references: [UInt64]) {
        let bad = ProtobufWriter.message { series in
            series.packed(1, references)
            series.bytes(2, WriteMessage.sample(WireSample(time: 1, bits: 1)))
        }
        let message = WriteMessage.version2([.up()]) + ProtobufWriter.message { $0.bytes(5, bad) }
        let answer = receiver.send(body: Snappy.compress(message), type: ConformanceReceiver.version2)
        #expect(answer.status == 400 && answer.written == [1, 0, 0])
        #expect(answer.body == "1 series refused (invalid_reference: 1); the rest of the request was taken\n")
        #expect(receiver.countOfTaken == 1)
        #expect(receiver.count(.invalidSeries) == 1)
    }

    @Test func `B13: the first symbol need not be empty`() {
        let message = ProtobufWriter.message { request in
            for text in ["__name__", "up"] { request.string(4, text) }
            request.message(5) { series in
                series.packed(1, [0, 1])
                series.bytes(2, WriteMessage.sample(WireSample(time: ConformanceReceiver.now.milliseconds, bits: 1)))
            }
        }
        #expect(receiver.send(body: Snappy.compress(message), type: ConformanceReceiver.version2).written == [1, 0, 0])
        #expect(receiver.explain([("__name__", "up")]) != nil)
    }
}
