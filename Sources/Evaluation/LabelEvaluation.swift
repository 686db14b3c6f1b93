/// Measures a detector against point labels, all series under one threshold.
///
/// An alarm episode (alarms at most 10 rows apart) is false if it touches no event and not the 5 rows after one; false
/// alarms are counted per series and week of data after the warm-up. VUS-PR and AUC-PR are means over the series that
/// have labels, warm-up included. Works on windows as well as on labels: each is a set of events.
/// - Throws: `EvaluationError.outOfRange`.
/// - Complexity: O(rows (log rows + `gridSize`)), and what `Measures.vusPR` costs for each series with labels.
package func evaluateLabels(
    detector: String, series: [EvaluatedSeries], options: LabelOptions = LabelOptions()
) throws(EvaluationError) -> LabelReport {
    try options.check()
    let judged = series.map { JudgedSeries($0, options: options) }
    let weeks = judged.reduce(0) { $0 + $1.weeks }
    func measures(_ threshold: Double) -> ThresholdMeasures { judged.measures(threshold: threshold, weeks: weeks) }

    let hasEvents = judged.contains { $0.labels.contains(true) }
    let grid = hasEvents ? ThresholdGrid.thresholds(judged.map(\.scores), count: options.gridSize) : []
    let perSeries = judged.map { one in
        SeriesMeasures(
            name: one.name, events: Measures.events(labels: one.labels, alarms: one.alarms(options.threshold)),
            weeks: one.weeks, vusPR: one.vusPR, aucPR: one.aucPR)
    }
    return LabelReport(
        detector: detector, options: options, points: judged.reduce(0) { $0 + $1.labels.count },
        events: perSeries.reduce(0) { $0 + $1.events.hits + $1.events.misses }, weeks: weeks,
        vusPR: mean(judged.compactMap(\.vusPR)), aucPR: mean(judged.compactMap(\.aucPR)),
        fixed: measures(options.threshold), best: BestMeasures(grid.map(measures)), perSeries: perSeries)
}

private func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
}

/// One series without its warm-up, and its measures that need no threshold.
private struct JudgedSeries {
    let name: String
    let labels: [Bool]
    let scores: [Double]
    let weeks: Double
    let vusPR: Double?
    let aucPR: Double?

    init(_ scored: EvaluatedSeries, options: LabelOptions) {
        let times = scored.series.times
        let all = scored.series.labels
        let kept = times.indices.filter { times[$0] >= times[0] + options.warmUpDays * 86_400 }
        name = scored.series.name
        labels = kept.map { all[$0] }
        scores = kept.map { scored.scores[$0] }
        weeks = kept.first.map { (times[times.count - 1] - times[$0]) / 604_800 } ?? 0

        let length: Int? =
            switch options.buffer {
            case _ where scored.series.events.isEmpty: nil
            case .none: nil
            case .rows(let rows): rows
            case .period: Measures.periodLength(scored.series.values)
            }
        guard let length else {
            (vusPR, aucPR) = (nil, nil)
            return
        }
        // One absurd score must not stay in a smoothed one for long.
        let seen =
            options.smoothing > 0
            ? Measures.smoothed(scored.scores.map { min($0, 20 * options.threshold) }, halfLife: options.smoothing)
            : scored.scores
        vusPR = Measures.vusPR(labels: all, scores: seen, length: length)
        aucPR = Measures.aucPR(labels: all, scores: seen)
    }

    func alarms(_ threshold: Double) -> [Bool] { scores.map { $0 >= threshold } }
}

extension [JudgedSeries] {
    fileprivate func measures(threshold: Double, weeks: Double) -> ThresholdMeasures {
        var events = AlarmCounts()
        var points = AlarmCounts()
        var delayed = AlarmCounts()
        var ranges = RangeSums()
        for one in self {
            let alarms = one.alarms(threshold)
            events += Measures.events(labels: one.labels, alarms: alarms)
            points += Measures.points(labels: one.labels, alarms: alarms)
            delayed += Measures.delayed(labels: one.labels, alarms: alarms)
            ranges += Measures.ranges(labels: one.labels, alarms: alarms)
        }
        return ThresholdMeasures(
            threshold: threshold, eventRecall: events.recall,
            falseAlarmsPerSeriesWeek: Double(events.falseAlarms) / Swift.max(weeks, 1e-9), eventF1: events.f1,
            pointF1: points.f1, delayF1: delayed.f1, rangeF1: ranges.f1)
    }
}
