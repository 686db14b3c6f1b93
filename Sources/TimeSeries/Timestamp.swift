/// A moment, in milliseconds since 1970-01-01 UTC: Prometheus' own resolution.
package struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
    package var milliseconds: Int64

    @inlinable @inline(__always)
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Seconds since 1970-01-01 UTC, with fractions.
    package var seconds: Double { Double(milliseconds) / 1000 }

    @inlinable @inline(__always)
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The seconds from `earlier` to here; negative where `earlier` is later. Never traps, whatever a sender wrote.
    @inlinable @inline(__always)
    package func seconds(since earlier: Timestamp) -> Double {
        Double(milliseconds) / 1000 - Double(earlier.milliseconds) / 1000
    }

    /// This moment moved by whole milliseconds, held within what an `Int64` can say.
    package func advanced(byMilliseconds distance: Int64) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(distance)
        return Timestamp(milliseconds: overflow ? (distance < 0 ? .min : .max) : sum)
    }
}
