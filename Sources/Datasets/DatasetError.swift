/// Why a file, a folder or an output cannot be used as a whole; a bad row is a ``RowProblem`` instead.
package struct DatasetError: Error, Equatable, CustomStringConvertible {
    /// The path as the user gave it, what is wrong, and what to change.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
