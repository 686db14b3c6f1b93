package import TimeSeries

/// What one detector has learned of the rows of one shard, and the scoring of batches by it.
///
/// The protocol is there to be called once a batch; inside, everything is specialised for the detector.
package protocol DetectorBank: Sendable {
    /// The detector's name.
    var name: String { get }
    /// What the learned states take, in bytes, with the room that is kept for rows to come.
    var memoryBytes: Int { get }

    /// Makes every row below `rows` valid. New rows are those of series of which nothing is known; no row is ever taken
    /// away.
    /// - Complexity: O(new rows), amortised: the room grows geometrically.
    mutating func makeRoom(rows: Int)
    /// Judges values, learns from them, and writes their calibrated scores: above 1 is anomalous, at most
    /// ``CalibratedScore/limit``, NaN while warming up.
    ///
    /// A row may come several times in a batch; its values are taken in order, and their times must ascend. There must be
    /// room for as many scores, and each row have been made room for: anything else stops the program.
    /// - Complexity: O(values), no allocation.
    mutating func score(_ values: Span<RowSample>, into scores: inout MutableSpan<Float>)
    /// Forgets what was learned of a row, so that a new series can have it.
    mutating func forget(row: Int)

    /// What is expected of the row's next value.
    func outlook(row: Int) -> Outlook
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

    package var name: String { detector.name }
    package var memoryBytes: Int { states.capacity * MemoryLayout<D.State>.stride }

    @specialized(where D == AdaptiveDetector)
    package mutating func makeRoom(rows: Int) {
        guard rows > states.count else { return }
        states.append(contentsOf: repeatElement(detector.makeState(), count: rows - states.count))
    }

    // Called through `any DetectorBank`, a generic method is not specialised by itself, and then takes 1,100 ns a
    // sample in place of 35 (measured). So each detector of the catalog has its line here.
    @specialized(where D == AdaptiveDetector)
    package mutating func score(_ values: Span<RowSample>, into scores: inout MutableSpan<Float>) {
        precondition(scores.count == values.count, "\(values.count) values, room for \(scores.count) scores")
        let detector = detector
        let perDivisor = 1 / detector.divisor
        // One span a batch: it asks once whether the array is shared, and checks each row against the bounds.
        var states = states.mutableSpan
        for i in values.indices {
            let sample = values[i]
            let raw = detector.score(sample.value, at: sample.time, state: &states[Int(sample.row)])
            scores[i] = raw.map { min($0 * perDivisor, CalibratedScore.limit) } ?? .nan
        }
    }

    @specialized(where D == AdaptiveDetector)
    package mutating func forget(row: Int) {
        states[row] = detector.makeState()
    }

    package func outlook(row: Int) -> Outlook { detector.outlook(states[row]) }
    package func reasons(row: Int) -> [Reason] { detector.reasons(states[row]) }
}
