/// One series as people look at it: values with what was expected, the labelled events, the score and its alarms.
///
/// `svg()` writes a picture that needs nothing but itself, and follows the reader's light or dark mode.
package struct SeriesPicture: Sendable {
    package let title: String
    package let times: [Double]
    package let values: [Double]
    /// One entry a row; not-a-number where the detector has none yet. Empty where it has none at all.
    package let expected: [Double]
    package let lower: [Double]
    package let upper: [Double]
    package let scores: [Double]
    /// The labelled rows.
    package let events: [ClosedRange<Int>]
    /// The rows at which an alarm begins (see `onsetRows`).
    package let alarms: [Int]

    /// A picture of a series and of what a detector said of it.
    ///
    /// `expected`, `lower` and `upper` may be empty; alarms outside of the rows are refused.
    package init(
        title: String, series: LabelledSeries, scores: [Double], expected: [Double] = [], lower: [Double] = [],
        upper: [Double] = [], alarms: [Int]
    ) throws(EvaluationError) {
        let rows = series.times.count
        for (column, entries) in [
            ("scores", scores.count), ("expected values", expected.count), ("lower bounds", lower.count),
            ("upper bounds", upper.count),
        ] where entries != rows && (entries > 0 || column == "scores") {
            throw .unequalColumns(series: series.name, column: column, entries: entries, rows: rows)
        }
        if let alarm = alarms.first(where: { !(0..<rows).contains($0) }) {
            throw .outOfRange(
                option: "the row of an alarm in \(series.name)", value: Double(alarm), allowed: "0 to \(rows - 1)")
        }
        self.title = title
        times = series.times
        values = series.values
        self.expected = expected
        self.lower = lower
        self.upper = upper
        self.scores = scores
        events = series.events
        self.alarms = alarms
    }

    var hasBand: Bool { !lower.isEmpty && !upper.isEmpty }
    var hasExpected: Bool { !expected.isEmpty }

    /// From the first to the last moment.
    var timeRange: ClosedRange<Double> {
        let finite = times.filter(\.isFinite)
        let start = finite.min() ?? 0
        return start...max(finite.max() ?? 0, start)
    }

    /// The values and, where it is near to them, what was expected; a band far wider than the values is cut off.
    var valueRange: ClosedRange<Double> {
        guard let (low, high) = Self.extent(values) ?? Self.extent(expected) else { return -1...1 }
        let room = max((high - low) * 0.5, 0)
        let bounds = [Self.extent(expected), Self.extent(lower), Self.extent(upper)].compactMap { $0 }
        let least = max(bounds.map(\.low).min() ?? low, low - room)
        let most = min(bounds.map(\.high).max() ?? high, high + room)
        return Self.padded(min(least, low), max(most, high))
    }

    /// Scores from 0 to the highest; beyond 5 they are drawn at the edge, so that the line at 1 stays in sight.
    var scoreRange: ClosedRange<Double> {
        0...min(max((Self.extent(scores)?.high ?? 0) * 1.08, 1.5), Self.scoreLimit)
    }

    static let scoreLimit = 5.0

    /// The least and greatest of the finite numbers, kept where differences are finite too.
    private static func extent(_ numbers: [Double]) -> (low: Double, high: Double)? {
        let finite = numbers.lazy.filter(\.isFinite).map { min(max($0, -1e300), 1e300) }
        guard let low = finite.min(), let high = finite.max() else { return nil }
        return (low, high)
    }

    private static func padded(_ low: Double, _ high: Double) -> ClosedRange<Double> {
        let margin = high > low ? (high - low) * 0.06 : max(abs(high) * 0.1, 0.5)
        return (low - margin)...(high + margin)
    }
}
