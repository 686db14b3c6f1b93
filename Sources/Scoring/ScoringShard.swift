internal import Detectors
internal import TimeSeries

/// One shard's series, from sample to score: order, signal, detector, calibration, board.
///
/// State a series lies in columns by row: the signal's 32 bytes and the board's 24; the detector's in the bank of the lane
/// that the series' policy gives it. A request takes each column in a pass of its own, with no allocation and no dynamic
/// call a sample.
struct ScoringShard: ~Copyable, Sendable {
    var signals: [Signal] = []
    /// One a policy of the plan, in its order.
    var lanes: [DetectorLane]
    var board: [BoardEntry] = []
    /// The histogram part of a row, or the family that it is a signal of; ``noLink`` for most, and only as long as needed.
    var links: [UInt32] = []
    /// Kept only for series that had an episode; most never have.
    private var familiarities: [Familiarity] = []
    private var freeFamiliarities: [Int32] = []
    private(set) var distribution = ScoreDistribution()
    /// The rows of the series that were forgotten last.
    private var forgottenRows: [UInt32] = []
    /// The state of ``MetricNames`` that the signals follow.
    private var namesGeneration: UInt32 = 0

    init(_ plan: DetectionPlan) throws(DetectorError) {
        var lanes: [DetectorLane] = []
        for policy in plan.policies { lanes.append(try DetectorLane(policy)) }
        self.lanes = lanes
    }

    // MARK: Scoring

    /// Scores one shard's part of a batch.
    mutating func score(
        _ batch: inout SampleBatch, shard: Int, now: Timestamp, names: MetricNames, _ counts: inout OutcomeCounts
    ) {
        if names.generation != namesGeneration { follow(names, &batch.releasedParts) }
        let range = batch.range(shard: shard)
        makeRoom(for: batch.samples, in: range)
        if needsSorting(batch, in: range) { batch.sortByTime(shard: shard) }
        while batch.signals.count < lanes.count { batch.signals.append(SignalBatch()) }
        takeSamples(&batch, in: range, arrival: UInt32(clamping: now.milliseconds / 1000), &counts)
        judge(&batch.signals, &counts)
    }

    private mutating func makeRoom(for samples: [RowSample], in range: Range<Int>) {
        var highest: UInt32 = 0
        for i in range { highest = max(highest, samples[i].row) }
        if !range.isEmpty { makeRoom(rows: Int(highest) + 1) }
    }

    mutating func makeRoom(rows: Int) {
        let more = rows - signals.count
        guard more > 0 else { return }
        signals.append(contentsOf: repeatElement(Signal(), count: more))
        board.append(contentsOf: repeatElement(BoardEntry(), count: more))
    }

    /// Whether a series' samples stand in the wrong order within the batch.
    ///
    /// Requests gather several targets, so their times often go back and forth while each series' go forward. Walking the
    /// batch once on the last times alone, and taking that back, tells the two apart; sorting is left for the rare case.
    private mutating func needsSorting(_ batch: borrowing SampleBatch, in range: Range<Int>) -> Bool {
        var ascending = true
        for i in range.dropFirst() where batch.samples[i].time < batch.samples[i - 1].time { ascending = false }
        if ascending { return false }
        var earlierTimes: [Timestamp] = []
        earlierTimes.reserveCapacity(range.count)
        var late = false
        for i in range {
            let sample = batch.samples[i]
            let last = signals[Int(sample.row)].lastTime
            earlierTimes.append(last)
            if sample.time > last { signals[Int(sample.row)].pretend(lastTime: sample.time) } else { late = true }
        }
        for i in range.reversed() {
            signals[Int(batch.samples[i].row)].pretend(lastTime: earlierTimes[i - range.lowerBound])
        }
        return late
    }

    /// First pass: each sample becomes a value for the detector, or is counted for what it is.
    private mutating func takeSamples(
        _ batch: inout SampleBatch, in range: Range<Int>, arrival: UInt32, _ counts: inout OutcomeCounts
    ) {
        var at = range.lowerBound
        while let event = takeSamples(&batch, from: &at, to: range.upperBound, arrival: arrival, &counts) {
            switch event {
            case .unplaced(let row):
                place(row: row, lane: Int(board[row].lane))
            case .ended(let row):
                // What came before in this batch is judged by what was known before.
                judge(&batch.signals, &counts)
                board[row].score = .nan
                board[row].smoothed = 0
            case .changed(let row, let sample):
                judge(&batch.signals, &counts)
                relearn(row: row)
                if let sample {
                    batch.signals[Int(board[row].lane)].append(sample, row: UInt32(truncatingIfNeeded: row))
                }
            }
        }
    }

    /// Something that must happen between two samples, and seldom does.
    private enum Event {
        /// A stale marker came.
        case ended(row: Int)
        /// The sample's series is now looked at in another way; its first value in that way, where there is one.
        case changed(row: Int, SignalSample?)
        /// The first sample of a series: it needs a place in its lane, then the sample is taken again.
        case unplaced(row: Int)
    }

