import Foundation

/// A program of this machine that a test checks our output with.
struct Program {
    let path: String

    var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Gives it bytes and takes what it answers.
    func run(_ arguments: [String], input: [UInt8]) throws -> (status: Int32, output: [UInt8], errors: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files rather than pipes, which block when both sides are full.
        let files = ["in", "out", "err"].map { folder.appending(path: $0) }
        try Data(input).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        let errors = try Data(contentsOf: files[2])
        return (
            process.terminationStatus, Array(try Data(contentsOf: files[1])), String(decoding: errors, as: UTF8.self)
        )
    }
}
