package import TimeSeries

/// What is remembered of a series to turn its samples into the signal that is scored: 32 bytes.
package struct Signal: Sendable, BitwiseCopyable {
    /// What came of a sample.
    package enum Step: Equatable, Sendable {
        /// A value for the detector.
        case value(Double)
        /// A rate needs two samples, and this is the first: after the start, a stale marker, a gap or a NaN.
        case baseline
        /// NaN or infinite: legal, kept alive, not scored.
        case notFinite
        /// The end of the series, until it comes back.
        case stale
        /// Not newer than the last one; nothing changed.
        case duplicate
        case late
    }

    /// A counter's samples further apart than this, or than four times their usual distance, are no longer joined by a rate.
    package static let gapSeconds: Float = 300

    /// Rises without a fall after which a series of unknown kind is taken for a counter.
    static let risesOfCounter: UInt8 = 60
    /// Falls, not explained by starting over, after which a series that was taken for a counter no longer is.
    static let fallsOfGauge: UInt8 = 3

    package private(set) var lastTime = Timestamp(milliseconds: .min)
    /// NaN where there is none to compare with.
    package private(set) var lastValue = Double.nan
    /// The usual distance of samples, in seconds; 0 before the second.
    package private(set) var interval: Float = 0
    package var nameID = MetricNames.unnamed
    /// When a sample last came, in seconds since 1970 by our own clock: idle series are told by this.
    package var arrival: UInt32 = 0
    package private(set) var choice = SignalChoice.valueByDefault
    private var rises: UInt8 = 0
    private var falls: UInt8 = 0
    private var marks: UInt8 = 0

    package init() {}

    /// Behaviour decided once; it is not asked again.
    private var isSettled: Bool {
        get { marks & 1 != 0 }
        set { marks = newValue ? marks | 1 : marks & ~1 }
    }

    /// Whether the series feeds a histogram family or is one of its signals, see ``ScoringShard/mark(row:part:as:)``.
    var isLinked: Bool {
        @inline(__always) get { marks & 2 != 0 }
        set { marks = newValue ? marks | 2 : marks & ~2 }
    }

    package var isStale: Bool { lastTime.milliseconds != .min && StaleMarker.matches(lastValue) }

    /// Moves the time of the last sample on, without taking a sample; see `ScoringShard` for the one use.
    mutating func pretend(lastTime time: Timestamp) { lastTime = time }

    /// Takes a sample.
    package mutating func take(_ value: Double, at time: Timestamp) -> Step {
        guard time > lastTime else { return time == lastTime ? .duplicate : .late }
        // Exact: `time` is later, so that the distance fits 64 bits without a sign whatever the two are. A rate of rounded
        // times would tremble where the counter is steady.
        let distance = UInt64(bitPattern: time.milliseconds &- lastTime.milliseconds)
        let elapsed = lastTime.milliseconds == .min ? 0 : Double(distance) / 1000
        let before = lastValue
        lastTime = time
        lastValue = value
        guard value.isFinite else { return StaleMarker.matches(value) ? .stale : .notFinite }
        let isJoined = elapsed > 0 && Float(elapsed) <= max(Self.gapSeconds, 4 * interval)
        learnInterval(Float(elapsed), isJoined: isJoined)
        guard before.isFinite else { return choice.isRate ? .baseline : .value(value) }
        if !choice.isDeclared { watch(value, after: before) }
        guard choice.isRate else { return .value(value) }
        guard isJoined else { return .baseline }
        // A counter that fell has started over from 0: all that it shows now has come since.
        let increase = value >= before ? value - before : value
        return .value(increase / elapsed)
    }

    /// Follows the usual distance of samples. A gap lengthens it by steps: samples that always lie so far apart are soon
    /// joined, and a single gap, however long, changes little.
    @inline(__always)
    private mutating func learnInterval(_ elapsed: Float, isJoined: Bool) {
        if isJoined {
            interval = interval == 0 ? elapsed : interval + 0.1 * (elapsed - interval)
        } else if elapsed > 0 {
            interval = max(2 * interval, Self.gapSeconds / 4)
        }
    }

    /// Whether it was said what the row holds, and not only written to by a request that came too late.
    var isBegun: Bool {
        get { marks & 4 != 0 }
        set { marks = newValue ? marks | 4 : marks & ~4 }
    }

    /// Makes the series a histogram's: nothing that metadata says, or its values show, changes that.
    mutating func become(_ part: SignalChoice) { choice = part }

    /// Makes the series one like any other.
    mutating func leaveHistogram(_ new: SignalChoice) {
        isLinked = false
        if choice.isOfHistogram { choice = new }
    }

    /// Decides anew what is looked at.
    /// - Returns: whether the signal is now another, so that what was learned of the old one is worth nothing.
    mutating func choose(_ new: SignalChoice) -> Bool {
        if choice.isOfHistogram { return false }
        // What the series itself showed stands against a name, not against metadata.
        if !new.isDeclared && (isSettled || choice == .rateByBehaviour) { return false }
        let changes = new.isRate != choice.isRate
        choice = new
        return changes
    }

    /// Whether the last sample changed ``choice``'s signal.
    private mutating func watch(_ value: Double, after before: Double) {
        if value > before {
            if rises == .max {
                rises /= 2
                falls /= 2
            }
            rises += 1
        } else if value < before, !(choice.isRate && value < before / 2 && value >= 0) {
            // Of what counts, a fall to less than half is taken for a start from 0.
            falls = falls == .max ? falls : falls + 1
        }
        guard !isSettled else { return }
        if choice.isRate {
            if falls >= Self.fallsOfGauge && Int(falls) * 10 > Int(rises) {
                choice = .valueByBehaviour
                isSettled = true
            }
        } else if rises >= Self.risesOfCounter && falls == 0 {
            choice = .rateByBehaviour
        }
    }
}
