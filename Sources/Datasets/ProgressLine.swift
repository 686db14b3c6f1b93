/// How far a run has come, as one line of text: `[=====>    ] 45 % 12/27 files 1.2 M rows 3.4 s left`.
package struct ProgressLine: Equatable, Sendable {
    /// Bytes that are to be read; 0 where nobody knows, as for standard input.
    package var totalBytes: Int
    package var totalFiles: Int
    package var bytes = 0
    package var files = 0
    package var rows = 0

    package init(totalBytes: Int, totalFiles: Int) {
        self.totalBytes = totalBytes
        self.totalFiles = totalFiles
    }

    /// From 0 to 1, nil where the total is not known.
    package var fraction: Double? {
        totalBytes > 0 ? min(1, max(0, Double(bytes) / Double(totalBytes))) : nil
    }

    /// - Parameters:
    ///   - elapsed: since the start; what is left is reckoned from it.
    ///   - width: of the bar between its brackets, in characters.
    package func text(elapsed: Duration, width: Int = 20) -> String {
        var parts: [String] = []
        if let fraction {
            let filled = Int(fraction * Double(width))
            let bar =
                filled >= width
                ? String(repeating: "=", count: width)
                : String(repeating: "=", count: filled) + ">" + String(repeating: " ", count: width - filled - 1)
            parts = ["[\(bar)]", "\(Int(fraction * 100)) %"]
        }
        parts += ["\(files)/\(totalFiles) files", "\(Self.short(rows)) rows"]
        let seconds = elapsed / .seconds(1)
        if let fraction, fraction > 0, fraction < 1 {
            parts.append("\(Self.time(seconds * (1 - fraction) / fraction)) left")
        } else {
            parts.append(Self.time(seconds))
        }
        return parts.joined(separator: " ")
    }

    /// `950`, `1.2 k`, `1.2 M`, `1.2 G`: cut, not rounded, so that it never says more than there is.
    static func short(_ count: Int) -> String {
        for (unit, name) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] where count >= unit {
            return "\(count / unit).\(count % unit / (unit / 10)) \(name)"
        }
        return "\(count)"
    }

    static func time(_ seconds: Double) -> String {
        guard seconds < 1e9 else { return "long" }
        if seconds < 60 {
            let tenths = Int(max(0, seconds) * 10)
            return "\(tenths / 10).\(tenths % 10) s"
        }
        let whole = Int(seconds)
        return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
