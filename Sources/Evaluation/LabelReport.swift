/// How `evaluateLabels` measures.
package struct LabelOptions: Sendable, Equatable {
    /// The buffer of VUS-PR.
    package enum Buffer: Sendable, Equatable {
        /// Each series' own period (see `Measures.periodLength`).
        case period
        case rows(Int)
        /// VUS-PR and AUC-PR are left out.
        case none
    }

    /// The score from which on a row is an alarm.
    package var threshold = 1.0
    package var buffer = Buffer.period
    /// Half-life in rows of the smoothing before VUS-PR and AUC-PR; 0 for none.
    package var smoothing = 0.0
    /// Days at the start of each series in which alarms are not judged.
    package var warmUpDays = 1.0
    /// Thresholds tried for the best F1.
    package var gridSize = 40

    package init() {}

    func check() throws(EvaluationError) {
        guard threshold.isFinite else {
            throw .outOfRange(option: "threshold", value: threshold, allowed: "a finite number")
        }
        if case .rows(let rows) = buffer, !(0...10_000).contains(rows) {
            throw .outOfRange(option: "buffer", value: Double(rows), allowed: "0 to 10000 rows")
        }
        guard smoothing >= 0, smoothing.isFinite else {
            throw .outOfRange(option: "smoothing", value: smoothing, allowed: "a half-life of 0 or more rows")
        }
        guard warmUpDays >= 0, warmUpDays.isFinite else {
            throw .outOfRange(option: "warm-up", value: warmUpDays, allowed: "0 or more days")
        }
        guard (2...10_000).contains(gridSize) else {
            throw .outOfRange(option: "grid size", value: Double(gridSize), allowed: "2 to 10000 thresholds")
        }
    }
}

/// The measures of all series together at one threshold.
package struct ThresholdMeasures: Sendable, Equatable {
    package let threshold: Double
    package let eventRecall: Double
    package let falseAlarmsPerSeriesWeek: Double
    package let eventF1: Double
    package let pointF1: Double
    /// The AIOps 2018 rule with a delay of 7 rows.
    package let delayF1: Double
    package let rangeF1: Double
}

/// What one series adds, at the threshold asked for.
package struct SeriesMeasures: Sendable, Equatable {
    package let name: String
    package let events: AlarmCounts
    package let weeks: Double
    /// Nil where nothing is labelled, or it was not asked for.
    package let vusPR: Double?
    package let aucPR: Double?

    package var falseAlarmsPerSeriesWeek: Double { Double(events.falseAlarms) / max(weeks, 1e-9) }
}

/// How well one detector finds the labelled events of a set of series.
package struct LabelReport: Sendable {
    package let detector: String
    package let options: LabelOptions
    /// Rows, events and weeks after the warm-up.
    package let points: Int
    package let events: Int
    package let weeks: Double
    /// Means over the series with labels; nil where there are none, or it was not asked for.
    package let vusPR: Double?
    package let aucPR: Double?
    package let fixed: ThresholdMeasures
    /// At the thresholds of the grid that are best for each F1; nil where nothing is labelled or no score is positive.
    package let best: BestMeasures?
    package let perSeries: [SeriesMeasures]
}

/// The best of a grid of thresholds, which knows the labels: what a score could do, not what it does.
package struct BestMeasures: Sendable, Equatable {
    package let event: ThresholdMeasures
    package let point: ThresholdMeasures
    package let delay: ThresholdMeasures
    package let range: ThresholdMeasures
    /// The highest event recall with at most one false alarm per series-week, and with at most a quarter.
    package let recallWithinOne: Double
    package let recallWithinQuarter: Double

    init?(_ tried: [ThresholdMeasures]) {
        func highest(_ f1: KeyPath<ThresholdMeasures, Double>) -> ThresholdMeasures? {
            // The lowest threshold among equals.
            tried.reduce(nil as ThresholdMeasures?) { best, next in
                if let best, best[keyPath: f1] >= next[keyPath: f1] { best } else { next }
            }
        }
        guard let event = highest(\.eventF1), let point = highest(\.pointF1), let delay = highest(\.delayF1),
            let range = highest(\.rangeF1)
        else { return nil }
        (self.event, self.point, self.delay, self.range) = (event, point, delay, range)
        func recall(within limit: Double) -> Double {
            tried.filter { $0.falseAlarmsPerSeriesWeek <= limit }.map(\.eventRecall).max() ?? 0
        }
        recallWithinOne = recall(within: 1)
        recallWithinQuarter = recall(within: 0.25)
    }
}
