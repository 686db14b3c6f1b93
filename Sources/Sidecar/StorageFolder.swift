internal import Foundation

/// The folder for what must survive a restart: made if missing, and used by one process at a time.
package struct StorageFolder: ~Copyable, Sendable {
    /// Why the folder cannot be used.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    private let lock: Int32

    package init(path: String) throws(Unusable) {
        lock = try Self.takeLock(path: path)
    }

    private static func takeLock(path: String) throws(Unusable) -> Int32 {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw Unusable(
                description: "--storage.path=\(path): the folder cannot be made: \(error.localizedDescription)")
        }
        let file = path + "/lock"
        let lock = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else {
            throw Unusable(description: "--storage.path=\(path): \(file) cannot be written: \(lastError)")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw Unusable(
                description:
                    "--storage.path=\(path) is in use by another lapwing; give each process a folder of its own")
        }
        return lock
    }

    private static var lastError: String { unsafe String(cString: strerror(errno)) }

    deinit { close(lock) }
}
