/// One series with the events that people marked in it.
///
/// Events are ranges of rows: a run of labelled points, or a window of the Numenta benchmark. They are in order and do
/// not overlap.
package struct LabelledSeries: Sendable {
    package let name: String
    /// Epoch seconds of each row. They need not be sorted or unique (clocks go back in real data).
    package let times: [Double]
    package let values: [Double]
    package let events: [ClosedRange<Int>]

    /// A series with its events as rows.
    package init(
        name: String, times: [Double], values: [Double], events: [ClosedRange<Int>]
    ) throws(EvaluationError) {
        guard !times.isEmpty else { throw .noRows(series: name) }
        guard values.count == times.count else {
            throw .unequalColumns(series: name, column: "values", entries: values.count, rows: times.count)
        }
        var end = -1
        let sorted = events.sorted { $0.lowerBound < $1.lowerBound }
        for event in sorted {
            guard event.lowerBound > end, event.upperBound < times.count else {
                throw .misplacedEvent(series: name, event: event, rows: times.count)
            }
            end = event.upperBound
        }
        self.name = name
        self.times = times
        self.values = values
        self.events = sorted
    }

    /// A series with a label a row; each run of labelled rows is an event.
    package init(name: String, times: [Double], values: [Double], labels: [Bool]) throws(EvaluationError) {
        guard labels.count == times.count else {
            throw .unequalColumns(series: name, column: "labels", entries: labels.count, rows: times.count)
        }
        try self.init(name: name, times: times, values: values, events: runs(in: labels))
    }

    /// A series with windows of time, both ends inclusive, in epoch seconds.
    ///
    /// As in the Numenta benchmark (`labels/combined_windows.json`), a window begins and ends at the time of a row;
    /// where a time occurs twice (a clock went back), the first row that follows the window before is meant.
    /// - Throws: `EvaluationError.windowOffRows` when no row has that time.
    package init(
        name: String, times: [Double], values: [Double], windows: [ClosedRange<Double>]
    ) throws(EvaluationError) {
        var events: [ClosedRange<Int>] = []
        var next = 0
        for window in windows.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let first = times[next...].firstIndex(of: window.lowerBound) else {
                throw .windowOffRows(series: name, time: window.lowerBound)
            }
            guard let last = times[first...].firstIndex(of: window.upperBound) else {
                throw .windowOffRows(series: name, time: window.upperBound)
            }
            events.append(first...last)
            next = last + 1
        }
        try self.init(name: name, times: times, values: values, events: events)
    }

    /// Whether each row belongs to an event.
    package var labels: [Bool] {
        var labels = [Bool](repeating: false, count: times.count)
        for event in events {
            for row in event { labels[row] = true }
        }
        return labels
    }
}

/// A labelled series and what one detector said of each row.
package struct EvaluatedSeries: Sendable {
    package let series: LabelledSeries
    /// One score a row; all finite.
    package let scores: [Double]

    /// Pairs a series with the scores of a detector.
    ///
    /// A score that is not a number counts as 0 and an infinite one as the greatest number there is, so that a gap in a
    /// detector's output is never an alarm.
    package init(_ series: LabelledSeries, scores: [Double]) throws(EvaluationError) {
        guard scores.count == series.times.count else {
            throw .unequalColumns(
                series: series.name, column: "scores", entries: scores.count, rows: series.times.count)
        }
        self.series = series
        self.scores = scores.map(finite)
    }
}

/// The number itself, 0 for not-a-number, the greatest finite number of its sign for an infinity (numpy's `nan_to_num`).
func finite(_ number: Double) -> Double {
    if number.isNaN { return 0 }
    return min(max(number, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
}
