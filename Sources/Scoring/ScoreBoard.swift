internal import Detectors
internal import HeapModule
internal import Synchronization
package import TimeSeries

/// The scores of all series, shard by shard, and the way from a sample to its score.
package final class ScoreBoard: Sendable {
    private final class Shard: Sendable {
        let state: Mutex<ScoringShard>

        init(bank: any DetectorBank) {
            state = Mutex(ScoringShard(bank: bank))
        }
    }

    /// One shard's scores that a scrape shows.
    package struct Exposed: Sendable {
        package var rows: [UInt32] = []
        package var scores: [Float] = []

        package init() {}
    }

    package let names = MetricNames()
    package let detectorName: String
    private let shards: [Shard]

    /// - Parameter detector: a name from ``DetectorCatalog``; nil where there is none of that name.
    package init?(detector: String) {
        var shards: [Shard] = []
        for _ in 0..<SeriesID.shardCount {
            guard let bank = DetectorCatalog.makeBank(named: detector) else { return nil }
            shards.append(Shard(bank: bank))
        }
        self.shards = shards
        detectorName = detector
    }

    /// Scores a request's samples. Each shard is locked once; nothing waits.
    ///
    /// - Parameter now: our own clock; it marks the series as alive and judges no sample.
    package func score(_ batch: inout SampleBatch, now: Timestamp, _ counts: inout OutcomeCounts) {
        // Requests that run at the same time begin at different shards, so that they do not queue behind one another.
        let first = Int(truncatingIfNeeded: batch.samples.first?.time.milliseconds ?? 0) & (shards.count - 1)
        for i in shards.indices {
            let shard = (first + i) & (shards.count - 1)
            guard !batch.range(shard: shard).isEmpty else { continue }
            shards[shard].state.withLock {
                $0.score(&batch, shard: shard, now: now, names: names, &counts)
            }
        }
        for declaration in batch.declarations where declaration.nameID != MetricNames.unnamed {
            names.declare(names.name(declaration.nameID), as: declaration.type)
        }
        batch.declarations.removeAll(keepingCapacity: true)
    }

    /// Says what a new series is.
    ///
    /// - Parameter now: our own clock. A series of which no sample is ever taken falls idle as well.
    package func begin(_ id: SeriesID, name: String, now: Timestamp) {
        let (nameID, choice) = names.intern(name)
        let arrival = UInt32(clamping: now.milliseconds / 1000)
        shards[id.shard].state.withLock { $0.begin(row: id.row, nameID: nameID, choice: choice, arrival: arrival) }
    }

    /// Forgets the series of one shard of which no sample came since a time by our own clock.
    /// - Returns: their rows, for the index to evict.
    package func forgetIdle(shard: Int, before arrival: Timestamp) -> [UInt32] {
        shards[shard].state.withLock { $0.forgetIdle(before: UInt32(clamping: arrival.milliseconds / 1000)) }
    }

    package func explain(_ id: SeriesID) -> SeriesExplanation? {
        shards[id.shard].state.withLock { $0.explain(row: id.row) }
    }

    // MARK: Exposition

    /// The scores that a scrape shows, by shard.
    ///
    /// - Parameters:
    ///   - oldest: a score of an older sample is not shown: its sender has fallen silent.
    ///   - now: our own clock, by which ``ScoreExposure/anomalous`` remembers.
    package func exposed(_ exposure: ScoreExposure, since oldest: Timestamp, now: Timestamp) -> [Exposed] {
        switch exposure {
        case .all:
            return shards.map { shard in
                shard.state.withLock { state in Self.collect(state, since: oldest) { _ in true } }
            }
        case .anomalous:
            let earliest = UInt32(clamping: now.milliseconds / 1000 - Int64(ScoreExposure.anomalousSeconds))
            return shards.map { shard in
                shard.state.withLock { state in
                    Self.collect(state, since: oldest) { $0.score > 1 || $0.lastAnomaly >= max(earliest, 1) }
                }
            }
        case .top(let count):
            return exposeTop(count, since: oldest)
        }
    }

    private static func collect(
        _ state: borrowing ScoringShard, since oldest: Timestamp, where shows: (BoardEntry) -> Bool
    ) -> Exposed {
        var exposed = Exposed()
        state.forEachScore(since: oldest) { row, entry in
            guard shows(entry) else { return }
            exposed.rows.append(UInt32(truncatingIfNeeded: row))
            exposed.scores.append(entry.score)
        }
        return exposed
    }

    private struct Candidate: Comparable {
        var rank: Float
        var id: UInt32
        var score: Float

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.rank, right.id) < (right.rank, left.id)
        }
    }

    private func exposeTop(_ count: Int, since oldest: Timestamp) -> [Exposed] {
        var best = Heap<Candidate>()
        for (number, shard) in shards.enumerated() {
            shard.state.withLock { state in
                state.forEachScore(since: oldest) { row, entry in
                    let rank = entry.isExposed ? entry.score * ScoreExposure.incumbentFactor : entry.score
                    let id = SeriesID(shard: number, row: row).rawValue
                    let candidate = Candidate(rank: rank, id: id, score: entry.score)
                    if best.count < count {
                        best.insert(candidate)
                    } else if let least = best.min, least < candidate {
                        best.replaceMin(with: candidate)
                    }
                }
            }
        }
        var exposed = [Exposed](repeating: Exposed(), count: shards.count)
        for candidate in best.unordered.sorted(by: { $0.id < $1.id }) {
            let id = SeriesID(rawValue: candidate.id)
            exposed[id.shard].rows.append(UInt32(truncatingIfNeeded: id.row))
            exposed[id.shard].scores.append(candidate.score)
        }
        for (number, shard) in shards.enumerated() {
            let shown = Set(exposed[number].rows)
            shard.state.withLock { $0.setExposed(shown) }
        }
        return exposed
    }

    // MARK: Self-metrics

    package var distribution: ScoreDistribution {
        var sum = ScoreDistribution()
        for shard in shards { sum.add(shard.state.withLock { $0.distribution }) }
        return sum
    }

    /// Series with a score, and series that are still warming up.
    package var population: (scored: Int, warming: Int) {
        shards.reduce(into: (scored: 0, warming: 0)) { sum, shard in
            let part = shard.state.withLock { $0.population }
            sum.scored += part.scored
            sum.warming += part.warming
        }
    }

    /// Bytes held a part.
    package var memory: (signals: Int, detectors: Int, board: Int) {
        shards.reduce(into: (signals: 0, detectors: 0, board: 0)) { sum, shard in
            let part = shard.state.withLock { $0.memory }
            sum.signals += part.signals
            sum.detectors += part.detectors
            sum.board += part.board
        }
    }
}
