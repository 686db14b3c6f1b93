import Foundation
import Logging
import Testing

@testable import Sidecar

@Suite struct LogFormatTests {
    private static let time = "2026-11-21T02:35:00.123Z"

    private static func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]) -> String {
        format.line(time: time, level: "info", message: message, metadata: metadata)
    }

    @Test func `writes logfmt with the keys of metadata in order`() {
        #expect(
            Self.line(.logfmt, "Listening", ["b.port": "9599", "a.address": "127.0.0.1"])
                == "time=2026-11-21T02:35:00.123Z level=info msg=Listening a.address=127.0.0.1 b.port=9599")
    }

    @Test(arguments: [
        ("plain", "plain"), ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#),
        (#"say "hi""#, #""say \"hi\"""#),
        ("a\nb", #""a\nb""#), ("tab\there", #""tab\there""#), ("bell\u{7}", #""bell\u0007""#),
        ("del\u{7F}", #""del\u007f""#),
        ("é", "é"), (#"C:\x"#, #"C:\x"#), (#"C:\x y"#, #""C:\\x y""#),
    ]) func `quotes a logfmt value where it must`(value: String, written: String) {
        #expect(Self.line(.logfmt, value) == "time=\(Self.time) level=info msg=\(written)")
    }

    @Test(arguments: LogFormat.allCases, ["plain", "a\nb\r\n", "\u{0}\u{1B}[31m", "\"\\", "日本 \u{1F600}"])
    func `writes one line, whatever the text`(format: LogFormat, text: String) {
        let line = Self.line(format, text, ["key": "\(text)"])
        #expect(line.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test(arguments: ["plain", "two\nlines", #"quo"te and \"#, "\u{1}\u{1F}\u{7F}", "日本 \u{1F600}", ""])
    func `writes JSON that reads as what was said`(text: String) throws {
        let line = Self.line(.json, text, ["web.address": "\(text)", "list": .array(["a", "b"])])
        let read = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(read["msg"] == text)
        #expect(read["web.address"] == text)
        #expect(read["level"] == "info")
        #expect(read["time"] == Self.time)
        #expect(read.count == 5)
    }

    @Test func `makes a logger of a level`() {
        #expect(LogFormat.json.makeLogger(level: .warning).logLevel == .warning)
        #expect(LogFormat(rawValue: "logfmt") == .logfmt)
        #expect(LogFormat(rawValue: "text") == nil)
    }
}
