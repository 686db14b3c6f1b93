import Foundation

/// An HTTP/1.1 answer.
struct HTTPAnswer {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
}

extension HTTPAnswer {
    /// Takes the first answer off `bytes`; nil while it has not come whole.
    init?(taking bytes: inout [UInt8], isClosed: Bool) throws {
        guard let blank = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<blank.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count >= 2, let status = Int(first[1]) else {
            throw TestbedError("no answer of HTTP: \(lines.first ?? "")")
        }
        self.status = status
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2 else { throw TestbedError("no header of HTTP: \(line)") }
            headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
        }
        self.headers = headers
        var rest = bytes[blank.upperBound...]
        if status < 200 || status == 204 || status == 304 {
            body = []
        } else if let length = headers["content-length"].flatMap({ Int($0) }) {
            guard rest.count >= length else { return nil }
            body = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
        } else if headers["transfer-encoding"]?.lowercased() == "chunked" {
            guard let chunks = try Self.takeChunks(&rest) else { return nil }
            body = chunks
        } else {
            guard isClosed else { return nil }
            body = Array(rest)
            rest = []
        }
        bytes = Array(rest)
    }

    private static func takeChunks(_ rest: inout ArraySlice<UInt8>) throws -> [UInt8]? {
        var body: [UInt8] = []
        while let lineEnd = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<lineEnd.lowerBound], as: UTF8.self), radix: 16) else {
                throw TestbedError("no size of a chunk")
            }
            let chunk = rest[lineEnd.upperBound...]
            guard chunk.count >= size + 2 else { return nil }
            body += chunk.prefix(size)
            rest = chunk.dropFirst(size + 2)
            if size == 0 { return body }
        }
        return nil
    }
}

extension Connection {
    /// Sends the head of a request.
    func sendHead(_ method: String, _ path: String, headers: [String: String] = [:]) throws {
        let fields = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
        try send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
    }

    /// Waits for the next answer.
    func answer() throws -> HTTPAnswer {
        var bytes: [UInt8] = []
        while true {
            let piece = try receive()
            bytes += piece
            if let answer = try HTTPAnswer(taking: &bytes, isClosed: piece.isEmpty) { return answer }
            if piece.isEmpty { throw TestbedError("closed after \(bytes.count) bytes of an answer") }
        }
    }
}

/// One request over a connection of its own.
enum HTTP {
    static func get(_ port: Int, _ path: String, headers: [String: String] = [:]) throws -> HTTPAnswer {
        let connection = try Connection(to: port)
        try connection.sendHead("GET", path, headers: headers.merging(["Connection": "close"]) { $1 })
        return try connection.answer()
    }

    static func post(_ port: Int, _ path: String, _ body: [UInt8], headers: [String: String] = [:]) throws -> HTTPAnswer
    {
        let connection = try Connection(to: port)
        let framing = ["Connection": "close", "Content-Length": "\(body.count)"]
        try connection.sendHead("POST", path, headers: headers.merging(framing) { $1 })
        try connection.send(body)
        return try connection.answer()
    }

    /// A path with a query, all that is not plain written as `%XX`.
    static func path(_ path: String, _ query: [(String, String)]) -> String {
        func quoted(_ text: String) -> String {
            text.utf8.map { byte in
                let isPlain = byte.isASCIILetterOrDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
        return path + "?" + query.map { "\(quoted($0.0))=\(quoted($0.1))" }.joined(separator: "&")
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
    }
}
