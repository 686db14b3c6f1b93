package import TimeSeries

/// A way to tell an unusual value: one small file, one fixed-size state a series, one equation.
///
/// A detector is a value that holds the parameters; what it has learned of a series is its `State`, kept by a
/// ``StateBank``. It judges a value by what it learned from those before, then learns from it: nothing looks ahead.
///
/// A detector must be a type without generic parameters of its own: then the compiler makes the loop over a batch for it
/// (see ``judge(_:states:into:)``) without being told.
package protocol Detector: Sendable {
    /// What is learned of one series: plain bytes, so that it can be copied into a checkpoint as it is.
    associatedtype State: BitwiseCopyable & Sendable

    /// Name, purpose, parameters and source, for people and for the catalog.
    static var description: DetectorDescription { get }
    /// Takes parameters that are known to be in their ranges.
    /// - Throws: where two of them do not go together.
    init(_ parameters: DetectorParameters) throws(DetectorError)

    /// The raw score at which a value is anomalous. One number a detector, the same for every series.
    var divisor: Float { get }
    /// The state of a series of which nothing is known.
    func makeState() -> State
    /// Judges a value, then learns from it. Values are finite; times of a series strictly ascend.
    func judge(_ sample: SignalSample, state: inout State) -> Judgement
    /// What is expected of a value at a time to come, and between which bounds it would not be anomalous.
    func outlook(_ state: State, at time: Timestamp) -> Outlook
    /// The parts of the equation behind the last score, named, for a person who asks why.
    func reasons(_ state: State) -> [Reason]

    // The two below have a body that suits all. They are requirements so that the compiler makes one of each for every
    // detector: reached through `any DetectorBank`, a generic loop takes 1,100 ns a value in place of 35 (measured).

    /// Judges a batch and writes calibrated judgements.
    func judge(
        _ samples: Span<SignalSample>, states: inout MutableSpan<State>, into judgements: inout MutableSpan<Judgement>)
    /// Appends states of series of which nothing is known.
    func grow(_ states: inout [State], to count: Int)
}

extension Detector {
    package func judge(
        _ samples: Span<SignalSample>, states: inout MutableSpan<State>, into judgements: inout MutableSpan<Judgement>
    ) {
        let perDivisor = 1 / divisor
        for i in samples.indices {
            let sample = samples[i]
            var judgement = judge(sample, state: &states[Int(sample.row)])
            judgement.score = Self.calibrated(judgement.score, perDivisor)
            judgements[i] = judgement
        }
    }

    /// NaN stays NaN.
    @inline(__always)
    private static func calibrated(_ raw: Float, _ perDivisor: Float) -> Float {
        let score = raw * perDivisor
        return score > CalibratedScore.limit ? CalibratedScore.limit : score
    }

    package func grow(_ states: inout [State], to count: Int) {
        guard count > states.count else { return }
        states.append(contentsOf: repeatElement(makeState(), count: count - states.count))
    }

    /// The outlook of a detector whose raw score is `deviation / scale`.
    @inline(__always)
    func band(around expected: Double, scale: Double, warmUpLeft: Int) -> Outlook {
        if warmUpLeft > 0 { return Outlook(expected: expected, lower: nil, upper: nil, warmUpLeft: warmUpLeft) }
        let width = Double(divisor) * scale
        return Outlook(expected: expected, lower: expected - width, upper: expected + width, warmUpLeft: 0)
    }
}

/// What a detector expects of a series' next value, in the unit of its signal.
package struct Outlook: Sendable, Equatable {
    /// The forecast; nil before the first value, and where the detector expects no value in particular.
    package var expected: Double?
    /// The value below which the score would pass 1; nil while warming up, and where there is no such bound.
    package var lower: Double?
    /// The value above which the score would pass 1; nil likewise.
    package var upper: Double?
    /// Values that are still to be learned from before the first judgement.
    package var warmUpLeft: Int

    package init(expected: Double?, lower: Double?, upper: Double?, warmUpLeft: Int) {
        self.expected = expected
        self.lower = lower
        self.upper = upper
        self.warmUpLeft = warmUpLeft
    }

    /// The outlook of a detector that expects no value in particular.
    package static func none(warmUpLeft: Int) -> Outlook {
        Outlook(expected: nil, lower: nil, upper: nil, warmUpLeft: warmUpLeft)
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
