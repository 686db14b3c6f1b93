/// The last values of a series, in order of arrival.
///
/// They stand as `Float`, as their distance from an offset that follows the level, so that they take half the memory
/// and keep the digits of what changes: 10^15 + 1 is no `Float`, but 1 is.
struct ValueWindow: BitwiseCopyable, Sendable {
    static var capacity: Int { 512 }

    /// What is added to a stored value to have it in the signal's unit.
    private(set) var offset = 0.0
    private var values = InlineArray<512, Float>(repeating: 0)
    private(set) var count: UInt16 = 0
    private var next: UInt16 = 0
    /// What the stored values may be wrong by since the offset was moved under them; of this lap and the one before.
    private var lost: Float = 0

    /// What counts as no change around a level, given as its distance from the offset: the rounding of the values, of
    /// whoever made them, and of `Float` where the level has just moved far away from the offset.
    @inline(__always)
    func tiny(around level: Double) -> Double {
        1e-12 + 1e-9 * abs(offset + level) + max(0x1p-22 * abs(level), Double(lost))
    }

    /// The stored value of that index, in no particular order.
    @inline(__always)
    subscript(_ index: Int) -> Float { values[index] }

    /// Takes a value in, and the oldest out once there are `length`.
    ///
    /// - Returns: the two as they are stored, and whether the values have all been replaced since it last was so: the
    ///   time to call ``recentre()`` and to reckon sums anew.
    @inline(__always)
    mutating func push(_ value: Double, length: Int) -> (added: Float, removed: Float?, lapped: Bool) {
        if count == 0 { offset = value }
        let added = Float(value - offset)
        let place = Int(next)
        let removed: Float? = Int(count) == length ? values[place] : nil
        values[place] = added
        if removed == nil { count += 1 }
        next = place + 1 == length ? 0 : next + 1
        return (added, removed, next == 0)
    }

    /// Moves the offset to the middle of the values where it has been left behind by much more than their range.
    ///
    /// - Returns: what was taken from every value.
    /// - Complexity: O(length); once in as many values, where ``push(_:length:)`` said so.
    @inline(never)
    mutating func recentre() -> Float {
        var low = values[0]
        var high = low
        for i in 1..<Int(count) {
            low = min(low, values[i])
            high = max(high, values[i])
        }
        let middle = low * 0.5 + high * 0.5
        guard abs(middle) > 4 * (high - low) else {
            lost = 0
            return 0
        }
        offset += Double(middle)
        for i in 0..<Int(count) { values[i] -= middle }
        lost = 0x1p-22 * abs(middle)
        return middle
    }
}
