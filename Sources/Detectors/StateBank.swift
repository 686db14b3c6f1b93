package import TimeSeries

/// What one detector has learned of the rows of one shard, and the judging of batches by it.
///
/// The protocol is there to be called once a batch; inside, everything is made for the one detector.
package protocol DetectorBank: Sendable {
    /// The detector's name.
    var name: String { get }
    /// What the learned states take, in bytes, with the room that is kept for rows to come.
    var memoryBytes: Int { get }

    /// Makes every row below `rows` valid. New rows are those of series of which nothing is known; no row is ever taken
    /// away.
    /// - Complexity: O(new rows), amortised: the room grows geometrically.
    mutating func makeRoom(rows: Int)
    /// Judges values, learns from them, and writes the calibrated judgements: a score above 1 is anomalous, it is at most
    /// ``CalibratedScore/limit``, and NaN while warming up.
    ///
    /// A row may come several times in a batch; its values are taken in order, and their times must ascend. There must be
    /// room for as many judgements, and each row have been made room for: anything else stops the program.
    /// - Complexity: O(values), no allocation.
    mutating func judge(_ samples: Span<SignalSample>, into judgements: inout MutableSpan<Judgement>)
    /// Forgets what was learned of a row, so that a new series can have it.
    mutating func forget(row: Int)

    /// What is expected of the row's value at a time to come.
    func outlook(row: Int, at time: Timestamp) -> Outlook
    /// The parts of the equation behind the row's last score.
    func reasons(row: Int) -> [Reason]
}

/// A detector with a state for each row, one after another in an array.
package struct StateBank<D: Detector>: DetectorBank {
    private let detector: D
    private var states: [D.State] = []

    package init(_ detector: D) {
        self.detector = detector
    }

    package var name: String { D.description.name }
    package var memoryBytes: Int { states.capacity * MemoryLayout<D.State>.stride }

    package mutating func makeRoom(rows: Int) {
        let detector = detector
        detector.grow(&states, to: rows)
    }

    package mutating func judge(_ samples: Span<SignalSample>, into judgements: inout MutableSpan<Judgement>) {
        precondition(
            judgements.count == samples.count, "\(samples.count) values, room for \(judgements.count) judgements")
        let detector = detector
        // One span a batch: it asks once whether the array is shared, and checks each row against the bounds.
        var states = states.mutableSpan
        detector.judge(samples, states: &states, into: &judgements)
    }

    package mutating func forget(row: Int) { states[row] = detector.makeState() }

    package func outlook(row: Int, at time: Timestamp) -> Outlook { detector.outlook(states[row], at: time) }
    package func reasons(row: Int) -> [Reason] { detector.reasons(states[row]) }
}
