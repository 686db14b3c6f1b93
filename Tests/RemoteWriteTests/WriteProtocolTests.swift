import RemoteWrite
import Testing

/// Rows N1 to N11 of the conformance table: how the headers name a message and an encoding.
@Suite struct WriteProtocolTests {
    private static let version2 = "io.prometheus.write.v2.Request"

    @Test(
        arguments: [
            nil, "", " ", "application/x-protobuf", "application/x-protobuf;proto=prometheus.WriteRequest",
            "Application/X-Protobuf", "APPLICATION/X-PROTOBUF; PROTO=prometheus.WriteRequest",
            "application/x-protobuf; charset=utf-8", "application/x-protobuf;", " application/x-protobuf ; ; ",
            "application/x-protobuf; charset=\"a;proto=b\"", "application/x-protobuf;proto=\"prometheus.WriteRequest\"",
        ])
    func `knows 1-0`(header: String?) throws {
        #expect(try WriteProtocol(contentType: header) == .version1)
    }

    @Test(
        arguments: [
            "application/x-protobuf;proto=io.prometheus.write.v2.Request",
            "application/x-protobuf; proto=io.prometheus.write.v2.Request",
            "application/x-protobuf ;\tproto=io.prometheus.write.v2.Request",
            "application/x-protobuf;proto=\"io.prometheus.write.v2.Request\"",
            "application/x-protobuf;proto=\"io.prometheus.write.v2\\.Request\"",
            "APPLICATION/x-protobuf;Proto=io.prometheus.write.v2.Request",
            "application/x-protobuf;charset=utf-8;proto=io.prometheus.write.v2.Request",
            "application/x-protobuf;proto=io.prometheus.write.v2.Request;charset=utf-8",
            "application/x-protobuf;a=\";proto=x\";proto=io.prometheus.write.v2.Request",
            "application/x-protobuf;proto=io.prometheus.write.v2.Request;proto=prometheus.WriteRequest",
        ])
    func `knows 2-0`(header: String) throws {
        #expect(try WriteProtocol(contentType: header) == .version2)
    }

    @Test(
        arguments: [
            "application/json", "image/png", "protobuf", "application/x-protobuf2", "application/x-protobuf;proto=foo",
            "application/x-protobuf;proto=", "application/x-protobuf;proto=IO.PROMETHEUS.WRITE.V2.REQUEST",
            "application/x-protobuf;proto", "application/x-protobuf;proto=\"prometheus.WriteRequest",
            "application/x-protobuf;proto=\"prometheus.WriteRequest\"x",
            "application/x-protobuf,application/x-protobuf",
            "application/json;proto=io.prometheus.write.v2.Request", "application/x-protobuf;proto=\"\\", "text/plain",
            "application/x-protobuf proto=io.prometheus.write.v2.Request",
        ])
    func `refuses every other content`(header: String) {
        #expect(throws: UnsupportedContent.self) { try WriteProtocol(contentType: header) }
    }

    @Test func `says what it was sent and what it wants`() {
        let refusal = #expect(throws: UnsupportedContent.self) { try WriteProtocol(contentType: "image/png") }
        #expect(refusal?.description == "Content-Type \"image/png\" is not accepted; send application/x-protobuf")
    }

    @Test(arguments: [nil, "", "snappy", "Snappy", "SNAPPY", " snappy "])
    func `knows snappy`(header: String?) throws {
        #expect(try WriteEncoding(contentEncoding: header) == .snappy)
    }

    @Test(arguments: ["zstd", "ZSTD", "\tzstd"])
    func `knows zstd`(header: String) throws {
        #expect(try WriteEncoding(contentEncoding: header) == .zstd)
    }

    @Test(
        arguments: [
            "gzip", "deflate", "identity", "br", "snappy,gzip", "snappy, snappy", "x-snappy", "snap py", "zstd;q=1",
            "*",
        ])
    func `refuses every other encoding`(header: String) {
        #expect(throws: UnsupportedContent.self) { try WriteEncoding(contentEncoding: header) }
    }
}
