internal import Glibc

/// Shows a ``ProgressLine``: on a terminal in place, ten times a second at most; elsewhere a line every five seconds.
package struct ProgressDisplay {
    package let isTerminal: Bool
    private let write: (String) -> Void
    private var last: Duration?
    private var shown = ""

    package init(isTerminal: Bool, write: @escaping (String) -> Void) {
        self.isTerminal = isTerminal
        self.write = write
    }

    /// Whether a file descriptor is a terminal's.
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Draws the line if it is time to.
    ///
    /// - Parameter elapsed: since the start of the run.
    package mutating func update(_ line: ProgressLine, elapsed: Duration) {
        let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(5)
        // Without a terminal a short run says nothing before its end.
        let since = last ?? (isTerminal ? elapsed - pause : .zero)
        if elapsed - since >= pause { draw(line, elapsed) }
    }

    /// Draws the line as it stands now, and ends it.
    package mutating func finish(_ line: ProgressLine, elapsed: Duration) {
        draw(line, elapsed)
        if isTerminal { write("\n") }
    }

    private mutating func draw(_ line: ProgressLine, _ elapsed: Duration) {
        last = elapsed
        let text = line.text(elapsed: elapsed)
        // The rest of a longer line before it is erased (ECMA-48, EL).
        if !isTerminal { write(text + "\n") } else if text != shown { write("\r\(text)\u{1B}[K") }
        shown = text
    }
}
