internal import TimeSeries

/// How a series belongs to a histogram family.
package enum HistogramPart: Sendable {
    /// A bucket: it is not scored itself.
    case bucket
    /// A sum or a count: it is scored like any counter, and the family gets its samples too.
    case counter
    /// A native histogram: there is nothing else in it to score.
    case native
}

/// What was forgotten of one shard.
package struct ForgottenSeries: Sendable {
    package internal(set) var rows: [UInt32] = []
    /// The histogram parts among them.
    package internal(set) var parts: [UInt32] = []
    /// The histogram signals among them, with their families.
    package internal(set) var signals: [(row: UInt32, family: UInt32)] = []
}

/// Series that feed a histogram family, and series of its signals. Which number means what is the business of whoever keeps the
/// families; here it is only noted.
extension ScoringShard {
    static var noLink: UInt32 { .max }

    func link(of row: Int) -> UInt32? {
        row < links.count && links[row] != Self.noLink ? links[row] : nil
    }

    private mutating func link(row: Int, to number: UInt32) {
        if links.count <= row { links.append(contentsOf: repeatElement(Self.noLink, count: row + 1 - links.count)) }
        links[row] = number
        signals[row].isLinked = true
    }

    /// Takes a series' samples for a histogram family from now on.
    /// - Returns: false where they are taken already.
    mutating func mark(row: Int, part: UInt32, as kind: HistogramPart) -> Bool {
        makeRoom(rows: row + 1)
        guard !signals[row].isLinked else { return false }
        link(row: row, to: part)
        if kind == .counter { return true }
        leavePlace(row: row)
        board[row].place = BoardEntry.partPlace
        signals[row].become(.partOfHistogram)
        // What metadata says of buckets does not hold for a native histogram.
        if kind == .native { signals[row].nameID = MetricNames.unnamed }
        return true
    }

    /// Says that a row holds a family's signal.
    /// - Returns: false where it holds something else already.
    mutating func beginSignal(row: Int, of family: UInt32, lane: Int, arrival: UInt32) -> Bool {
        makeRoom(rows: row + 1)
        let isOurs = signals[row].choice == .valueOfHistogram
        guard isOurs || !isUsed(row) && !signals[row].isLinked else { return false }
        place(row: row, lane: lane)
        signals[row].isBegun = true
        signals[row].become(.valueOfHistogram)
        signals[row].arrival = max(signals[row].arrival, arrival)
        link(row: row, to: family)
        return true
    }

    /// Makes a part one series like any other.
    /// - Returns: the part.
    mutating func unlink(row: Int, _ choice: SignalChoice) -> UInt32 {
        let part = links[row]
        links[row] = Self.noLink
        if board[row].place == BoardEntry.partPlace { board[row].place = BoardEntry.noPlace }
        signals[row].leaveHistogram(choice)
        return part
    }

    /// Takes a native histogram, whose order in time is looked after as a sample's is.
    /// - Parameter count: its observations; the stale marker where it ends its series.
    /// - Returns: what comes of it, and the part that it is to be given to; nil where the row is none yet.
    mutating func takeHistogram(
        row: Int, count: Double, at time: Timestamp, arrival: UInt32
    ) -> (outcome: SampleOutcome, part: UInt32)? {
        guard let part = link(of: row), signals[row].choice == .partOfHistogram else { return nil }
        let step = signals[row].take(count, at: time)
        signals[row].arrival = arrival
        let outcome: SampleOutcome =
            switch step {
            case .value, .baseline: .histogramPart
            case .notFinite: .notFinite
            case .stale: .stale
            case .duplicate: .duplicate
            case .late: .late
            }
        return (outcome, part)
    }
}
