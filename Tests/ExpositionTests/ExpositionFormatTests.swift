import Exposition
import Testing

@Suite struct ExpositionFormatTests {
    private static let prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    private static let prometheus3Protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
        + prometheus3
    private static let prometheus242 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"

    @Test(
        arguments: [
            (prometheus3, .openMetrics, .allowUTF8), (prometheus3Protobuf, .openMetrics, .allowUTF8),
            (prometheus242, .openMetrics, .values),
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", .text, .values),
            ("*/*", .text, .values), (nil, .text, .values), ("", .text, .values), ("garbage", .text, .values),
            (";;;,,,q=1;/=\"", .text, .values), ("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", .text, .values),
            ("application/json", .text, .values), ("application/*", .text, .values),
            ("application/openmetrics-text", .openMetrics, .values),
            ("Application/OpenMetrics-Text; Version=\"1.0.0\" ; charset=utf-8", .openMetrics, .values),
            ("application/openmetrics-text;version=0.0.1", .text, .values),
            ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", .text, .values),
            ("application/openmetrics-text;version=1.0.0;q=0", .text, .values),
            ("application/openmetrics-text;q=0.4,text/plain;q=0.5", .text, .values),
            ("application/openmetrics-text;q=0.5,text/plain;q=0.4", .openMetrics, .values),
            ("application/openmetrics-text,text/plain", .openMetrics, .values),
            ("text/plain,application/openmetrics-text", .text, .values),
            ("application/openmetrics-text;q=0.5,*/*", .text, .values),
            ("application/openmetrics-text;q=0.5,text/*;q=0.9", .text, .values),
            ("application/openmetrics-text;q=0.5,text/plain;q=0.1,text/*;q=0.9", .openMetrics, .values),
            ("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5", .text, .allowUTF8),
            ("text/plain;escaping=\"allow-utf-8\"", .text, .allowUTF8),
            ("text/plain;escaping=allow-utf-8;q=0,text/plain;version=0.0.4", .text, .values),
            ("text/plain;escaping=underscores", .text, .values),
            ("text/plain,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5", .text, .values),
            ("application/openmetrics-text;version=1.0.0;q=nonsense", .text, .values),
            ("application/openmetrics-text;version=1.0.0;q=7", .text, .values),
        ] as [(String?, ExpositionFormat.Syntax, ExpositionFormat.NameEscaping)])
    func `agrees with a scraper on a format`(
        accept: String?, syntax: ExpositionFormat.Syntax, escaping: ExpositionFormat.NameEscaping
    ) {
        #expect(ExpositionFormat(accept: accept) == ExpositionFormat(syntax, nameEscaping: escaping))
    }

    @Test func `names its type as Prometheus' clients do`() {
        #expect(ExpositionFormat(.text).contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            ExpositionFormat(.openMetrics).contentType
                == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(
            ExpositionFormat(.text, nameEscaping: .allowUTF8).contentType
                == "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8")
        #expect(
            ExpositionFormat(accept: Self.prometheus3).contentType
                == "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8")
    }

    @Test func `ends OpenMetrics and nothing else`() {
        var text: [UInt8] = []
        ExpositionFormat(.text).appendEnd(to: &text)
        #expect(text.isEmpty)
        ExpositionFormat(.openMetrics).appendEnd(to: &text)
        #expect(text == Array("# EOF\n".utf8))
    }

    @Test(
        arguments: [
            ("gzip", .gzip), (nil, .identity), ("", .identity), ("gzip;q=0", .identity), ("gzip; q=0.0", .identity),
            ("GZIP;q=0.1", .gzip),
            ("deflate, gzip", .gzip), ("deflate", .identity), ("br;q=1.0, gzip;q=0.8, *;q=0.1", .gzip), ("*", .gzip),
            ("*;q=0", .identity),
            ("*, gzip;q=0", .identity), ("gzipped", .identity), ("x-gzip", .identity),
            ("identity;q=1, gzip;q=0.5", .identity),
            ("identity;q=0.5, gzip", .gzip), ("gzip;q=oops", .identity), ("zstd", .identity),
            ("identity;q=0", .identity),
        ] as [(String?, ContentCoding)])
    func `agrees with a scraper on gzip`(header: String?, coding: ContentCoding) {
        #expect(ContentCoding(acceptEncoding: header) == coding)
    }
}
