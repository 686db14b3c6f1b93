import Foundation
import RemoteWrite
import Testing

/// A request that a real sender sent, and what an independent decoder read from it.
struct Capture: CustomTestStringConvertible {
    let name: String
    let message: WriteProtocol
    let body: [UInt8]
    let expected: Expected

    var testDescription: String { name }

    struct Expected: Decodable {
        let compressed: Int
        let uncompressed: Int
        let timeseries: Int
        let samples: Int
        let histograms: Int
        let exemplars: Int
        let metadata: Int
        let staleMarkers: Int
        let distinctSeries: Int
        let series: [Series]?
        let metadataEntries: [Entry]?
        let digest: String?

        enum CodingKeys: String, CodingKey {
            case compressed, uncompressed, timeseries, samples, histograms, exemplars, metadata, series
            case staleMarkers = "stale_markers"
            case distinctSeries = "distinct_series"
            case metadataEntries = "metadata_entries"
            case digest = "sha256_of_(sorted \"name=value\" joined by NUL + le64 ts + le64 bits) over samples in order"
        }
    }

    struct Series: Decodable {
        let labels: [[String]]
        let samples: [Sample]
        let histograms: Int
        let exemplars: Int
        let metadata: Entry?

        enum CodingKeys: String, CodingKey {
            case labels, samples, metadata
            case histograms = "n_histograms"
            case exemplars = "n_exemplars"
        }
    }

    struct Sample: Decodable {
        let t: Int64
        let bits: String
    }

    struct Entry: Decodable {
        let type: UInt8
        let family: String?
    }

    static let names = [
        "prom-v1-full", "prom-v1-metadata-small", "prom-v1-metadata", "prom-v1-small", "prom-v1-stale", "prom-v2-full",
        "prom-v2-small", "prom-v2-stale", "vmagent-snappy-full", "vmagent-zstd-full", "vmagent-zstd-metadata",
    ]

    static var all: [Capture] { get throws { try names.map { try Capture($0) } } }

    init(_ name: String) throws {
        self.name = name
        body = Array(try Self.file(name, "body"))
        expected = try JSONDecoder().decode(Expected.self, from: Self.file(name, "expect.json"))
        // As the sender's own header says.
        let header = String(decoding: try Self.file(name, "http"), as: UTF8.self)
        let type = header.split(separator: "\n").first { $0.hasPrefix("Content-Type: ") }
        message = try WriteProtocol(contentType: type.map { String($0.dropFirst(14)) })
    }

    private static func file(_ name: String, _ ending: String) throws -> Data {
        let folder = try #require(Bundle.module.url(forResource: "Captures", withExtension: nil))
        return try Data(contentsOf: folder.appendingPathComponent("\(name).\(ending)"))
    }

    /// The message without its compression.
    func messageBytes() throws -> [UInt8] {
        var request = WriteRequest()
        try request.decompress(body.span, limitBytes: 32 << 20)
        return request.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }
}
