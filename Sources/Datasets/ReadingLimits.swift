/// What one input may hold; beyond it the input is refused as a whole, with an error that names the limit.
///
/// The defaults keep one input below about 4 GiB of memory: its bytes, 16 bytes a row and 8 bytes a value.
package struct ReadingLimits: Sendable {
    /// Where a row starts and ends is kept in 32 bits.
    package static let mostBytes = Int(UInt32.max)

    /// At most ``mostBytes``.
    package var bytes: Int
    package var rows: Int
    package var columns: Int
    /// Rows times metrics. A short row of a wide file costs as much memory as a full one.
    package var values: Int
    /// A longer line is malformed.
    package var lineBytes: Int

    package init(
        bytes: Int = 1 << 30, rows: Int = 50_000_000, columns: Int = 10_000, values: Int = 250_000_000,
        lineBytes: Int = 1 << 20
    ) {
        self.bytes = min(bytes, Self.mostBytes)
        self.rows = rows
        self.columns = columns
        self.values = values
        self.lineBytes = lineBytes
    }
}