    /// Takes samples up to the next event; nil when none is left.
    private mutating func takeSamples(
        _ batch: inout SampleBatch, from at: inout Int, to end: Int, arrival: UInt32, _ counts: inout OutcomeCounts
    ) -> Event? {
        // A second owner for as long as nothing is written to the board.
        let entries = board
        let board = entries.span
        let isDerived = batch.isDerived
        let links = links
        var signals = signals.mutableSpan
        while at < end {
            let sample = batch.samples[at]
            let row = Int(sample.row)
            let entry = board[row]
            if entry.place == BoardEntry.noPlace { return .unplaced(row: row) }
            let wasRate = signals[row].choice.isRate
            let isLinked = signals[row].isLinked
            if isLinked, !isDerived, signals[row].choice == .valueOfHistogram {
                // What somebody sends under the name of one of our own series.
                counts[.ownSeries] += 1
                at += 1
                continue
            }
            let step = signals[row].take(sample.value, at: sample.time)
            signals[row].arrival = arrival
            at += 1
            if sample.type != .unknown && !signals[row].choice.isDeclared {
                batch.declarations.append((signals[row].nameID, sample.type))
            }
            if isLinked, !isDerived, step != .late, step != .duplicate {
                batch.parts.append(PartValue(part: links[row], time: sample.time, value: sample.value))
                if case .value = step, signals[row].choice == .partOfHistogram {
                    counts[.histogramPart] += 1
                    continue
                }
            }
            switch step {
            case .value(let value):
                let signal = SignalSample(
                    row: entry.place, interval: signals[row].interval, time: sample.time, value: value)
                if signals[row].choice.isRate != wasRate { return .changed(row: row, signal) }
                batch.signals[Int(entry.lane)].append(signal, row: sample.row)
            case .baseline:
                counts[.baseline] += 1
                if signals[row].choice.isRate != wasRate { return .changed(row: row, nil) }
            case .notFinite: counts[.notFinite] += 1
            case .duplicate: counts[.duplicate] += 1
            case .late: counts[.late] += 1
            case .stale:
                counts[.stale] += 1
                return .ended(row: row)
            }
        }
        return nil
    }

    /// Second and third pass: the detectors judge the values, and the board takes the scores.
    private mutating func judge(_ signals: inout [SignalBatch], _ counts: inout OutcomeCounts) {
        for lane in lanes.indices where !signals[lane].isEmpty {
            lanes[lane].judge(&signals[lane])
            var at = 0
            while let unusual = post(signals[lane], from: &at, &counts) {
                let sample = signals[lane].samples[unusual]
                let row = Int(signals[lane].rows[unusual])
                let judged = signals[lane].judgements[unusual].score
                post(familiar(judged, row: row, lane: lane, sample), row: row, sample)
                counts[.scored] += 1
            }
            signals[lane].removeAll()
        }
    }

    /// Puts scores on the board up to the next that the familiarity filter must see; nil when none is left.
    private mutating func post(
        _ signals: borrowing SignalBatch, from at: inout Int, _ counts: inout OutcomeCounts
    ) -> Int? {
        // Copied and put back, so that both can be written.
        var spread = distribution
        defer { distribution = spread }
        var board = board.mutableSpan
        var (warming, scored) = (0, 0)
        defer {
            counts[.warmingUp] += warming
            counts[.scored] += scored
        }
        while at < signals.samples.count {
            let row = Int(signals.rows[at])
            let score = signals.judgements[at].score
            let step = signals.samples[at].step
            at += 1
            if score.isNaN {
                warming += 1
            } else if score < Familiarity.floor && !board[row].hasOpenEpisode {
                scored += 1
                board[row].take(score, step: step)
                board[row].isOnset = false
                spread.add(score)
            } else {
                return at - 1
            }
        }
        return nil
    }

    private mutating func post(_ score: Float, row: Int, _ sample: SignalSample) {
        board[row].take(score, step: sample.step)
        board[row].isOnset = false
        if score > 1 {
            let now = UInt32(clamping: sample.time.milliseconds / 1000)
            let rest = Double(Pace.seconds(steps: Onset.restSteps, interval: sample.interval))
            let last = board[row].lastAnomaly
            board[row].isOnset = last == 0 || Double(now) - Double(last) >= rest
            board[row].lastAnomaly = max(now, 1)
        }
        distribution.add(score)
    }

