import Datasets

extension InputFile {
    /// What the user calls it.
    var name: String { path ?? "-" }

    /// An error under that name: those of reading know only the relative path.
    func telling(_ error: any Error) -> String {
        let (text, known) = ("\(error)", relativePath + ": ")
        return "\(name): " + (text.hasPrefix(known) ? String(text.dropFirst(known.count)) : text)
    }

    /// A malformed row under that name.
    func telling(_ problem: RowProblem) -> String { "\(name):\(problem.line): \(problem.reason)" }
}
