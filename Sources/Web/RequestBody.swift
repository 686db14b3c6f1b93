internal import NIOCore
internal import Synchronization

/// The body of one request as it comes in, in one run of bytes.
struct RequestBody {
    private(set) var bytes = ByteBuffer()
    /// What `Content-Length` says; nil with chunked transfer.
    private let declaredBytes: Int?
    /// Room that is made at once on the word of the sender. A larger body has to arrive before it gets more.
    private static let trustedBytes = 256 << 10

    init(declaredBytes: Int?) {
        self.declaredBytes = declaredBytes
    }

    /// - Complexity: O(size of the piece), amortised: room doubles. Nothing is copied when the first piece is all there is.
    mutating func append(_ piece: inout ByteBuffer) {
        if bytes.capacity == 0 {
            if piece.readableBytes == declaredBytes {
                bytes = piece
                return
            }
            bytes.reserveCapacity(min(declaredBytes ?? 0, Self.trustedBytes))
        }
        bytes.writeBuffer(&piece)
    }
}

/// Counts the body bytes held for all connections together.
final class HeldBytes: Sendable {
    private let limit: Int
    private let held = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Books more bytes; false when that would pass the limit, and nothing is booked then.
    func take(_ bytes: Int) -> Bool {
        if held.add(bytes, ordering: .relaxed).newValue <= limit { return true }
        held.subtract(bytes, ordering: .relaxed)
        return false
    }

    func giveBack(_ bytes: Int) {
        held.subtract(bytes, ordering: .relaxed)
    }
}
