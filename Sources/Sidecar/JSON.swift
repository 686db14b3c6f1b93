internal import Foundation

/// JSON for answers and log lines.
enum JSON {
    /// A quoted string.
    static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case let control where control.value < 0x20 || control.value == 0x7F:
                quoted += "\\u" + String(format: "%04x", control.value)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private struct Success<Content: Encodable>: Encodable {
        let status = "success"
        let data: Content
    }

    private struct Failure: Encodable {
        let status = "error"
        let errorType: String
        let error: String
    }

    /// Prometheus' envelope around an answer.
    static func success(_ data: some Encodable) -> [UInt8] { encode(Success(data: data)) }

    /// Prometheus' envelope around an error.
    static func failure(_ type: String, _ message: String) -> [UInt8] {
        encode(Failure(errorType: type, error: message))
    }

    private static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // NaN and infinity are not JSON; the answers say them as Prometheus does.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        guard let data = try? encoder.encode(value) else { preconditionFailure("an answer cannot be written as JSON") }
        return Array(data)
    }
}
