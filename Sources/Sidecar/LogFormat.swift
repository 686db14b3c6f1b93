internal import Foundation
package import Logging

/// How log lines are written, as in Prometheus' `--log.format`.
package enum LogFormat: String, Sendable, CaseIterable {
    case logfmt, json

    /// A logger that writes to standard error.
    package func makeLogger(level: Logger.Level) -> Logger {
        let format = self
        var logger = Logger(label: "lapwing") { _ in LineLogHandler(format: format) }
        logger.logLevel = level
        return logger
    }

    /// One line, without its end.
    func line(time: String, level: String, message: String, metadata: Logger.Metadata) -> String {
        let pairs =
            [("time", time), ("level", level), ("msg", message)]
            + metadata.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        switch self {
        case .logfmt:
            return pairs.map { "\($0.0)=\(Self.quoted($0.1))" }.joined(separator: " ")
        case .json:
            return "{" + pairs.map { "\(JSON.string($0.0)):\(JSON.string($0.1))" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty && value.unicodeScalars.allSatisfy { $0 > " " && $0 != "\"" && $0 != "=" && $0 != "\u{7F}" }
        return isPlain ? value : JSON.string(value)
    }
}

/// Writes each message as one line with a single call, so that lines of different threads do not mix.
private struct LineLogHandler: LogHandler {
    let format: LogFormat
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let time = Date.now.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
        let line = format.line(time: time, level: "\(event.level)", message: "\(event.message)", metadata: all)
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
