/// A value of a series at a moment.
package struct Sample: Sendable, BitwiseCopyable {
    package let time: Timestamp
    package let value: Double

    package init(time: Timestamp, value: Double) {
        self.time = time
        self.value = value
    }
}

/// The value by which Prometheus says that a series has ended.
///
/// It is a signalling NaN, told from an ordinary one by its bits alone; a single arithmetic operation turns it into a quiet
/// NaN and loses it (prometheus/prometheus:model/value/value.go).
package enum StaleMarker {
    package static let bitPattern: UInt64 = 0x7ff0_0000_0000_0002

    package static func matches(_ value: Double) -> Bool { value.bitPattern == bitPattern }
}
