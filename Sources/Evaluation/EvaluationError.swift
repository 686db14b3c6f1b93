/// Why a labelled series cannot be evaluated; each says which series, what is wrong and what to change.
package enum EvaluationError: Error, Equatable, CustomStringConvertible {
    /// A series without a single row.
    case noRows(series: String)
    /// A column that does not have one entry a row.
    case unequalColumns(series: String, column: String, entries: Int, rows: Int)
    /// A labelled window that begins or ends at a time that no row has; `time` in epoch seconds.
    case windowOffRows(series: String, time: Double)
    /// Labelled events that overlap, or lie outside of the rows; `rows` is the number of rows.
    case misplacedEvent(series: String, event: ClosedRange<Int>, rows: Int)
    /// An option outside of its range.
    case outOfRange(option: String, value: Double, allowed: String)

    package var description: String {
        switch self {
        case .noRows(let series):
            "\(series): no rows; leave the series out"
        case .unequalColumns(let series, let column, let entries, let rows):
            "\(series): \(entries) \(column) for \(rows) rows; give one a row"
        case .windowOffRows(let series, let time):
            "\(series): a labelled window begins or ends at \(NumberText.plain(time)) (epoch seconds), "
                + "where there is no row; windows must start and end at the time of a row"
        case .misplacedEvent(let series, let event, let rows):
            "\(series): the labelled event over rows \(event.lowerBound) to \(event.upperBound) overlaps another "
                + "or lies outside of the \(rows) rows; give events apart from each other, inside of the series"
        case .outOfRange(let option, let value, let allowed):
            "\(option) is \(NumberText.plain(value)); give \(allowed)"
        }
    }
}
