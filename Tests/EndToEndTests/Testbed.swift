import Foundation
import Testing

/// The programs and the folder of one test. Whatever becomes of the test, its programs are ended and its folder is removed.
final class Testbed {
    let folder: String
    private var programs: [RunningProgram] = []

    private init() throws {
        var template = Array((NSTemporaryDirectory() + "/lapwing-e2e-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw TestbedError("no temporary folder: \(lastSystemError())") }
        folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// Calls `body` with a new test bed. When it throws, or has failed, the ends of the programs' outputs are shown.
    static func use(_ body: (Testbed) async throws -> Void) async throws {
        let bed = try Testbed()
        defer { bed.end() }
        do {
            try await body(bed)
        } catch {
            for program in bed.programs { print("---- \(program.name), at the end:\n\(program.output.suffix(2_000))") }
            throw error
        }
    }

    /// Starts a program; it ends with the test at the latest.
    func start(
        _ name: String, _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        input: String = "/dev/null"
    ) throws -> RunningProgram {
        let program = try RunningProgram(
            name, executable, arguments, environment: environment, input: input,
            outputPath: "\(folder)/\(name)-\(programs.count).log")
        programs.append(program)
        return program
    }

    /// Runs a program to its end.
    func run(
        _ name: String, _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        input: String = "/dev/null"
    ) async throws -> (exit: RunningProgram.Exit, output: String) {
        let program = try start(name, executable, arguments, environment: environment, input: input)
        let exit = try await program.exit(within: .seconds(30))
        return (exit, program.output)
    }

    /// Writes a file into the folder and gives its path.
    func write(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func end() {
        // The last started first: it may be talking to those before it.
        for program in programs.reversed() { program.end() }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

struct TestbedError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

func lastSystemError() -> String { String(cString: strerror(errno)) }

/// Waits until `find` finds something, and asks it again and again until then.
///
/// - Throws: when it has found nothing in time, with what it was to find; or what `find` throws.
func eventually<Found>(
    _ what: String, within bound: Duration = .seconds(60), every pause: Duration = .milliseconds(100),
    _ find: () async throws -> Found?
) async throws -> Found {
    let deadline = ContinuousClock.now + bound
    while true {
        if let found = try await find() { return found }
        guard ContinuousClock.now < deadline else { throw TestbedError("not within \(bound): \(what)") }
        try await Task.sleep(for: pause)
    }
}

/// Waits until something is so.
func eventually(
    _ what: String, within bound: Duration = .seconds(60), every pause: Duration = .milliseconds(100),
    isTrue condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: bound, every: pause) { try await condition() ? () : nil }
}
