/// Why a body cannot be read. All of these are the sender's: answer 400, since the same bytes would fail for ever.
package enum WriteRequestError: Error, Equatable {
    case emptyBody
    case tooLarge(declaredBytes: UInt64, limitBytes: Int)
    case corruptCompression(WriteEncoding)
    case malformedProtobuf(String)

    /// The `reason` label of the metric that counts it.
    package var reason: String {
        switch self {
        case .emptyBody: "empty_body"
        case .tooLarge: "too_large"
        case .corruptCompression: "corrupt_compression"
        case .malformedProtobuf: "malformed_protobuf"
        }
    }
}

extension WriteRequestError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .emptyBody:
            "the body is empty; even a request without series has one byte of snappy"
        case .tooLarge(let declared, let limit):
            "the decoded body would take \(declared) bytes, more than the limit of \(limit); "
                + "send fewer samples a request (Prometheus: queue_config.max_samples_per_send) or raise --limit.body-bytes"
        case .corruptCompression(let encoding):
            "the body is not valid \(encoding.rawValue)\(encoding == .snappy ? " (block format)" : "")"
        case .malformedProtobuf(let what):
            "the body is not a remote-write message: \(what)"
        }
    }
}
