internal import Foundation

/// An input that is to be read: a file, or standard input.
package struct InputFile: Equatable, Sendable {
    /// nil for standard input.
    package let path: String?
    /// Where its output goes, but for the extension: below a folder that was given, the way from there; for a file its
    /// name; for standard input `stdin.csv`.
    package let relativePath: String
    /// 0 for standard input, whose size nobody knows.
    package let byteCount: Int

    /// The path of its output if it has one metric.
    package var outputPath: String { Self.withoutExtension(relativePath) + ".csv" }

    static func withoutExtension(_ path: String) -> String {
        for ending in [".csv", ".jsonl", ".ndjson"] where path.lowercased().hasSuffix(ending) {
            return String(path.dropLast(ending.count))
        }
        return path
    }

    static func isData(_ path: String) -> Bool {
        [".csv", ".jsonl", ".ndjson"].contains { path.lowercased().hasSuffix($0) }
    }

    /// The inputs that paths stand for, in their order; those of a folder sorted, hidden ones left out.
    ///
    /// - Parameter output: a folder whose files are no inputs, so that a second run does not read the first one's output.
    /// - Throws: ``DatasetError`` for a path that is not there, a folder without data, or two inputs of one output path.
    package static func find(_ paths: [String], exceptBelow output: String? = nil) throws -> [InputFile] {
        var inputs: [InputFile] = []
        for path in paths {
            if path == "-" {
                inputs.append(InputFile(path: nil, relativePath: "stdin.csv", byteCount: 0))
                continue
            }
            guard let (isFolder, size) = status(path) else {
                throw DatasetError("\(path): there is no such file or folder")
            }
            if isFolder {
                let found = below(path, exceptBelow: output)
                if found.isEmpty {
                    throw DatasetError("\(path): no file in this folder ends in .csv, .jsonl or .ndjson")
                }
                inputs += found
            } else {
                let name = URL(fileURLWithPath: path).lastPathComponent
                inputs.append(InputFile(path: path, relativePath: name, byteCount: size))
            }
        }
        var owners: [String: InputFile] = [:]
        for input in inputs {
            if let other = owners.updateValue(input, forKey: input.outputPath) {
                throw DatasetError(
                    "\(other.path ?? "-") and \(input.path ?? "-") would both be written to \(input.outputPath); "
                        + "give one of them in a run of its own")
            }
        }
        return inputs
    }

    private static func below(_ folder: String, exceptBelow output: String?) -> [InputFile] {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
        let excepted = output.map { RealPath.of($0) + "/" }
        let root = RealPath.of(folder)
        var inputs: [InputFile] = []
        for case let name as String in names {
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            guard !isHidden, isData(name) else { continue }
            if let excepted, excepted != root + "/", (root + "/" + name).hasPrefix(excepted) { continue }
            let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
            guard let (isFolder, size) = status(path), !isFolder else { continue }
            inputs.append(InputFile(path: path, relativePath: name, byteCount: size))
        }
        return inputs.sorted { $0.relativePath < $1.relativePath }
    }

    /// Through symbolic links; nil where there is nothing. What is neither file nor folder, such as a pipe, reads as a file.
    private static func status(_ path: String) -> (isFolder: Bool, size: Int)? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: RealPath.of(path)) else { return nil }
        let type = attributes[.type] as? FileAttributeType
        return (type == .typeDirectory, (attributes[.size] as? NSNumber)?.intValue ?? 0)
    }
}

/// Paths without symbolic links, by which two of them are compared.
enum RealPath {
    static func of(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
}
