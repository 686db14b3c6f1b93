import Datasets
import Foundation
import Synchronization

/// How far a run over inputs has come, told by whoever works on it and shown on standard error.
final class RunProgress: Sendable {
    private struct Shown {
        var line: ProgressLine
        var display: ProgressDisplay
    }

    private let shown: Mutex<Shown>
    private let start = ContinuousClock.now

    init(_ inputs: [InputFile]) {
        let isTerminal = ProgressDisplay.isTerminal(FileHandle.standardError.fileDescriptor)
        shown = Mutex(
            Shown(
                line: ProgressLine(totalBytes: inputs.reduce(0) { $0 + $1.byteCount }, totalFiles: inputs.count),
                display: ProgressDisplay(isTerminal: isTerminal) { StandardError.write($0) }))
    }

    func advance(bytes: Int = 0, files: Int = 0, rows: Int = 0) {
        shown.withLock {
            $0.line.bytes += bytes
            $0.line.files += files
            $0.line.rows += rows
            $0.display.update($0.line, elapsed: ContinuousClock.now - start)
        }
    }

    /// Ends the line.
    /// - Returns: the time since the start.
    func finish() -> Duration {
        shown.withLock {
            let elapsed = ContinuousClock.now - start
            $0.display.finish($0.line, elapsed: elapsed)
            return elapsed
        }
    }
}

/// One input's part of the progress: steps, a row of one metric each, that together are the input's bytes.
struct InputProgress {
    private let run: RunProgress
    private let byteCount: Int
    private var steps = 0
    private var stepsPerRow = 1
    private var done = 0
    private var toldBytes = 0
    private var toldRows = 0
    /// Every so many steps somebody is told.
    private static let pace = 1 << 13

    init(_ input: InputFile, in run: RunProgress) {
        self.run = run
        byteCount = input.byteCount
    }

    /// Says what is to be done.
    /// - Parameter stepsPerRow: metrics times detectors.
    mutating func begin(rows: Int, stepsPerRow: Int) {
        self.stepsPerRow = max(stepsPerRow, 1)
        steps = rows * self.stepsPerRow
    }

    mutating func step() {
        done += 1
        if done % Self.pace == 0 { tell(bytes: Int(Double(byteCount) * min(1, Double(done) / Double(steps)))) }
    }

    /// However far it came, the input is done with.
    mutating func finish() {
        done = steps
        tell(bytes: byteCount)
        run.advance(files: 1)
    }

    private mutating func tell(bytes: Int) {
        let rows = done / stepsPerRow
        run.advance(bytes: bytes - toldBytes, rows: rows - toldRows)
        (toldBytes, toldRows) = (bytes, rows)
    }
}

/// Where people look while standard output goes into a file.
enum StandardError {
    /// Where nobody listens, there is nobody to tell.
    static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
    static func print(_ line: String) { write(line + "\n") }
}
