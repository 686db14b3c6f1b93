/// True alarms, false alarms and misses; points or events, as the measure says.
package struct AlarmCounts: Sendable, Equatable {
    package var hits = 0
    package var falseAlarms = 0
    package var misses = 0

    /// 0 where there was no alarm.
    package var precision: Double { Self.share(hits, of: hits + falseAlarms) }
    /// 0 where there was nothing to find.
    package var recall: Double { Self.share(hits, of: hits + misses) }
    /// The harmonic mean of precision and recall.
    package var f1: Double {
        precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }

    static func += (sum: inout AlarmCounts, counts: AlarmCounts) {
        sum.hits += counts.hits
        sum.falseAlarms += counts.falseAlarms
        sum.misses += counts.misses
    }

    private static func share(_ part: Int, of whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
}

/// Sums for recall and precision over ranges, so that series can be added before dividing.
package struct RangeSums: Sendable, Equatable {
    package var recall = 0.0
    package var events = 0
    package var precision = 0.0
    package var alarms = 0

    package var f1: Double {
        let r = recall / Double(max(events, 1))
        let p = precision / Double(max(alarms, 1))
        return 2 * r * p / max(r + p, 1e-9)
    }

    static func += (sum: inout RangeSums, sums: RangeSums) {
        sum.recall += sums.recall
        sum.events += sums.events
        sum.precision += sums.precision
        sum.alarms += sums.alarms
    }
}

/// How well alarms match the labels of one series. Labels and alarms have one entry a row.
package enum Measures {
    /// Each point by itself.
    package static func points(labels: [Bool], alarms: [Bool]) -> AlarmCounts {
        var counts = AlarmCounts()
        for row in labels.indices {
            switch (labels[row], alarms[row]) {
            case (true, true): counts.hits += 1
            case (false, true): counts.falseAlarms += 1
            case (true, false): counts.misses += 1
            case (false, false): break
            }
        }
        return counts
    }

    /// Points, where a labelled run counts whole as found if an alarm falls in its first `delay` + 1 points, else whole
    /// as missed.
    ///
    /// The rule of the AIOps 2018 challenge, with a delay of 7.
    package static func delayed(labels: [Bool], alarms: [Bool], delay: Int = 7) -> AlarmCounts {
        var counts = AlarmCounts()
        for event in runs(in: labels) {
            let last = min(event.upperBound, event.lowerBound + delay)
            if alarms[event.lowerBound...last].contains(true) {
                counts.hits += event.count
            } else {
                counts.misses += event.count
            }
        }
        for row in labels.indices where alarms[row] && !labels[row] { counts.falseAlarms += 1 }
        return counts
    }

    /// Events found, false episodes, events missed.
    ///
    /// Alarms at most `gap` rows apart are one episode; one that touches no event, nor the `lag` rows after one, is false.
    /// An event is found if an alarm falls in it or in the `lag` rows after.
    package static func events(labels: [Bool], alarms: [Bool], gap: Int = 10, lag: Int = 5) -> AlarmCounts {
        let reach = runs(in: labels).map { $0.lowerBound...min($0.upperBound + lag, labels.count - 1) }
        var counts = AlarmCounts()
        var isNear = [Bool](repeating: false, count: labels.count)
        for event in reach {
            if alarms[event].contains(true) { counts.hits += 1 } else { counts.misses += 1 }
            for row in event { isNear[row] = true }
        }
        for episode in joined(runs(in: alarms), within: gap) where !isNear[episode].contains(true) {
            counts.falseAlarms += 1
        }
        return counts
    }

    /// Range-based recall and precision with a flat bias and cardinality 1/x.
    ///
    /// Source: Tatbul et al., "Precision and Recall for Time Series", NeurIPS 2018. `existence` is the weight of finding
    /// an event at all; precision has none.
    package static func ranges(labels: [Bool], alarms: [Bool], existence: Double = 0.2) -> RangeSums {
        let real = runs(in: labels)
        let predicted = runs(in: alarms)
        return RangeSums(
            recall: overlaps(of: real, with: predicted, existence: existence), events: real.count,
            precision: overlaps(of: predicted, with: real, existence: 0), alarms: predicted.count)
    }

    /// For each target that is touched: `existence` and the rest by its covered share over the number that touch it.
    private static func overlaps(
        of targets: [ClosedRange<Int>], with others: [ClosedRange<Int>], existence: Double
    ) -> Double {
        var total = 0.0
        var start = 0
        for target in targets {
            while start < others.count, others[start].upperBound < target.lowerBound { start += 1 }
            var next = start
            var covered = 0
            while next < others.count, others[next].lowerBound <= target.upperBound {
                covered += others[next].clamped(to: target).count
                next += 1
            }
            guard next > start else { continue }
            let share = Double(covered) / Double(target.count)
            total += existence + (1 - existence) * share / Double(next - start)
        }
        return total
    }
}
