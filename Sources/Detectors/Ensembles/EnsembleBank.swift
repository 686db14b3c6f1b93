package import TimeSeries

/// Several detectors on the same series, and one score from theirs.
///
/// Each member judges a batch in one pass of its own; the scores it is combined from are calibrated, so the combined
/// score needs no divisor. `combine` says how:
/// - `vote`: the need-th largest of the held scores, see ``Vote``. No score until `need` members have one.
/// - `max` and `mean`: of the members that have a score.
/// - `rank`: the mean of each score's rank in its own history, see ``RankHistory``. It makes every series alarm at about
///   the same rate, which the study of detection quality (section 0) found to be a poor default; it is for members whose
///   scores do not compare.
///
/// Deviation, expected value and bounds are those of the first member that has them: the order in which the members are
/// written says whose forecast is shown.
package struct EnsembleBank: DetectorBank {
    package static let description = DetectorDescription(
        name: "ensemble",
        purpose: """
            Any detectors of this list together: a vote that wants some to agree has fewer false alarms than each, the \
            maximum sees what any sees.
            """,
        source: "vote: our study of detection quality, section 6.3; maximum, mean and rank: Aggarwal and Sathe, "
            + "Theoretical foundations and algorithms for outlier ensembles, 2015",
        warmUp: 0,
        parameters: [
            DetectorParameter(
                "combine", .choice(Combination.Rule.allCases.map(\.rawValue), default: "vote"),
                "how the scores become one"),
            DetectorParameter("need", .whole(1...16, default: 2), "members that must agree in a vote"),
            DetectorParameter(
                "hold", .number(0.1...1_000, default: 2),
                "half-life in which a member's score sinks in a vote, in steps"),
        ], invariances: [])

    package let name: String
    private let combination: Combination
    private var members: [any DetectorBank]
    /// Per row: each member's last score, then what the rule keeps of each.
    private var states: [Float] = []
    private var rows = 0
    /// The judgements of each member on the batch at hand; kept, so that a batch allocates nothing.
    private var columns: [[Judgement]]

    /// - Parameters:
    ///   - name: what the ensemble is called; that of the catalog's entry.
    ///   - members: empty banks.
    /// - Throws: where there are no members, or fewer than are needed for a vote.
    package init(
        named name: String = description.name, _ parameters: DetectorParameters, members: [any DetectorBank]
    ) throws(DetectorError) {
        if members.isEmpty {
            throw .conflict(detector: name, "has no detectors inside; write some, such as ensemble(adaptive, pattern)")
        }
        let combination = Combination(parameters, count: members.count)
        if combination.need > members.count {
            throw .conflict(
                detector: name, "need=\(combination.need), but there are \(members.count) detectors inside")
        }
        self.name = name
        self.combination = combination
        self.members = members
        columns = Array(repeating: [], count: members.count)
    }

    package var memoryBytes: Int {
        members.reduce(states.capacity * MemoryLayout<Float>.stride) { $0 + $1.memoryBytes }
    }

    package mutating func makeRoom(rows: Int) {
        for i in members.indices { members[i].makeRoom(rows: rows) }
        while self.rows < rows {
            appendRow()
            self.rows += 1
        }
    }

    private mutating func appendRow() {
        states.append(contentsOf: repeatElement(.nan, count: members.count))
        states.append(contentsOf: repeatElement(0, count: combination.stride - members.count))
    }

    package mutating func judge(_ samples: Span<SignalSample>, into judgements: inout MutableSpan<Judgement>) {
        precondition(
            judgements.count == samples.count, "\(samples.count) values, room for \(judgements.count) judgements")
        for i in samples.indices { judgements[i] = .warmingUp }
        let combination = combination
        let stride = combination.stride
        for member in members.indices {
            let spare = columns[member].count - samples.count
            if spare > 0 {
                columns[member].removeLast(spare)
            } else if spare < 0 {
                columns[member].append(contentsOf: repeatElement(.warmingUp, count: -spare))
            }
            var column = columns[member].mutableSpan
            members[member].judge(samples, into: &column)
        }
        // All members have judged the batch, each value by those before it; here the values come in order again.
        let columns = columns
        var states = states.mutableSpan
        for i in samples.indices {
            let start = Int(samples[i].row) * stride
            for member in columns.indices {
                let judgement = columns[member][i]
                states[start + member] = judgement.score
                if judgements[i].deviation.isNaN { judgements[i].deviation = judgement.deviation }
            }
            judgements[i].score = combination.score(&states, at: start, step: samples[i].step)
        }
    }

    package mutating func forget(row: Int) {
        for i in members.indices { members[i].forget(row: row) }
        let stride = combination.stride
        for i in 0..<stride { states[row * stride + i] = i < members.count ? .nan : 0 }
    }

    package func outlook(row: Int, at time: Timestamp) -> Outlook {
        let outlooks = members.map { $0.outlook(row: row, at: time) }
        let left = outlooks.map(\.warmUpLeft).sorted()[combination.need - 1]
        var outlook =
            outlooks.first { $0.lower != nil || $0.upper != nil } ?? outlooks.first { $0.expected != nil }
            ?? .none(warmUpLeft: left)
        outlook.warmUpLeft = left
        return outlook
    }

    /// Each member's last score, by its name and place.
    package func reasons(row: Int) -> [Reason] {
        members.indices.compactMap { i in
            let score = states[row * combination.stride + i]
            return score.isNaN ? nil : Reason("\(members[i].name) (\(i + 1))", Double(score))
        }
    }
}
