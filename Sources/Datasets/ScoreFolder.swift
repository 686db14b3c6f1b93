internal import Foundation

/// The folder that score files are written to, at the relative paths of their inputs.
///
/// A file is written under another name and then renamed: a reader never sees half of one. No input is ever written over,
/// and no output of this run.
package struct ScoreFolder {
    package let path: String
    /// The real paths of the inputs.
    private let inputs: Set<String>
    private var written: Set<String> = []

    /// - Throws: ``DatasetError`` where an input lies where its own or another's output would go.
    package init(path: String, inputs: [InputFile]) throws(DatasetError) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.inputs = Set(inputs.compactMap { $0.path.map(RealPath.of) })
        for input in inputs { try refuseInput(self.path + "/" + input.outputPath) }
    }

    /// The relative paths that the metrics of a file are written to: of one metric the file's own, of several one each
    /// in a folder of the file's name.
    package static func outputPaths(for file: SeriesFile) -> [String] {
        let base = InputFile.withoutExtension(file.relativePath)
        if file.metrics.count == 1 { return [base + ".csv"] }
        return fileNames(file.metrics.map(\.name)).map { "\(base)/\($0).csv" }
    }

    /// Writes the scores of one metric; `row` is asked once for each row that is not malformed, in order.
    ///
    /// - Returns: the path of the new file.
    /// - Throws: ``DatasetError`` where the file would be an input or was written before, or the disk's own error.
    @discardableResult
    package mutating func write(
        _ file: SeriesFile, metric: Int, row: (Int) throws -> ScoreRow
    ) throws -> String {
        let relative = Self.outputPaths(for: file)[metric]
        let target = path + "/" + relative
        try refuseInput(target)
        guard written.insert(relative).inserted else {
            throw DatasetError("\(target) was written in this run already, from another input")
        }
        let files = FileManager.default
        let place = URL(fileURLWithPath: target)
        let folder = place.deletingLastPathComponent()
        let draft = folder.appendingPathComponent(".\(place.lastPathComponent).\(UUID().uuidString).partial")
        do {
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            do {
                try Data().write(to: draft)
                let handle = try FileHandle(forWritingTo: draft)
                defer { try? handle.close() }
                try Self.write(file, to: handle, row: row)
                try Self.rename(draft, to: place)
            } catch {
                try? files.removeItem(at: draft)
                throw error
            }
        } catch let error as CocoaError {
            throw DatasetError("\(target) cannot be written: \(error.localizedDescription)")
        }
        return target
    }

    private static func write(_ file: SeriesFile, to handle: FileHandle, row: (Int) throws -> ScoreRow) throws {
        let limit = 1 << 18
        var text = Array(ScoreRow.header.utf8)
        text.reserveCapacity(limit + 4096)
        var malformed = file.malformedRows[...]
        for place in 0..<file.rowCount {
            file.appendTimeText(place, to: &text)
            if malformed.first == place {
                malformed.removeFirst()
                ScoreRow.none.append(to: &text)
            } else {
                try row(place).append(to: &text)
            }
            if text.count >= limit {
                try handle.write(contentsOf: Data(text))
                text.removeAll(keepingCapacity: true)
            }
        }
        try handle.write(contentsOf: Data(text))
    }

    /// An older file makes room first: `replaceItemAt` of Foundation on Linux failed and lost the older file
    /// when this was tried (Swift 6.3.1), and `moveItem` refuses to move onto a file. For a moment there is neither, but never half of one.
    private static func rename(_ draft: URL, to place: URL) throws {
        let files = FileManager.default
        if let attributes = try? files.attributesOfItem(atPath: place.path) {
            if attributes[.type] as? FileAttributeType == .typeDirectory {
                throw DatasetError("\(place.path) is a folder; move it away or choose another --output")
            }
            try files.removeItem(at: place)
        }
        try files.moveItem(at: draft, to: place)
    }

    private func refuseInput(_ target: String) throws(DatasetError) {
        if inputs.contains(RealPath.of(target)) {
            throw DatasetError("\(target) is an input and would be written over; choose another --output")
        }
    }

    /// Metric names as file names: letters, digits, `.`, `_`, `-` and `:` stay, the rest is `_`; told apart by `-2`, `-3`
    /// where they would be equal, at most 100 bytes before that.
    static func fileNames(_ metrics: [String]) -> [String] {
        var taken: Set<String> = []
        // Where the next number is looked for: many equal names would else be tried again and again.
        var next: [String: Int] = [:]
        return metrics.map { metric in
            var plain = metric.unicodeScalars.prefix(100).map { scalar -> Character in
                let isKept =
                    scalar.isASCII
                    && (Character(scalar).isLetter || Character(scalar).isNumber || "._-:".contains(Character(scalar)))
                return isKept ? Character(scalar) : "_"
            }
            if plain.isEmpty { plain = ["_"] }
            if plain[0] == "." { plain[0] = "_" }
            let base = String(plain)
            var name = base
            while !taken.insert(name).inserted {
                let number = next[base, default: 2]
                next[base] = number + 1
                name = "\(base)-\(number)"
            }
            return name
        }
    }
}

extension SeriesFile {
    /// Appends the time as it stood in the input; quoted where the output needs that.
    func appendTimeText(_ row: Int, to text: inout [UInt8]) {
        let bounds = timeTexts[row].bounds
        var isPlain = true
        for at in bounds {
            let byte = bytes[at]
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D {
                isPlain = false
            }
        }
        if isPlain { return text.append(contentsOf: bytes[bounds]) }
        text.append(UInt8(ascii: "\""))
        var isSecond = false
        for at in bounds {
            // A quote inside quoted text is a pair already; a lone one becomes a pair.
            let isQuote = bytes[at] == UInt8(ascii: "\"")
            if isQuote && !isSecond {
                let hasTwin = at + 1 < bounds.upperBound && bytes[at + 1] == UInt8(ascii: "\"")
                isSecond = hasTwin
                if !hasTwin { text.append(UInt8(ascii: "\"")) }
            } else {
                isSecond = false
            }
            text.append(bytes[at])
        }
        text.append(UInt8(ascii: "\""))
    }
}
