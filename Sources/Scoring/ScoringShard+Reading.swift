internal import Detectors
internal import TimeSeries

/// What scrapes and people are told of a shard's series.
extension ScoringShard {
    /// Calls `body` with each row whose last score stands, and the entry on the board.
    func forEachScore(since oldest: Timestamp, _ body: (_ row: Int, _ entry: BoardEntry) -> Void) {
        for row in board.indices where !board[row].score.isNaN && signals[row].lastTime >= oldest {
            body(row, board[row])
        }
    }

    /// The rows that a scrape shows, with what is wanted of each.
    func collect(
        _ others: [ScoreOutput], since oldest: Timestamp, where shows: (Int, BoardEntry) -> Bool
    ) -> ScoreBoard.Exposed {
        var exposed = ScoreBoard.Exposed()
        exposed.others = others.map { _ in [] }
        forEachScore(since: oldest) { row, entry in
            guard shows(row, entry) else { return }
            exposed.rows.append(UInt32(truncatingIfNeeded: row))
            exposed.lanes.append(entry.lane)
            exposed.scores.append(entry.score)
            for i in others.indices { exposed.others[i].append(value(of: others[i], row: row, entry)) }
        }
        return exposed
    }

    private func value(of output: ScoreOutput, row: Int, _ entry: BoardEntry) -> Double {
        switch output {
        case .score: Double(entry.score)
        case .smoothed: Double(entry.smoothed)
        case .onset: entry.isOnset ? 1 : 0
        case .expected: outlook(row: row).expected ?? .nan
        case .lower: outlook(row: row).lower ?? .nan
        case .upper: outlook(row: row).upper ?? .nan
        }
    }

    /// Notes which rows the scrape shows.
    mutating func setExposed(_ rows: Set<UInt32>) {
        for row in board.indices where board[row].isExposed { board[row].isExposed = false }
        for row in rows { board[Int(row)].isExposed = true }
    }

    func explain(row: Int) -> SeriesExplanation? {
        guard row < signals.count, isUsed(row) else { return nil }
        let entry = board[row]
        let lane = lanes[Int(entry.lane)]
        return SeriesExplanation(
            signal: signals[row], score: entry.score.isNaN ? nil : entry.score, smoothed: entry.smoothed,
            isOnset: entry.isOnset, detector: lane.detectorName, policy: lane.policy, outlook: outlook(row: row),
            reasons: entry.hasPlace ? lane.reasons(place: entry.place) : [],
            hasOpenEpisode: entry.hasOpenEpisode, link: link(of: row))
    }

    /// What became of a row's last sample.
    func scored(row: Int, _ outcome: SampleOutcome, _ outlook: Outlook) -> ScoredSample {
        let entry = board[row]
        let isScored = outcome == .scored
        return ScoredSample(
            outcome: outcome, score: isScored ? entry.score : nil, smoothed: entry.smoothed,
            isOnset: isScored && entry.isOnset, outlook: outlook)
    }

    /// What is expected of the row's next sample.
    func outlook(row: Int) -> Outlook {
        let interval = Int64((Double(signals[row].interval) * 1000).rounded())
        return outlook(row: row, at: signals[row].lastTime.advanced(byMilliseconds: interval))
    }

    func outlook(row: Int, at time: Timestamp) -> Outlook {
        let entry = board[row]
        if !entry.hasPlace { return .none(warmUpLeft: 0) }
        return lanes[Int(entry.lane)].outlook(place: entry.place, at: time)
    }

    /// Series with a score, and series that are still warming up.
    var population: (scored: Int, warming: Int) {
        var population = (scored: 0, warming: 0)
        for row in signals.indices
        where isUsed(row) && !signals[row].isStale && board[row].place != BoardEntry.partPlace {
            if board[row].score.isNaN { population.warming += 1 } else { population.scored += 1 }
        }
        return population
    }
}