    /// Lowers the score of what happens all the time in this series.
    private mutating func familiar(_ score: Float, row: Int, lane: Int, _ sample: SignalSample) -> Float {
        guard let filter = lanes[lane].filter else { return score }
        if board[row].familiarity < 0 {
            if let free = freeFamiliarities.popLast() {
                board[row].familiarity = free
                familiarities[Int(free)] = Familiarity()
            } else {
                board[row].familiarity = Int32(truncatingIfNeeded: familiarities.count)
                familiarities.append(Familiarity())
            }
        }
        let place = Int(board[row].familiarity)
        let filtered = familiarities[place].filter(
            score, interval: sample.interval, at: sample.time, by: filter)
        board[row].hasOpenEpisode = familiarities[place].isOpen
        return filtered
    }

    // MARK: Rows

    /// Says what a new row holds. A sample may have come already: the row is found by others as soon as it has a name.
    mutating func begin(row: Int, nameID: UInt32, choice: SignalChoice, lane: Int, arrival: UInt32) {
        makeRoom(rows: row + 1)
        place(row: row, lane: lane)
        signals[row].isBegun = true
        signals[row].nameID = nameID
        signals[row].arrival = max(signals[row].arrival, arrival)
        if signals[row].choose(choice) { relearn(row: row) }
    }

    /// Gives a series its place in a lane.
    mutating func place(row: Int, lane: Int) {
        let (place, from) = (board[row].place, Int(board[row].lane))
        if place == BoardEntry.partPlace {
            board[row].lane = UInt8(lane)
            return
        }
        if place != BoardEntry.noPlace {
            if lane == from { return }
            lanes[from].giveBack(place: place)
            relearn(row: row, keepsPlace: false)
        }
        board[row].lane = UInt8(lane)
        board[row].place = lanes[lane].takePlace()
    }

    /// Forgets all that was learned of an evicted series.
    private mutating func forget(row: Int) {
        signals[row] = Signal()
        leavePlace(row: row)
        board[row].lane = 0
    }

    /// Gives a row's place in its lane back.
    mutating func leavePlace(row: Int) {
        let entry = board[row]
        if entry.hasPlace { lanes[Int(entry.lane)].giveBack(place: entry.place) }
        relearn(row: row, keepsPlace: false)
        board[row].lane = entry.lane
    }

    /// The signal is another now: what was learned of the old one is worth nothing.
    mutating func relearn(row: Int, keepsPlace: Bool = true) {
        let entry = board[row]
        if entry.familiarity >= 0 { freeFamiliarities.append(entry.familiarity) }
        board[row] = BoardEntry()
        guard keepsPlace, entry.place != BoardEntry.noPlace else { return }
        if entry.hasPlace { lanes[Int(entry.lane)].forget(place: entry.place) }
        board[row].place = entry.place
        board[row].lane = entry.lane
    }

    /// Follows what metadata says since the last look.
    private mutating func follow(_ names: MetricNames, _ released: inout [UInt32]) {
        namesGeneration = names.generation
        let choices = names.choices
        for row in signals.indices where signals[row].nameID != MetricNames.unnamed {
            let choice = choices[Int(signals[row].nameID)]
            if choice == .valueByMetadata, signals[row].isLinked {
                // A gauge histogram's: it adds nothing up.
                released.append(unlink(row: row, choice))
            }
            if choice != signals[row].choice, signals[row].choose(choice) { relearn(row: row) }
        }
    }

    /// Forgets the series of which no sample came since a time by our own clock.
    mutating func forgetIdle(before arrival: UInt32) -> ForgottenSeries {
        var forgotten = ForgottenSeries()
        // A request that had found a series just before its row was forgotten may still have written to it. The rows have
        // rested since, and nobody has them yet, but where a request took longer than that.
        for row in forgottenRows where !signals[Int(row)].isBegun { forget(row: Int(row), &forgotten) }
        forgottenRows = idleRows(before: arrival)
        for row in forgottenRows { forget(row: Int(row), &forgotten) }
        forgotten.rows = forgottenRows
        return forgotten
    }

    private mutating func forget(row: Int, _ forgotten: inout ForgottenSeries) {
        if let link = link(of: row) {
            links[row] = Self.noLink
            if signals[row].choice == .valueOfHistogram {
                forgotten.signals.append((UInt32(truncatingIfNeeded: row), link))
            } else {
                forgotten.parts.append(link)
            }
        }
        forget(row: row)
    }

    private func idleRows(before arrival: UInt32) -> [UInt32] {
        var rows: [UInt32] = []
        for row in signals.indices where isUsed(row) && signals[row].arrival < arrival {
            rows.append(UInt32(truncatingIfNeeded: row))
        }
        return rows
    }

    func isUsed(_ row: Int) -> Bool { signals[row].arrival != 0 }

    /// Bytes held a part.
    var memory: (signals: Int, detectors: Int, board: Int) {
        (
            signals.capacity * MemoryLayout<Signal>.stride, lanes.reduce(0) { $0 + $1.memoryBytes },
            board.capacity * MemoryLayout<BoardEntry>.stride + links.capacity * MemoryLayout<UInt32>.stride
                + familiarities.capacity * MemoryLayout<Familiarity>.stride
        )
    }
}
