internal import Detectors
internal import TimeSeries

/// The series of one shard that fall under one policy: the bank of their detector, without room for any other series.
struct DetectorLane: Sendable {
    let policy: DetectionPolicy
    /// Nil where the policy turns it off.
    let filter: FamiliarityFilter?
    private let isPlain: Bool
    private var bank: any DetectorBank
    private var placeCount = 0
    private var freePlaces: [UInt32] = []
    /// Room is made for so many series at once.
    private static let roomStep = 64

    init(_ policy: DetectionPolicy) throws(DetectorError) {
        self.policy = policy
        isPlain = policy.isPlain
        let kind = DetectorCatalog.entry(named: policy.detector.name)?.description.familiarity ?? .standard
        filter = policy.familiarity.filter(FamiliarityFilter(kind))
        bank = try DetectorCatalog.makeBank(policy.detector)
    }

    var detectorName: String { bank.name }
    var memoryBytes: Int { bank.memoryBytes + freePlaces.capacity * MemoryLayout<UInt32>.stride }

    /// A place in the bank for a series of which nothing is known.
    mutating func takePlace() -> UInt32 {
        if let free = freePlaces.popLast() { return free }
        if placeCount % Self.roomStep == 0 { bank.makeRoom(rows: placeCount + Self.roomStep) }
        placeCount += 1
        return UInt32(truncatingIfNeeded: placeCount - 1)
    }

    mutating func giveBack(place: UInt32) {
        bank.forget(row: Int(place))
        freePlaces.append(place)
    }

    mutating func forget(place: UInt32) { bank.forget(row: Int(place)) }
    func outlook(place: UInt32, at time: Timestamp) -> Outlook { bank.outlook(row: Int(place), at: time) }
    func reasons(place: UInt32) -> [Reason] { bank.reasons(row: Int(place)) }

    /// The one dynamic call of a shard's turn.
    mutating func judge(_ signals: inout SignalBatch) {
        signals.judge(with: &bank)
        if !isPlain { signals.apply(policy) }
    }
}
