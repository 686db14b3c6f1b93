import Foundation
import Testing

/// The expected values that References/make_references.py wrote.
enum Reference {
    static func read<Content: Decodable>(_ name: String) throws -> Content {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "References"))
        return try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
    }
}

/// A number of a reference file: null is not-a-number, "inf" is infinite.
struct ReferenceNumber: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .nan
        } else if let number = try? container.decode(Double.self) {
            value = number
        } else {
            #expect(try container.decode(String.self) == "inf")
            value = .infinity
        }
    }
}

/// Whether two figures are the same up to the order in which they were summed.
func agree(_ figure: Double, _ reference: Double, within limit: Double = 1e-9) -> Bool {
    abs(figure - reference) <= limit * max(1, abs(reference))
}
