/// What the Numenta benchmark gives a set of scored series under one profile.
package struct NABResult: Sendable, Equatable {
    package let profile: NABProfile
    /// At the best threshold over all series: the published practice, which knows the labels.
    package let best: Double
    package let bestThreshold: Double
    /// At the threshold asked for, nothing fitted.
    package let fixed: Double
}

/// Windows hit and points of false alarm at one threshold.
package struct NABCounts: Sendable, Equatable {
    package let threshold: Double
    package let windowsHit: Int
    package let windows: Int
    package let falseAlarmPoints: Int
    package let weeks: Double

    /// Not a number where the series have no length in time.
    package var falseAlarmsPerSeriesWeek: Double { weeks > 0 ? Double(falseAlarmPoints) / weeks : .nan }
}

/// The Numenta benchmark over a set of scored series.
///
/// All thresholds are tried in one pass over the rows in descending order of score: a row outside of the windows adds its
/// worth, a row inside what it adds to the best of its window, and the first of a window also takes away the miss. The
/// order is worked out once and serves every profile.
/// - Complexity: O(rows log rows) to make, O(rows) a profile.
package struct NABScorer {
    /// What lowering the threshold to a row's score adds.
    private struct Step {
        let score: Double
        /// Added worth of a row in a window; worth of a row outside.
        let worth: Double
        let isInside: Bool
        let isFirstHit: Bool
    }

    private struct Part {
        let places: NABPlaces
        let scores: [Double]
        let windows: Int
    }

    private let parts: [Part]
    private let steps: [Step]
    /// Windows that are not wholly in the probation, the only ones that can be hit or missed.
    private let liveWindows: Int
    /// All windows, which the score is a share of.
    package let windows: Int
    package let weeks: Double

    package init(_ series: [EvaluatedSeries]) {
        parts = series.map {
            Part(places: NABPlaces($0.series), scores: $0.scores, windows: $0.series.events.count)
        }
        var steps: [Step] = []
        var live = 0
        for part in parts {
            let places = part.places
            var inside = [[Int]](repeating: [], count: part.windows)
            for row in places.start..<part.scores.count {
                if places.window[row] < 0 {
                    steps.append(
                        Step(
                            score: part.scores[row], worth: places.worth[row], isInside: false, isFirstHit: false))
                } else {
                    inside[places.window[row]].append(row)
                }
            }
            for rows in inside where !rows.isEmpty {
                live += 1
                Self.appendHits(rows, of: part, to: &steps)
            }
        }
        self.steps = Self.descending(steps.indices) { steps[$0].score }.map { steps[$0] }
        liveWindows = live
        windows = series.reduce(0) { $0 + $1.series.events.count }
        weeks = parts.reduce(0) { $0 + $1.places.weeks }
    }

    /// What each row of one window adds to the best worth so far, in descending order of score.
    private static func appendHits(_ rows: [Int], of part: Part, to steps: inout [Step]) {
        var best = 0.0
        for (k, row) in descending(rows, by: { part.scores[$0] }).enumerated() {
            let reached = k == 0 ? part.places.worth[row] : max(best, part.places.worth[row])
            steps.append(
                Step(score: part.scores[row], worth: reached - best, isInside: true, isFirstHit: k == 0))
            best = reached
        }
    }

    private static func descending(_ rows: some Sequence<Int>, by score: (Int) -> Double) -> [Int] {
        rows.map { (row: $0, score: score($0)) }
            .sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
            .map(\.row)
    }

    /// The score under one profile, at the best threshold and at the given one.
    package func result(_ profile: NABProfile, threshold: Double) -> NABResult {
        let nothing = -profile.miss * Double(liveWindows)
        var sum = 0.0
        var fixed = nothing
        var best = (sum: -Double.infinity, threshold: Double.nan)
        for k in steps.indices {
            let step = steps[k]
            sum += step.worth * (step.isInside ? profile.hit : profile.falseAlarm)
            if step.isFirstHit { sum += profile.miss }
            // Equal scores cross the threshold together.
            if k + 1 < steps.count, steps[k + 1].score == step.score { continue }
            if sum + nothing > best.sum { best = (sum + nothing, step.score) }
            if step.score >= threshold { fixed = sum + nothing }
        }
        return NABResult(
            profile: profile, best: profile.normalised(max(best.sum, nothing), windows: windows),
            bestThreshold: best.threshold, fixed: profile.normalised(fixed, windows: windows))
    }

    /// Windows hit and false points over all series at a threshold.
    package func counts(threshold: Double) -> NABCounts {
        let each = parts.indices.map { counts(ofSeries: $0, threshold: threshold) }
        return NABCounts(
            threshold: threshold, windowsHit: each.reduce(0) { $0 + $1.windowsHit }, windows: windows,
            falseAlarmPoints: each.reduce(0) { $0 + $1.falseAlarmPoints }, weeks: weeks)
    }

    /// Windows hit and false points of one series, by its place among those given.
    package func counts(ofSeries index: Int, threshold: Double) -> NABCounts {
        let part = parts[index]
        var isHit = [Bool](repeating: false, count: part.windows)
        var falsePoints = 0
        for row in part.places.start..<part.scores.count where part.scores[row] >= threshold {
            let window = part.places.window[row]
            if window < 0 { falsePoints += 1 } else { isHit[window] = true }
        }
        return NABCounts(
            threshold: threshold, windowsHit: isHit.count { $0 }, windows: part.windows,
            falseAlarmPoints: falsePoints, weeks: part.places.weeks)
    }
}
