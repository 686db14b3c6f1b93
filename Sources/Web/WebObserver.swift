/// Sees what goes through the door, so that its owner can count it. Called on event loops: count and return.
package protocol WebObserver: Sendable {
    func connectionOpened()
    func connectionClosed(_ reason: ConnectionEnd)
    /// Called when the last part of an answer is handed to the connection; a request that was cut off is not reported.
    func requestFinished(_ request: FinishedRequest)
}

/// Why a connection ended.
package enum ConnectionEnd: UInt8, Sendable, CaseIterable {
    /// The peer closed it, or asked for that.
    case peer
    /// It rested longer than the idle timeout, or said nothing at all from the start.
    case idle
    /// It sent a header or a body, or read an answer, too slowly.
    case slow
    /// It made room for another, or found none.
    case limit
    /// The process is on its way out.
    case draining
    /// What it sent was not HTTP or not allowed, or an answer could not be written to its end.
    case error
}

/// One answered request.
package struct FinishedRequest: Sendable {
    /// The path as we know it, such as `/api/v1/write`; unknown paths are all `other`, so that labels stay few.
    package let handler: String
    /// The method; unknown ones are all `other`.
    package let method: String
    package let status: Int
    /// From the end of the header to the end of the answer.
    package let duration: Duration
    /// Body bytes received, as they were sent.
    package let bodyBytes: Int
}
