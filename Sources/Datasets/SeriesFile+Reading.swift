internal import Foundation

extension SeriesFile {
    /// Reads an input as a whole.
    ///
    /// - Throws: ``DatasetError`` where it cannot be read, is over a limit, or has no header, no rows of JSON or no
    ///   numeric column. Bad rows do not throw, see ``problems``.
    /// - Complexity: O(bytes); about a second for four million rows.
    package init(_ input: InputFile, limits: ReadingLimits = ReadingLimits()) throws(DatasetError) {
        let bytes = try Self.bytes(of: input, upTo: limits.bytes + 1)
        try self.init(bytes: bytes, relativePath: input.relativePath, limits: limits)
    }

    /// Reads bytes as a whole: JSON lines where the first one is `{`, else separated values; a byte order mark is skipped.
    package init(
        bytes: [UInt8], relativePath: String, limits: ReadingLimits = ReadingLimits()
    ) throws(DatasetError) {
        if bytes.count > limits.bytes {
            throw DatasetError("\(relativePath): larger than \(limits.bytes) bytes; split the file")
        }
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let first = bytes[start...].first { $0 > 0x20 }
        let isJSON = first == UInt8(ascii: "{")
        let columns =
            try isJSON
            ? Self.readJSONLines(bytes, from: start, relativePath: relativePath, limits: limits)
            : Self.readSeparatedValues(bytes, from: start, relativePath: relativePath, limits: limits)
        self = columns.finish(bytes: bytes)
    }

    /// Whether the first rows have a column of labels; false for what cannot be read.
    package static func hasLabels(_ input: InputFile) -> Bool {
        guard input.path != nil, var bytes = try? bytes(of: input, upTo: 1 << 16) else { return false }
        if let end = bytes.lastIndex(of: 0x0A) { bytes.removeLast(bytes.count - end - 1) }
        return (try? SeriesFile(bytes: bytes, relativePath: input.relativePath))?.labels != nil
    }

    private static func bytes(of input: InputFile, upTo limit: Int) throws(DatasetError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            let file = try input.path.map { try FileHandle(forReadingFrom: URL(fileURLWithPath: $0)) }
            defer { try? file?.close() }
            bytes.reserveCapacity(min(input.byteCount, limit))
            while bytes.count < limit,
                let chunk = try (file ?? .standardInput).read(upToCount: min(1 << 20, limit - bytes.count)),
                !chunk.isEmpty
            {
                bytes.append(contentsOf: chunk)
            }
        } catch {
            throw DatasetError("\(input.path ?? "-"): cannot be read: \(error.localizedDescription)")
        }
        return bytes
    }
}
