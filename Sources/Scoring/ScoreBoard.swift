package import Detectors
internal import HeapModule
internal import Synchronization
package import TimeSeries

/// The scores of all series, shard by shard, and the way from a sample to its score.
package final class ScoreBoard: Sendable {
    private final class Shard: Sendable {
        let state: Mutex<ScoringShard>

        init(_ plan: DetectionPlan) throws(DetectorError) {
            state = Mutex(try ScoringShard(plan))
        }
    }

    /// One shard's scores that a scrape shows.
    package struct Exposed: Sendable {
        package var rows: [UInt32] = []
        /// The place of each row's policy in the plan.
        package var lanes: [UInt8] = []
        package var scores: [Float] = []
        /// A column for each further output that was asked for, in the order of asking; NaN where there is no value.
        package var others: [[Double]] = []

        package init() {}

        /// Keeps the rows at these places.
        package func keeping(_ places: [Int]) -> Exposed {
            var kept = Exposed()
            kept.rows = places.map { rows[$0] }
            kept.lanes = places.map { lanes[$0] }
            kept.scores = places.map { scores[$0] }
            kept.others = others.map { column in places.map { column[$0] } }
            return kept
        }
    }

    package let names = MetricNames()
    package let plan: DetectionPlan
    private let shards: [Shard]

    /// - Throws: where the plan names a detector that cannot be had.
    package init(_ plan: DetectionPlan = DetectionPlan()) throws(DetectorError) {
        var shards: [Shard] = []
        for _ in 0..<SeriesID.shardCount { shards.append(try Shard(plan)) }
        self.shards = shards
        self.plan = plan
    }

    /// The names of the detectors, by the place of their policy in the plan.
    package var detectorNames: [String] { plan.policies.map(\.detector.name) }

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
    /// - Parameter policy: the place of its policy in the plan.
    /// - Returns: what is looked at, as far as name and metadata tell.
    @discardableResult
    package func begin(_ id: SeriesID, name: String, policy: Int = 0, now: Timestamp) -> SignalChoice {
        let (nameID, choice) = names.intern(name)
        let arrival = UInt32(clamping: now.milliseconds / 1000)
        shards[id.shard].state.withLock {
            $0.begin(row: id.row, nameID: nameID, choice: choice, lane: policy, arrival: arrival)
        }
        return choice
    }

    /// Forgets the series of one shard of which no sample came since a time by our own clock.
    /// - Returns: their rows, for the index to evict, and what of histogram families is among them.
    package func forgetIdle(shard: Int, before arrival: Timestamp) -> ForgottenSeries {
        shards[shard].state.withLock { $0.forgetIdle(before: UInt32(clamping: arrival.milliseconds / 1000)) }
    }

    package func explain(_ id: SeriesID) -> SeriesExplanation? {
        shards[id.shard].state.withLock { $0.explain(row: id.row) }
    }

    // MARK: Histograms

    /// Takes a series' samples for a histogram family from now on: ``SampleBatch/drainParts(released:_:)`` hands them over.
    /// - Returns: false where they are taken already.
    package func mark(_ id: SeriesID, part: UInt32, as kind: HistogramPart) -> Bool {
        shards[id.shard].state.withLock { $0.mark(row: id.row, part: part, as: kind) }
    }

    /// Says that a series is a signal of a histogram family.
    /// - Returns: false where it is something else: somebody sends a series of that name.
    package func beginSignal(_ id: SeriesID, of family: UInt32, policy: Int, now: Timestamp) -> Bool {
        let arrival = UInt32(clamping: now.milliseconds / 1000)
        return shards[id.shard].state.withLock {
            $0.beginSignal(row: id.row, of: family, lane: policy, arrival: arrival)
        }
    }

    /// Takes a native histogram, whose order in time is looked after as a sample's is.
    /// - Parameter count: its observations; the stale marker where it ends its series.
    /// - Returns: what comes of it, and the part that it is to be given to; nil where the series is none yet.
    package func takeHistogram(
        _ id: SeriesID, count: Double, at time: Timestamp, now: Timestamp
    ) -> (outcome: SampleOutcome, part: UInt32)? {
        let arrival = UInt32(clamping: now.milliseconds / 1000)
        return shards[id.shard].state.withLock {
            $0.takeHistogram(row: id.row, count: count, at: time, arrival: arrival)
        }
    }

    // MARK: Exposition

    /// The scores that a scrape shows, by shard.
    ///
    /// - Parameters:
    ///   - others: what is wanted beside the score.
    ///   - oldest: a score of an older sample is not shown: its sender has fallen silent.
    ///   - now: our own clock, by which ``ScoreExposure/anomalous`` remembers.
    package func exposed(
        _ exposure: ScoreExposure, others: [ScoreOutput] = [], since oldest: Timestamp, now: Timestamp
    ) -> [Exposed] {
        switch exposure {
        case .all:
            return shards.map { shard in
                shard.state.withLock { state in state.collect(others, since: oldest) { _, _ in true } }
            }
        case .anomalous:
            let earliest = UInt32(clamping: now.milliseconds / 1000 - Int64(ScoreExposure.anomalousSeconds))
            return shards.map { shard in
                shard.state.withLock { state in
                    state.collect(others, since: oldest) { _, entry in
                        entry.score > 1 || entry.lastAnomaly >= max(earliest, 1)
                    }
                }
            }
        case .top(let count):
            let best = chooseTop(count, since: oldest)
            return shards.indices.map { number in
                shards[number].state.withLock { state in
                    state.setExposed(best[number])
                    return state.collect(others, since: oldest) { row, _ in
                        best[number].contains(UInt32(truncatingIfNeeded: row))
                    }
                }
            }
        }
    }

    private struct Candidate: Comparable {
        var rank: Float
        var id: UInt32

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.rank, right.id) < (right.rank, left.id)
        }
    }

    /// The rows of the highest scores, by shard.
    private func chooseTop(_ count: Int, since oldest: Timestamp) -> [Set<UInt32>] {
        var best = Heap<Candidate>()
        for (number, shard) in shards.enumerated() {
            shard.state.withLock { state in
                state.forEachScore(since: oldest) { row, entry in
                    let rank = entry.isExposed ? entry.score * ScoreExposure.incumbentFactor : entry.score
                    let id = SeriesID(shard: number, row: row).rawValue
                    let candidate = Candidate(rank: rank, id: id)
                    if best.count < count {
                        best.insert(candidate)
                    } else if let least = best.min, least < candidate {
                        best.replaceMin(with: candidate)
                    }
                }
            }
        }
        var rows = [Set<UInt32>](repeating: [], count: shards.count)
        for candidate in best.unordered {
            let id = SeriesID(rawValue: candidate.id)
            rows[id.shard].insert(UInt32(truncatingIfNeeded: id.row))
        }
        return rows
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
