package import TimeSeries

/// Standard deviations from the mean of the last values.
///
///     raw = |v - mean| / sd
///
/// over the window before the value, sd with the divisor n as in `scipy.stats.zscore` and Prometheus'
/// `stddev_over_time`. The sums are kept by Welford's update with removal, and reckoned anew once a window and when a
/// removal takes nearly all of the sum of squares with it (an outlier leaves), for then what is left is rounding.
/// - Complexity: O(1) amortised; 2.1 KB a series.
package struct ZScore: Detector {
    package static let description = DetectorDescription(
        name: "zscore",
        purpose: """
            Spikes and drops in series with steady, bell-shaped noise. Heavy tails alarm all the time, and an outlier in \
            the window hides the next.
            """,
        source: "Shewhart 1931; scipy.stats.zscore over a trailing window", warmUp: 30,
        parameters: [
            DetectorParameter("window", .whole(5...512, default: 60), "values that the mean is taken of"),
            DetectorParameter("threshold", .number(0.5...100, default: 3), "standard deviations that are anomalous"),
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
        fileprivate var window = ValueWindow()
        /// Relative to the window's offset.
        fileprivate var mean = 0.0
        /// The sum of the squared distances from the mean.
        fileprivate var squares = 0.0
        fileprivate var score: Float = .nan

        fileprivate var deviation: Double { (squares / Double(max(1, window.count))).squareRoot() }
        fileprivate var scale: Double { max(deviation, window.tiny(around: mean)) }
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let value = sample.value.heldForFloat
        let isWarm = Int(state.window.count) >= warmUp
        let deviation = value - state.window.offset - state.mean
        let score = Float(abs(deviation) / state.scale)
        learn(value, &state)
        guard isWarm else { return .warmingUp }
        state.score = score
        return Judgement(score: score, deviation: Float(deviation))
    }

    @inline(__always)
    private func learn(_ value: Double, _ state: inout State) {
        let before = state.squares
        let pushed = state.window.push(value, length: length)
        let added = Double(pushed.added)
        let mean = state.mean
        let n = Double(state.window.count)
        if let removed = pushed.removed {
            let change = added - Double(removed)
            state.mean = mean + change / n
            state.squares += change * ((added - state.mean) + (Double(removed) - mean))
        } else {
            state.mean = mean + (added - mean) / n
            state.squares += (added - mean) * (added - state.mean)
        }
        if pushed.lapped { _ = state.window.recentre() }
        if pushed.lapped || state.squares < 1e-6 * before { recount(&state) }
    }

    @inline(never)
    private func recount(_ state: inout State) {
        let count = Int(state.window.count)
        var sum = 0.0
        for i in 0..<count { sum += Double(state.window[i]) }
        let mean = sum / Double(count)
        var squares = 0.0
        for i in 0..<count { squares += (Double(state.window[i]) - mean) * (Double(state.window[i]) - mean) }
        state.mean = mean
        state.squares = squares
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        let left = max(0, warmUp - Int(state.window.count))
        if state.window.count == 0 { return .none(warmUpLeft: left) }
        return band(around: state.window.offset + state.mean, scale: state.scale, warmUpLeft: left)
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.score.isNaN { return [] }
        return [
            Reason("z", Double(state.score)),
            Reason("mean", state.window.offset + state.mean),
            Reason("standard deviation", state.deviation),
        ]
    }
}
