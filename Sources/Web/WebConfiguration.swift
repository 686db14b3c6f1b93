/// Where the door stands and how much it lets in: every limit of the HTTP side.
package struct WebConfiguration: Sendable {
    /// The address to listen on; loopback unless said otherwise, because a sidecar's sender stands beside it.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 lets the system choose, and `onRunning` of ``WebServer`` tells which.
    package var port = 0
    /// Connections open at once. At the limit an idle one makes room for a newcomer, see `Connections`.
    package var connectionLimit = 512
    /// How long a connection may rest between two requests, and how long an answer may take to be read.
    /// Senders keep theirs for up to 90 s, so less than that makes them reconnect.
    package var idleTimeout = Duration.seconds(300)
    /// How long a request's header may take: from the connection's start, later from its first byte.
    package var headerTimeout = Duration.seconds(10)
    /// How long a whole body may take from the end of its header, however steadily it drips.
    package var bodyTimeout = Duration.seconds(30)
    /// How long a connection that is being closed is still read, so that the peer reads the answer instead of a reset.
    package var lingerTimeout = Duration.seconds(2)
    /// The size of one body as it is sent, that is compressed.
    package var bodyLimitBytes = 32 << 20
    /// Body bytes held for all connections together.
    package var inFlightLimitBytes = 64 << 20
    /// The size of a request's header fields.
    package var headerLimitBytes = 64 << 10
    /// What a sender is asked to wait when it is told to come again.
    package var retryAfterSeconds = 5
    /// The value of the `Server` header, such as `Lapwing/0.1.0`; nil leaves it out.
    package var serverName: String?

    package init() {}
}
