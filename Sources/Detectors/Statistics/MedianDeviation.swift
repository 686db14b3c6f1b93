package import TimeSeries

/// Robust standard deviations from the median of the last values.
///
///     raw = |v - median| / (1.4826 MAD)
///
/// over the window before the value: the modified z-score of Iglewicz and Hoaglin (0.6745 is 1/1.4826) with their
/// threshold of 3.5. Where more than half of the window is one and the same value, MAD is 0; the scale is then 1.2533
/// times the mean distance from the median, as they advise, which likewise is one standard deviation of normal values.
/// - Complexity: O(window) small moves; 4.1 KB a series.
package struct MedianDeviation: Detector {
    package static let description = DetectorDescription(
        name: "mad",
        purpose: """
            Spikes and drops in series with outliers, which do not move its centre and scale. Skewed values (latencies, \
            counts) alarm all the time.
            """,
        source: "Iglewicz and Hoaglin 1993; scipy.stats.median_abs_deviation(scale=\"normal\") over a trailing window",
        warmUp: 30,
        parameters: [
            DetectorParameter("window", .whole(5...512, default: 301), "values that the median is taken of"),
            DetectorParameter(
                "threshold", .number(0.5...100, default: 3.5), "robust standard deviations that are anomalous"),
        ])

    package let divisor: Float
    private let length: Int
    private let warmUp: Int

    package init(_ parameters: DetectorParameters) {
        length = parameters.whole("window")
        warmUp = min(Self.description.warmUp, length)
        divisor = Float(parameters["threshold"])
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var values = SortedWindow()
        fileprivate var score: Float = .nan

        fileprivate var median: Double { values.quantile(0.5) }

        fileprivate func scale(around median: Double) -> Double {
            let tiny = values.window.tiny(around: median)
            let robust = 1.4826 * values.medianDistance(from: median)
            if robust > tiny { return robust }
            return max(tiny, 1.2533 * values.meanDistance(from: median))
        }
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let value = sample.value.heldForFloat
        guard state.values.count >= warmUp else {
            state.values.push(value, length: length)
            return .warmingUp
        }
        let median = state.median
        let deviation = value - state.values.offset - median
        state.score = Float(abs(deviation) / state.scale(around: median))
        state.values.push(value, length: length)
        return Judgement(score: state.score, deviation: Float(deviation))
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        let left = max(0, warmUp - state.values.count)
        if state.values.count == 0 { return .none(warmUpLeft: left) }
        let median = state.median
        return band(around: state.values.offset + median, scale: state.scale(around: median), warmUpLeft: left)
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        let median = state.median
        return [
            Reason("modified z", Double(state.score)),
            Reason("median", state.values.offset + median),
            Reason("median absolute deviation", state.values.medianDistance(from: median)),
            Reason("scale", state.scale(around: median)),
        ]
    }
}
