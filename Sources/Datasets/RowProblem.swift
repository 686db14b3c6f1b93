/// A row that cannot be read, and why.
package struct RowProblem: Equatable, Sendable, CustomStringConvertible {
    /// The relative path of the input.
    package let file: String
    /// From 1, the header counts; the first line of a row whose quoted text goes over several.
    package let line: Int
    package let reason: String

    package var description: String { "\(file):\(line): \(reason)" }
}

/// The malformed rows of an input: all are counted, the first ones are told.
package struct RowProblems: Equatable, Sendable {
    /// How many are told.
    package static let limit = 20

    package private(set) var count = 0
    package private(set) var first: [RowProblem] = []

    /// The reason is only made where it is kept.
    mutating func add(file: String, line: Int, reason: @autoclosure () -> String) {
        count += 1
        if first.count < Self.limit {
            first.append(RowProblem(file: file, line: line, reason: reason()))
        }
    }
}
