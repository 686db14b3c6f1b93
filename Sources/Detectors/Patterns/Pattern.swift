internal import RealModule
package import TimeSeries

/// Pattern memory: how far the newest shape lies from the most like one of the last hours.
///
/// The series is taken in means of `stride` steps; the shape is the last `length` of these, with their level. Its distance d
/// to the nearest of the last `history` shapes (root of the mean squared difference, shapes that overlap it left out) is
/// held against what that distance usually is, and against the range of the series:
///
///     raw = d / ((d̄ + ρ/1000)^¼ · (q + ρ/1000)^¼ · ρ^½)
///
/// with d̄ the mean of min(d, 5d̄), q the 98 % quantile of d by stochastic approximation, and ρ the range with a half-life
/// of 20,000. The score stands until the next mean is full. It is P(stride, length, history) of the study of detection
/// quality, section 6.3.
///
/// The memory is a grid of 72 rows and eight columns, filled column by column: a row is one vector, so that each step of
/// the search holds eight shapes at once against the newest one, all of them. Shapes of four are compared to the end;
/// longer ones, 32 at once, are left where all are too far already.
/// - Complexity: O(576 · length / stride) a sample.
package struct Pattern<Number: PatternNumber>: Sendable {
    let stride: Number
    let length: Int
    let history: Int
    private let rangeGain = Number(-Double.expMinusOne(-Double.log(2) / 20_000))

    /// - Parameters:
    ///   - stride: steps in a mean.
    ///   - length: means in a shape, 4 to 48.
    ///   - history: shapes that are remembered.
    package init(stride: Int, length: Int = 4, history: Int = 500) {
        precondition(
            4...Grid.longest ~= length && history >= length && history + length <= Grid.count,
            "a history of \(history) and shapes of \(length) are more than the grid holds")
        self.stride = Number(stride)
        self.length = length
        self.history = history
    }

    /// Means before the first score, which itself needs one distance to be held against.
    var warmUp: Int { 3 * length + 1 }

    /// Learns a value, and judges the shape that it completes.
    /// - Parameter step: what the sample is worth: see ``Pace``.
    /// - Returns: the raw score, of the last full shape; nil while warming up.
    @inline(__always)
    func judge(_ value: Double, step: Number, state: inout State) -> Number? {
        if state.seen == 0 { state.begin(at: value) }
        state.learn(value, gain: rangeGain * step)
        state.filled += step
        if state.filled > stride - 0.5 * step { completeMean(&state) }
        return state.means < UInt32(warmUp) ? nil : state.raw
    }

    @inline(never)
    private func completeMean(_ state: inout State) {
        state.append(state.sum / Number(state.summed))
        state.filled = 0
        state.sum = 0
        state.summed = 0
        let means = Int(state.means)
        if means < 3 * length { return }
        let ages = length...min(history, means - length)
        let nearest =
            length == 4
            ? state.grid.nearestOfFour(head: state.head, ages: ages)
            : state.grid.nearest(length: length, head: state.head, ages: ages)
        let d = (nearest / Number(length)).squareRoot()
        // Counts distances from 1, up to where its inverse is below each gain it is compared with.
        let count = means - 3 * length + 1
        let range = state.range
        let floor = range * 0.001
        let usual = ((state.mean + floor).squareRoot() * (state.tail + floor).squareRoot()).squareRoot()
        state.distance = d
        state.raw = count > 1 ? d / (usual * range.squareRoot()) : 0
        let gain = larger(0.003, 1 / Number(count))
        let tailStep = 0.25 * gain * larger(state.tail, state.mean)
        let clipped = count > length ? smaller(d, 5 * state.mean) : d
        state.mean = Soundness.flushed(state.mean + gain * (clipped - state.mean))
        state.tail = Soundness.flushed(
            d > state.tail ? state.tail + 49 * tailStep : larger(state.tail - tailStep, 0))
        if abs(state.level) > 4 * range { state.recentre() }
    }
}

/// ``Pattern`` as it runs in production: in `Float`.
package struct PatternDetector: Detector {
    package static let description = DetectorDescription(
        name: "pattern",
        purpose: """
            Shapes and levels that were not seen in the last hours, in series that repeat themselves; strong on data of \
            five minutes and slower, too chatty alone on data of a minute, where it belongs into a vote.
            """,
        source: "detector P of our study of detection quality, section 6.3; the left discord of a matrix profile "
            + "(Yeh et al. 2016) with level",
        warmUp: Pattern<Float>(stride: 2).warmUp * 2 - 1,
        parameters: [
            DetectorParameter(
                "stride", .whole(1...60, default: 2),
                "steps in each of the means of a shape; a step is a sample, or a minute where samples come closer"),
            DetectorParameter(
                "length", .whole(4...48, default: 4),
                "means in a shape; any but 4 wants a threshold, such as stride=6, length=48, threshold=0.3 for the shape "
                    + "of a day at five minutes"),
            DetectorParameter("history", .whole(50...500, default: 500), "means that are remembered"),
            DetectorParameter(
                "threshold", .number(0...10, default: 0),
                "raw score that is anomalous; 0 chooses by stride: 0.5 up to 2, 0.35 at 6, 0.3 from 12, in between by line; "
                    + "only for a length of 4"),
        ])

    package typealias State = Pattern<Float>.State
    package let divisor: Float
    private let core: Pattern<Float>

    /// - Throws: for shapes of another length than four without a threshold: none was measured that would suit.
    package init(_ parameters: DetectorParameters) throws(DetectorError) {
        let stride = parameters.whole("stride")
        let length = parameters.whole("length")
        let threshold = parameters["threshold"]
        if length != 4, threshold == 0 {
            throw .conflict(
                detector: Self.description.name,
                "length=\(length) has no threshold of its own; add one, such as threshold=0.3 for stride=6, length=48")
        }
        divisor = Float(threshold > 0 ? max(threshold, 0.01) : Self.threshold(stride: stride))
        core = Pattern(stride: stride, length: length, history: parameters.whole("history"))
    }

    /// The thresholds that were measured for strides of 2, 6 and 12, and straight lines between them: longer means differ
    /// less.
    static func threshold(stride: Int) -> Double {
        switch stride {
        case ...2: 0.5
        case ..<6: 0.5 - 0.0375 * Double(stride - 2)
        case 6: 0.35
        case ..<12: 0.35 - 0.05 / 6 * Double(stride - 6)
        default: 0.3
        }
    }

    package func makeState() -> State { State() }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        guard let raw = core.judge(sample.value, step: sample.step, state: &state) else { return .warmingUp }
        return Judgement(score: raw, deviation: .nan)
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        .none(warmUpLeft: max(0, core.warmUp - Int(state.means)) * Int(core.stride))
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.means < UInt32(3 * core.length) { return [] }
        return [
            Reason("distance to nearest shape", Double(state.distance)),
            Reason("typical distance", Double(state.mean)),
            Reason("tail distance", Double(state.tail)),
            Reason("range", Double(state.range)),
        ]
    }
}
