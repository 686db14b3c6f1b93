internal import RealModule

/// What a hit, a false alarm and a miss weigh in the Numenta benchmark.
///
/// Source: Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", 2015;
/// the weights of numenta/NAB:config/profiles.json.
package struct NABProfile: Sendable, Equatable {
    package let name: String
    package let hit: Double
    package let falseAlarm: Double
    package let miss: Double

    package static let standard = NABProfile(name: "standard", hit: 1, falseAlarm: 0.11, miss: 1)
    package static let lowFalseAlarms = NABProfile(name: "low-FP", hit: 1, falseAlarm: 0.22, miss: 1)
    package static let lowMisses = NABProfile(name: "low-FN", hit: 1, falseAlarm: 0.11, miss: 2)
    package static let all = [standard, lowFalseAlarms, lowMisses]

    /// 0 for a detector that never alarms, 100 for one that hits every window at its start and nothing else.
    ///
    /// Not a number where there are no windows.
    func normalised(_ sum: Double, windows: Int) -> Double {
        guard windows > 0 else { return .nan }
        let count = Double(windows)
        return 100 * (sum + miss * count) / (hit * count + miss * count)
    }
}

/// What an alarm at each row of a series is worth by its place, before the weights of a profile.
///
/// Inside of a window from 1 at its start down to nearly 0 at its end; outside from nearly 0 just after a window down to
/// -1 far from any. Alarms in the probation (the first 15 % of the rows, at most 750) do not count at all.
struct NABPlaces {
    let worth: [Double]
    /// The window of each row, or -1.
    let window: [Int]
    /// The first row after the probation.
    let start: Int
    /// From the end of the probation to the end of the series.
    let weeks: Double

    init(_ series: LabelledSeries) {
        let count = series.times.count
        // An exact copy of the benchmark's arithmetic: 0.15 of 5,000 rows at most.
        start = Int(min((0.15 * Double(count)).rounded(.down), 0.15 * 5_000).rounded(.up))
        weeks = (series.times[count - 1] - series.times[start]) / 604_800
        var worth = [Double](repeating: -1, count: count)
        var window = [Int](repeating: -1, count: count)
        let best = Self.sigmoid(-1)
        for (k, event) in series.events.enumerated() {
            let width = Double(event.count)
            for row in event {
                window[row] = k
                worth[row] = Self.sigmoid(-Double(event.upperBound - row + 1) / width) / best
            }
            let next = k + 1 < series.events.count ? series.events[k + 1].lowerBound : count
            // A window of a single row divides by zero: infinitely far, so -1.
            for row in (event.upperBound + 1)..<max(next, event.upperBound + 1) {
                worth[row] = Self.sigmoid(Double(row - event.upperBound) / (width - 1))
            }
        }
        self.worth = worth
        self.window = window
    }

    /// The benchmark's scaled sigmoid of a place relative to a window, in its widths.
    private static func sigmoid(_ place: Double) -> Double {
        place > 3 ? -1 : 2 / (1 + .exp(5 * place)) - 1
    }
}
