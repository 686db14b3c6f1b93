package import TimeSeries

/// A forest of random cuts on the last four values: see ``RandomCutTree``.
///
/// Each of ten trees holds 64 of the last 256 points, one out of each four. Where the paper puts each point into every
/// tree and takes the oldest out, here one tree is grown anew every eight values, in turn: by the paper's theorems 2 and 3
/// the tree is one of the same distribution, and neither links nor boxes need be mended. Its points are up to 80 values
/// old for it. The raw score is the mean displacement over the trees.
package struct RandomCutForestDetector: Detector {
    package static let description = DetectorDescription(
        name: "random_cut_forest",
        purpose: """
            Values and short shapes far from all of the last hours; knows no time of day, and takes 17 KB a series.
            """,
        source: "Guha, Mishra, Roy and Schrijvers, ICML 2016; kLabUM/rrcf; aws/random-cut-forest-by-aws",
        warmUp: 259 + 80,
        parameters: [
            DetectorParameter("seed", .whole(0...1_000_000, default: 1), "of the random cuts"),
            DetectorParameter(
                "threshold", .number(1...64, default: 50),
                "mean displacement, in points of 64, that is anomalous; 50 gives 0.6 alarms a week on NAB"),
        ])

    static var trees: Int { 10 }
    private static var history: Int { 256 }
    private static var pause: UInt32 { 8 }
    private static var warmUp: UInt32 { UInt32(history + 3) + UInt32(trees) * pause }

    /// What is learned of one series: 2 KB of values, as their distance from the first, and ten trees.
    package struct State: BitwiseCopyable, Sendable {
        var ring = RandomCutTree.Ring(repeating: 0)
        var trees = InlineArray<10, RandomCutTree>(repeating: RandomCutTree())
        var random: SplitMix64
        var offset = 0.0
        var seen: UInt32 = 0
        var raw: Float = 0
    }

    package let divisor: Float
    private let seed: UInt64

    package init(_ parameters: DetectorParameters) {
        divisor = Float(parameters["threshold"])
        seed = UInt64(parameters["seed"])
    }

    package func makeState() -> State { State(random: SplitMix64(state: seed)) }

    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let limit = Soundness.valueLimit
        let held = max(-limit, min(limit, sample.value))
        if state.seen == 0 { state.offset = held }
        if state.seen & 511 == 0 { recentre(&state, at: held) }
        let at = Int(state.seen & 511)
        state.ring[at] = Float(held - state.offset)
        state.seen = state.seen == .max ? .max - 511 : state.seen + 1
        // One copy a sample: else each use of the ring beside the trees would make one of all.
        let values = state.ring
        let ring = values.span
        var judgement = Judgement.warmingUp
        if state.seen > Self.warmUp {
            let point = SIMD4(ring[at], ring[(at - 1) & 511], ring[(at - 2) & 511], ring[(at - 3) & 511])
            let tiny = 4 * (1e-12 + 1e-9 * abs(Float(held)))
            var sum: Float = 0
            for i in 0..<Self.trees { sum += state.trees[i].displacement(of: point, ring, tiny: tiny) }
            state.raw = sum / Float(Self.trees)
            judgement.score = state.raw
        }
        if state.seen % Self.pause == 0, state.seen >= UInt32(Self.history + 3) {
            let turn = Int(state.seen / Self.pause) % Self.trees
            state.trees[turn].grow(ring, newest: at, history: Self.history, random: &state.random)
        }
        return judgement
    }

    /// Moves the offset to a value, with all that stands from it, for the digits of what changes.
    private func recentre(_ state: inout State, at value: Double) {
        let shift = Float(value - state.offset)
        state.offset += Double(shift)
        for i in 0..<512 { state.ring[i] -= shift }
        for i in 0..<Self.trees { state.trees[i].shift(by: shift) }
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        .none(warmUpLeft: max(0, Int(Self.warmUp) - Int(state.seen)))
    }

    package func reasons(_ state: State) -> [Reason] {
        state.seen > Self.warmUp ? [Reason("mean displacement, of 64", Double(state.raw))] : []
    }
}
