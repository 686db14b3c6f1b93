package import TimeSeries

/// A way to tell an unusual sample: one small file, one fixed-size state a series, one equation.
///
/// A detector is a value that holds the parameters; what it has learned of a series is its `State`, kept by a
/// ``StateBank``. It judges a sample by what it learned from those before, then learns from it: nothing looks ahead.
package protocol Detector: Sendable {
    /// What is learned of one series: plain bytes, so that it can be copied into a checkpoint as it is.
    associatedtype State: BitwiseCopyable & Sendable

    /// The word that users write, and that stands in the `detector` label.
    var name: String { get }
    /// Grows when the meaning of `State` changes, so that a checkpoint of an older one is not misread.
    var stateVersion: UInt32 { get }
    /// The raw score at which a sample is anomalous. One number a detector, the same for every series.
    var divisor: Float { get }

    /// The state of a series of which nothing is known.
    func makeState() -> State
    /// Judges a value, then learns from it. Values are finite; times of a series strictly ascend.
    /// - Returns: the raw score, 0 or more and never NaN, but infinity where it is beyond a `Float`; nil while warming
    ///   up.
    func score(_ value: Double, at time: Timestamp, state: inout State) -> Float?
    /// What is expected of the next value, and between which bounds it would not be anomalous.
    func outlook(_ state: State) -> Outlook
    /// The parts of the equation behind the last score, named, for a person who asks why.
    func reasons(_ state: State) -> [Reason]
}

/// A raw score over its detector's divisor: above 1 is anomalous, for every detector and every series.
package enum CalibratedScore {
    /// Higher scores are cut to this. The first change of a series that was constant has a score of many millions,
    /// which says nothing more and would flatten every graph and mean.
    package static var limit: Float { 1_000 }
}

/// What a detector expects of a series' next value, in the unit of its signal.
package struct Outlook: Sendable, Equatable {
    /// The forecast; nil before the first value.
    package var expected: Double?
    /// The value below which the score would pass 1; nil while warming up.
    package var lower: Double?
    /// The value above which the score would pass 1; nil while warming up.
    package var upper: Double?
    /// Samples that are still to be learned from before the first judgement.
    package var warmUpLeft: Int

    package init(expected: Double?, lower: Double?, upper: Double?, warmUpLeft: Int) {
        self.expected = expected
        self.lower = lower
        self.upper = upper
        self.warmUpLeft = warmUpLeft
    }
}

/// One named part of a detector's equation.
package struct Reason: Sendable, Equatable {
    package let name: String
    package let value: Double

    package init(_ name: String, _ value: Double) {
        self.name = name
        self.value = value
    }
}
