import Foundation
import Testing

@testable import Sidecar

@Suite struct StorageFolderTests {
    /// A folder that does not exist yet, below one of the test's own.
    private static func withFreshPath(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lapwing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appendingPathComponent("a/b").path)
    }

    private static func refusal(_ path: String) -> String? {
        do {
            _ = try StorageFolder(path: path)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `makes the folder and what is above it`() throws {
        try Self.withFreshPath { path in
            #expect(Self.refusal(path) == nil)
            #expect(FileManager.default.fileExists(atPath: path + "/lock"))
        }
    }

    @Test func `refuses a folder that is in use, until its user is gone`() throws {
        try Self.withFreshPath { path in
            func whileInUse() throws -> String? {
                let user = try StorageFolder(path: path)
                defer { withExtendedLifetime(user) {} }
                return Self.refusal(path)
            }
            let refusal = try whileInUse()
            #expect(
                refusal == "--storage.path=\(path) is in use by another lapwing; give each process a folder of its own")
            #expect(Self.refusal(path) == nil)
        }
    }

    @Test func `refuses a folder that another process uses`() throws {
        try Self.withFreshPath { path in
            #expect(Self.refusal(path) == nil)
            // flock(1) holds the lock while it runs `cat`, which ends with its input.
            let other = Process()
            other.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
            other.arguments = ["--exclusive", path + "/lock", "sh", "-c", "echo held; cat"]
            let (input, output) = (Pipe(), Pipe())
            other.standardInput = input
            other.standardOutput = output
            try other.run()
            #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
            let refusal = Self.refusal(path)
            #expect(refusal?.contains("in use by another lapwing") == true)
            try input.fileHandleForWriting.close()
            other.waitUntilExit()
            #expect(Self.refusal(path) == nil)
        }
    }

    @Test func `says why a folder cannot be made`() throws {
        try Self.withFreshPath { path in
            let file = URL(fileURLWithPath: path).deletingLastPathComponent().path
            #expect(FileManager.default.createFile(atPath: file, contents: nil))
            let refusal = Self.refusal(path)
            #expect(refusal?.hasPrefix("--storage.path=\(path): the folder cannot be made: ") == true)
            #expect(Self.refusal(file)?.hasPrefix("--storage.path=\(file): ") == true)
        }
    }
}
