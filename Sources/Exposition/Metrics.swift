internal import Synchronization

/// A count of our own that only grows. Any thread may add to it.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// One relaxed atomic addition.
    package func increment(by amount: Int = 1) {
        precondition(amount >= 0, "a counter only grows")
        count.wrappingAdd(UInt64(truncatingIfNeeded: amount), ordering: .relaxed)
    }

    package var value: UInt64 { count.load(ordering: .relaxed) }
}

/// A value of our own that goes up and down. Any thread may set it.
package final class Gauge: Sendable {
    private let number = AtomicDouble()

    init() {}

    package func set(_ value: Double) { number.store(value) }

    /// Adds to the value; a negative amount takes away.
    package func add(_ amount: Double) { number.add(amount) }

    package var value: Double { number.load() }
}

/// How often values of our own fell below each of some bounds, and their sum. Any thread may add to it.
package final class Histogram: Sendable {
    /// Bounds of latencies in seconds, from 1 ms to 10 s.
    package static let latencyBounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    let upperBounds: [Double]
    /// One for each bound and one for what is past them; not cumulative.
    private let buckets: [Counter]
    private let total = AtomicDouble()

    init(upperBounds: [Double]) {
        precondition(
            zip(upperBounds, upperBounds.dropFirst()).allSatisfy(<) && upperBounds.allSatisfy(\.isFinite),
            "the bounds of a histogram ascend and are finite, +Inf is added; got \(upperBounds)")
        self.upperBounds = upperBounds
        buckets = (0...upperBounds.count).map { _ in Counter() }
    }

    /// Counts a value in the first bucket whose bound it does not pass; NaN is counted past all bounds and not summed.
    /// - Complexity: O(bounds), and two atomic additions.
    package func observe(_ value: Double) {
        var bucket = 0
        while bucket < upperBounds.count, !(value <= upperBounds[bucket]) { bucket += 1 }
        buckets[bucket].increment()
        if !value.isNaN { total.add(value) }
    }

    /// Counts a time in seconds.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    package var count: UInt64 { buckets.reduce(0) { $0 + $1.value } }
    package var sum: Double { total.load() }

    /// How many values were at most each bound, the last one being the count of all.
    package var cumulativeCounts: [UInt64] {
        var sum: UInt64 = 0
        return buckets.map { bucket in
            sum += bucket.value
            return sum
        }
    }
}

private final class AtomicDouble: Sendable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var expected = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: expected) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(
                expected: expected, desired: sum, ordering: .relaxed)
            if exchanged { return }
            expected = original
        }
    }
}
