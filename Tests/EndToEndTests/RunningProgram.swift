import Foundation
import Synchronization

/// A program that runs beside the test, with its output in a file.
final class RunningProgram: Sendable {
    /// How a program ended.
    enum Exit: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    let name: String
    let processID: pid_t
    private let outputPath: String
    private let ended = Mutex<Exit?>(nil)
    /// Told "done" by ``end()``; on silence, when this process is gone, it ends the program.
    private let guardian: Guardian

    init(
        _ name: String, _ executable: String, _ arguments: [String], environment: [String: String], input: String,
        outputPath: String
    ) throws {
        self.name = name
        self.outputPath = outputPath
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LAPWING_") }
        variables.merge(environment) { $1 }
        processID = try Self.spawn(
            [executable] + arguments, environment: variables,
            files: [(0, input, O_RDONLY), (1, outputPath, O_WRONLY | O_CREAT | O_TRUNC)])
        guardian = try Guardian(over: processID)
    }

    /// What it has written so far, to both its outputs.
    var output: String {
        (try? Data(contentsOf: URL(fileURLWithPath: outputPath))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    var isRunning: Bool { exitIfEnded() == nil }

    func send(signal: Int32) {
        // A process that has been waited for no longer owns its id.
        if isRunning { kill(processID, signal) }
    }

    func exit(within bound: Duration) async throws -> Exit {
        try await eventually("the end of \(name)", within: bound, every: .milliseconds(20)) { exitIfEnded() }
    }

    /// Ends it at once.
    func end() {
        if isRunning {
            kill(processID, SIGKILL)
            while exitIfEnded() == nil { usleep(2_000) }
        }
        guardian.dismiss()
    }

    /// Resident memory now, and the most that it ever was, in bytes.
    func residentBytes() throws -> (now: Int, peak: Int) {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        func field(_ name: String) throws -> Int {
            guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("\(name):") }),
                let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
            else { throw TestbedError("/proc/\(processID)/status has no \(name)") }
            return kibibytes << 10
        }
        return (try field("VmRSS"), try field("VmHWM"))
    }

    private func exitIfEnded() -> Exit? {
        ended.withLock { end in
            if end != nil { return end }
            var status: Int32 = 0
            guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
            let signal = status & 0x7f
            end = signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
            return end
        }
    }

    /// Starts a process with the files that are named; its error output goes where its output goes.
    fileprivate static func spawn(
        _ words: [String], environment: [String: String], files: [(descriptor: Int32, path: String, mode: Int32)],
        inherited: (from: Int32, as: Int32)? = nil
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let inherited { posix_spawn_file_actions_adddup2(&actions, inherited.from, inherited.as) }
        for file in files { posix_spawn_file_actions_addopen(&actions, file.descriptor, file.path, file.mode, 0o600) }
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var processID: pid_t = 0
        let error = posix_spawn(&processID, words[0], &actions, nil, &arguments, &variables)
        guard error == 0 else { throw TestbedError("\(words[0]) does not start: \(String(cString: strerror(error)))") }
        return processID
    }
}

/// A shell that waits beside a program, and ends it when the tests are gone without having done so.
private final class Guardian: Sendable {
    private let processID: pid_t
    private let line: Int32
    private let isDismissed = Atomic(false)

    init(over ward: pid_t) throws {
        var ends: [Int32] = [0, 0]
        // Of its two ends no program may keep one: the guardian would wait for that program, too.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw TestbedError("no pair of sockets: \(lastSystemError())")
        }
        defer { close(ends[0]) }
        line = ends[1]
        processID = try RunningProgram.spawn(
            ["/bin/sh", "-c", "read done || kill -9 \(ward)"], environment: [:], files: [(1, "/dev/null", O_WRONLY)],
            inherited: (from: ends[0], as: 0))
    }

    func dismiss() {
        guard !isDismissed.exchange(true, ordering: .relaxed) else { return }
        let word = Array("done\n".utf8)
        _ = word.withUnsafeBytes { write(line, $0.baseAddress, $0.count) }
        close(line)
        waitpid(processID, nil, 0)
    }
}
