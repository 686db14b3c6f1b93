internal import RealModule

/// How the scores of an ensemble's members become one.
///
/// The numbers of a series are, in one row: each member's last score, then what the rule keeps of each member.
struct Combination: Sendable {
    enum Rule: String, Sendable, CaseIterable { case vote, max, mean, rank }

    let rule: Rule
    /// Members that must have a score before there is a combined one, and that must agree in a vote.
    let need: Int
    private let count: Int
    private let hold: Float
    private let keep: Float

    /// - Parameter count: members.
    init(_ parameters: DetectorParameters, count: Int) {
        rule = Rule(rawValue: parameters.word("combine")) ?? .vote
        need = rule == .vote ? parameters.whole("need") : 1
        self.count = count
        hold = Float(parameters["hold"])
        keep = Float(Double.exp2(-1 / parameters["hold"]))
    }

    /// Numbers that are kept of each series.
    var stride: Int {
        switch rule {
        case .vote: 2 * count
        case .max, .mean: count
        case .rank: count * (1 + RankHistory.stride)
        }
    }

    /// One score from the scores that stand at `start`.
    @inline(__always)
    func score(_ states: inout MutableSpan<Float>, at start: Int, step: Float) -> Float {
        let keep = step == 1 ? keep : (-step / hold).quickExp2
        var warm = 0
        var sum: Float = 0
        var greatest: Float = 0
        for member in 0..<count {
            var score = states[start + member]
            switch rule {
            case .vote:
                let place = start + count + member
                states[place] = Vote.held(states[place], score: score, keep: keep)
            case .rank:
                if !score.isNaN {
                    score = RankHistory.rank(score, in: &states, at: start + count + member * RankHistory.stride)
                }
            case .max, .mean: break
            }
            if score.isNaN { continue }
            warm += 1
            sum += score
            greatest = larger(greatest, score)
        }
        if warm < need { return .nan }
        return switch rule {
        case .vote: Vote.largest(need, of: states.span, in: start + count..<start + 2 * count)
        case .max: greatest
        case .mean, .rank: sum / Float(warm)
        }
    }
}
