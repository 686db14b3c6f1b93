package import TimeSeries

/// A value of a series' signal on its way to a detector.
package struct SignalSample: Sendable, BitwiseCopyable, Equatable {
    /// The series' row in the bank.
    package var row: UInt32
    /// The usual distance of the series' samples, in seconds; 0 where it is not known yet.
    package var interval: Float
    package var time: Timestamp
    /// In the unit of the signal. Finite.
    package var value: Double

    @inlinable @inline(__always)
    package init(row: UInt32 = 0, interval: Float = 0, time: Timestamp, value: Double) {
        self.row = row
        self.interval = interval
        self.time = time
        self.value = value
    }

    /// How many steps this sample is worth: see ``Pace``.
    @inline(__always)
    package var step: Float { Pace.step(interval: interval) }
}

extension Double {
    /// This value held within ±2^120, so that no difference or multiple of two such values is too large for a `Float`.
    @inline(__always)
    var heldForFloat: Double { max(-0x1p120, min(0x1p120, self)) }
}

/// The measure in which detectors count: a step is a sample, or a minute where samples come closer than that.
///
/// Constants that were found on series of a minute and of five hold for both when they count samples. On a series of 15
/// seconds they would forget four times as fast as a person does, so there each sample is a quarter of a step.
package enum Pace {
    /// The length of a step where samples come closer, in seconds.
    package static var shortestStep: Float { 60 }

    /// The steps of one sample: from 0 (never) to 1. Samples whose distance is not known count as one step each.
    @inline(__always)
    package static func step(interval: Float) -> Float {
        interval > 0 && interval < shortestStep ? interval * (1 / shortestStep) : 1
    }

    /// The seconds that so many steps take at this distance of samples.
    @inline(__always)
    package static func seconds(steps: Float, interval: Float) -> Float {
        steps * (interval > shortestStep ? interval : shortestStep)
    }
}
