/// What came of a whole run of `detect`, for people.
struct DetectSummary {
    let files: [DetectedFile]
    let duration: Duration
    /// The folder of the scores.
    let output: String

    private var failures: [String] { files.compactMap(\.failure) }
    var hasFailures: Bool { !failures.isEmpty }

    /// The malformed rows in the order of the inputs, then the inputs that failed; a line each.
    var problems: [String] { files.flatMap(\.malformed) + failures.map { "not scored: \($0)" } }

    var text: String {
        let rows = total(\.rows)
        let seconds = duration / .seconds(1)
        let rate = seconds > 0 ? Int(Double(rows) / seconds) : 0
        let tenths = Int((seconds * 10).rounded())
        var line = "\(count(files.count - failures.count, "file")), \(count(total(\.series), "series", "series")), "
        line += "\(count(rows, "row")), \(count(total(\.malformedCount), "malformed row")), "
        line += "\(count(total(\.onsets), "anomaly", "anomalies")); "
        line += "\(tenths / 10).\(tenths % 10) s, \(rate) rows a second; scores in \(output)"
        if !hasFailures { return line }
        return line + "\n\(count(failures.count, "input")) of \(files.count) could not be scored, see above"
    }

    private func total(_ figure: KeyPath<DetectedFile, Int>) -> Int {
        files.reduce(0) { $0 + $1[keyPath: figure] }
    }

    private func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }
}
