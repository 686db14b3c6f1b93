package import TimeSeries

/// The series of one input as columns: a time a row, and for each metric a value a row.
///
/// Rows stand in the input's order, whatever their times. A malformed row is a placeholder, so that what is written
/// about the rows has as many rows as the input.
package struct SeriesFile: Sendable {
    /// One column of numbers.
    package struct Metric: Sendable {
        package let name: String
        /// One a row; NaN where the input has nothing, `NaN` or `null`, and in malformed rows. May be infinite.
        package let values: [Double]
    }

    /// See ``InputFile/relativePath``.
    package let relativePath: String
    /// One a row. A malformed row has the time of the row before it (of the first good one, at the start).
    package let times: [Timestamp]
    /// One for a file with a column `value`, one a numeric column for a wide file.
    package let metrics: [Metric]
    /// Whether the row is labelled an anomaly; nil where the input has no column of labels.
    package let labels: [Bool]?
    /// The rows that could not be read, ascending.
    package let malformedRows: [Int]
    package let problems: RowProblems

    /// The input as it stood, which `timeTexts` point into.
    let bytes: [UInt8]
    let timeTexts: [TextRange]

    package var rowCount: Int { times.count }
    package var byteCount: Int { bytes.count }

    /// - Complexity: O(log malformed rows).
    package func isMalformed(_ row: Int) -> Bool {
        var low = 0
        var high = malformedRows.count
        while low < high {
            let middle = (low + high) / 2
            if malformedRows[middle] < row { low = middle + 1 } else { high = middle }
        }
        return low < malformedRows.count && malformedRows[low] == row
    }

    /// The time as it stood in the input, without quotes; empty where a malformed row has none.
    package func timeText(_ row: Int) -> String {
        let range = timeTexts[row]
        return String(decoding: bytes[Int(range.start)..<Int(range.end)], as: UTF8.self)
    }
}

/// A piece of an input's bytes.
struct TextRange: BitwiseCopyable, Equatable {
    var start: UInt32
    var end: UInt32

    init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    static let none = TextRange(0, 0)

    var bounds: Range<Int> { Int(start)..<Int(end) }
}
