package import TimeSeries

/// Tukey's fences: how far a value lies outside the quartiles of the last values.
///
///     raw = max(Q1 - v, v - Q3, 0) / IQR,   IQR = Q3 - Q1
///
/// over the window before the value, quartiles between neighbours by straight line as `numpy.quantile` has them. A raw
/// score above k is outside the fences. Where the quartiles are one and the same value, IQR is 0; 1.6907 times the mean
/// distance from the median then stands for it, which for normal values is as long.
/// - Complexity: O(window) small moves; 4.1 KB a series.
package struct InterquartileRange: Detector {
    package static let description = DetectorDescription(
        name: "iqr",
        purpose: """
            Values outside the usual range on either side, skewed or not, with no assumption but that the middle half is \
            typical. One normal value in 150 is outside the fences too: raise k where that is too many.
            """,
        source: "Tukey 1977, Exploratory Data Analysis; numpy.quantile over a trailing window", warmUp: 30,
        parameters: [
            DetectorParameter("window", .whole(8...512, default: 301), "values that the quartiles are taken of"),
            DetectorParameter("k", .number(0.1...100, default: 1.5), "IQRs beyond a quartile that are anomalous"),
        ])

    package let divisor: Float
    private let length: Int
    private let warmUp: Int

    package init(_ parameters: DetectorParameters) {
        length = parameters.whole("window")
        warmUp = min(Self.description.warmUp, length)
        divisor = Float(parameters["k"])
    }

    package struct State: BitwiseCopyable, Sendable {
        fileprivate var values = SortedWindow()
        fileprivate var score: Float = .nan
    }

    private struct Box {
        let lower: Double
        let median: Double
        let upper: Double
        let range: Double

        @inline(__always)
        init(_ values: borrowing SortedWindow) {
            lower = values.quantile(0.25)
            median = values.quantile(0.5)
            upper = values.quantile(0.75)
            let tiny = values.window.tiny(around: median)
            range = upper - lower > tiny ? upper - lower : max(tiny, 1.6907 * values.meanDistance(from: median))
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
        let box = Box(state.values)
        let held = value - state.values.offset
        state.score = Float(max(box.lower - held, held - box.upper, 0) / box.range)
        state.values.push(value, length: length)
        return Judgement(score: state.score, deviation: Float(held - box.median))
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        let left = max(0, warmUp - state.values.count)
        if state.values.count == 0 { return .none(warmUpLeft: left) }
        let box = Box(state.values)
        let offset = state.values.offset
        let whisker = Double(divisor) * box.range
        return Outlook(
            expected: offset + box.median, lower: left > 0 ? nil : offset + box.lower - whisker,
            upper: left > 0 ? nil : offset + box.upper + whisker, warmUpLeft: left)
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        let box = Box(state.values)
        return [
            Reason("ranges beyond a quartile", Double(state.score)),
            Reason("lower quartile", state.values.offset + box.lower),
            Reason("median", state.values.offset + box.median),
            Reason("upper quartile", state.values.offset + box.upper),
            Reason("range", box.range),
        ]
    }
}
