/// Which of the two messages a body carries.
package enum WriteProtocol: String, Sendable, CaseIterable {
    /// Remote write 1.0: `prometheus.WriteRequest`.
    case version1 = "1.0"
    /// Remote write 2.0: `io.prometheus.write.v2.Request`.
    case version2 = "2.0"
}

/// How a body is compressed.
package enum WriteEncoding: String, Sendable, CaseIterable {
    /// The block format, as Prometheus sends it.
    case snappy
    /// One frame, as vmagent sends it.
    case zstd
}

/// The request's headers name a message or an encoding that is not accepted: answer 415 and read nothing.
package struct UnsupportedContent: Error, Equatable, CustomStringConvertible {
    package let description: String
}

extension WriteProtocol {
    /// Reads `Content-Type` by the grammar of RFC 9110 (section 8.3.1): letter case, blanks around `;`, quoted values and
    /// parameters of other names make no difference. A missing header means 1.0.
    package init(contentType: String?) throws(UnsupportedContent) {
        guard let contentType, !contentType.allSatisfy(\.isWhitespace) else {
            self = .version1
            return
        }
        guard let media = MediaType(contentType), media.essence == "application/x-protobuf" else {
            throw UnsupportedContent(
                description: "Content-Type \(contentType.debugDescription) is not accepted; send application/x-protobuf"
            )
        }
        switch media.parameters["proto"] {
        case nil, "prometheus.WriteRequest": self = .version1
        case "io.prometheus.write.v2.Request": self = .version2
        case .some(let message):
            throw UnsupportedContent(
                description: "protobuf message \(message.debugDescription) is not known; "
                    + "send prometheus.WriteRequest or io.prometheus.write.v2.Request")
        }
    }
}

extension WriteEncoding {
    /// Reads `Content-Encoding`, in any letter case; a missing header means snappy.
    package init(contentEncoding: String?) throws(UnsupportedContent) {
        let word = Substring(contentEncoding ?? "").trimmed.lowercased()
        switch word {
        case "", "snappy": self = .snappy
        case "zstd": self = .zstd
        default:
            throw UnsupportedContent(
                description:
                    "Content-Encoding \((contentEncoding ?? "").debugDescription) is not accepted; send snappy or zstd")
        }
    }
}

/// A media type with its parameters, as RFC 9110 writes it.
private struct MediaType {
    /// `type/subtype` in lower case.
    var essence: String
    /// Names in lower case; of a name that stands twice, the first counts.
    var parameters: [String: String] = [:]

    init?(_ text: String) {
        var rest = Substring(text)
        essence = rest.prefix { $0 != ";" }.trimmed.lowercased()
        guard essence.contains("/") else { return nil }
        rest = rest.drop { $0 != ";" }
        while let separator = rest.popFirst() {
            guard separator == ";" else { return nil }
            rest = rest.drop(while: \.isWhitespace)
            if rest.isEmpty || rest.first == ";" { continue }
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest[name.endIndex...]
            guard rest.popFirst() == "=", let value = Self.takeValue(&rest) else { return nil }
            let key = name.trimmed.lowercased()
            if parameters[key] == nil { parameters[key] = value }
            rest = rest.drop(while: \.isWhitespace)
        }
    }

    private static func takeValue(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest[token.endIndex...]
            return token.trimmed
        }
        rest.removeFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
