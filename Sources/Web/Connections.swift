internal import NIOCore
internal import Synchronization

/// What other threads may know of a connection: whether it could be closed to make room.
final class Connection: Sendable {
    enum Phase: UInt8, AtomicRepresentable {
        /// No request yet: the first to go.
        case fresh
        /// Between two requests.
        case idle
        case busy
        /// Chosen to make room; no request of it is answered any more.
        case evicted
    }

    let channel: any Channel
    private let phase = Atomic(Phase.fresh)
    private let idleSince: Atomic<UInt64>
    private let reason = Atomic<UInt8>(.max)

    init(_ channel: any Channel) {
        self.channel = channel
        idleSince = Atomic(NIODeadline.now().uptimeNanoseconds)
    }

    /// Notes that a request has begun; false when the connection was chosen to go a moment ago.
    func becomeBusy() -> Bool {
        phase.exchange(.busy, ordering: .acquiringAndReleasing) != .evicted
    }

    func becomeIdle(at now: NIODeadline) {
        idleSince.store(now.uptimeNanoseconds, ordering: .relaxed)
        phase.store(.idle, ordering: .releasing)
    }

    /// Notes why the connection ends; the first reason counts.
    func end(_ reason: ConnectionEnd) {
        _ = self.reason.compareExchange(expected: .max, desired: reason.rawValue, ordering: .relaxed)
    }

    /// Why it ended; the peer did it when nobody here has said anything.
    var endReason: ConnectionEnd {
        ConnectionEnd(rawValue: reason.load(ordering: .relaxed)) ?? .peer
    }

    /// Who goes first: lower is sooner; nil while busy.
    fileprivate var evictionOrder: (Phase, UInt64)? {
        let phase = phase.load(ordering: .acquiring)
        return phase == .fresh || phase == .idle ? (phase, idleSince.load(ordering: .relaxed)) : nil
    }

    fileprivate func evict(from phase: Phase) -> Bool {
        guard self.phase.compareExchange(expected: phase, desired: .evicted, ordering: .acquiringAndReleasing).exchanged
        else { return false }
        end(.limit)
        channel.close(promise: nil)
        return true
    }
}

/// The open connections, at most `limit` of them.
///
/// At the limit a newcomer is let in at the cost of a connection that waits for a request: first one that never sent any, the
/// longest-waiting of its kind. Leaving newcomers in the backlog instead would let idle connections lock out the real sender
/// until they time out; so only when every connection is busy is the newcomer closed, and the sender tries again.
final class Connections: Sendable {
    private let limit: Int
    private let open = Mutex<[ObjectIdentifier: Connection]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { open.withLock { $0.count } }

    /// False when there is no room and none can be made.
    /// - Complexity: O(1) below the limit, O(limit) at it.
    func admit(_ newcomer: Connection) -> Bool {
        open.withLock { open in
            while open.count >= limit {
                let waiting = open.values.compactMap { candidate in candidate.evictionOrder.map { (candidate, $0) } }
                guard let (oldest, order) = waiting.min(by: { ($0.1.0.rawValue, $0.1.1) < ($1.1.0.rawValue, $1.1.1) })
                else { return false }
                // It may have become busy since it was looked at: then look again.
                if oldest.evict(from: order.0) { open[ObjectIdentifier(oldest)] = nil }
            }
            open[ObjectIdentifier(newcomer)] = newcomer
            return true
        }
    }

    func remove(_ connection: Connection) {
        open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) }
    }
}
