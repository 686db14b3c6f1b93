/// What the k-means detector learns of one series: the last smoothed differences, up to 18 models made of them, and the
/// training that is under way; 2.6 KB.
package struct KMeansState: BitwiseCopyable, Sendable {
    /// Six smoothed differences in a row, in the first six places.
    typealias Feature = SIMD8<Float>

    /// Two centres and the range of the mean distance to them over the vectors of the training.
    struct Model: BitwiseCopyable, Sendable {
        var first = Feature(repeating: 0)
        var second = Feature(repeating: 0)
        var least: Float = .greatestFiniteMagnitude
        var most: Float = 0

        /// The mean of the distances to both centres, as Netdata takes it, not the distance to the nearer.
        @inline(__always)
        func distance(_ f: Feature) -> Float {
            let (a, b) = (f - first, f - second)
            return 0.5 * ((a * a).sum().squareRoot() + (b * b).sum().squareRoot())
        }
    }

    static var ringCount: Int { 256 }
    /// Passes of a training: choosing the centres, moving them, measuring the range.
    static var passes: UInt16 { 12 }

    var models = InlineArray<18, Model>(repeating: Model())
    var training = Model()
    var smoothed = InlineArray<256, Float>(repeating: 0)
    var last = 0.0
    var differences = InlineArray<3, Float>(repeating: 0)
    /// Values seen; wraps from the greatest multiple of 256 so that places in the ring stay.
    var seen: UInt32 = 0
    /// Models that are made, up to as many as there are places, and where the next goes.
    var made: UInt16 = 0
    var next: UInt16 = 0
    /// The pass of the training at hand, 0 while there is none, and the values until the next training.
    var pass: UInt16 = 0
    var untilTraining: UInt16 = 0

    /// Takes a value in; gives the newest feature vector.
    @inline(__always)
    mutating func take(_ value: Double) -> Feature {
        let limit = Soundness.valueLimit
        let held = max(-limit, min(limit, value))
        let difference = seen == 0 ? 0 : Float(held - last)
        last = held
        differences = [difference, differences[0], differences[1]]
        smoothed[Int(seen & 255)] = (differences[0] + differences[1] + differences[2]) * (1 / 3)
        seen = seen == .max ? .max - 255 : seen + 1
        return newest
    }

    /// The feature vector that is the newest.
    var newest: Feature { Self.feature(smoothed.span, end: Int(seen) - 1) }

    /// The feature vector whose last number has the place `end` in the ring.
    @inline(__always)
    private static func feature(_ ring: Span<Float>, end: Int) -> Feature {
        Feature(
            ring[(end - 5) & 255], ring[(end - 4) & 255], ring[(end - 3) & 255], ring[(end - 2) & 255],
            ring[(end - 1) & 255], ring[end & 255], 0, 0)
    }

    /// What counts as no change in values of this size.
    @inline(__always)
    var tiny: Float { 1e-12 + 1e-9 * abs(Float(last)) }

    /// One pass of the training over the last `window` vectors.
    @inline(never)
    mutating func train(window: Int, models count: Int) {
        // A copy of the ring, once: used in place beside what changes, it would be copied for each vector.
        let values = smoothed
        let ring = values.span
        let ends = Int(seen) - window..<Int(seen)
        switch pass {
        case 1: chooseCentres(ring, ends)
        case Self.passes:
            training.least = .greatestFiniteMagnitude
            training.most = 0
            for end in ends {
                let distance = training.distance(Self.feature(ring, end: end))
                training.least = smaller(training.least, distance)
                training.most = larger(training.most, distance)
            }
            models[Int(next)] = training
            next = (next + 1) % UInt16(count)
            made = min(made + 1, UInt16(count))
            pass = 0
            return
        default: moveCentres(ring, ends)
        }
        pass += 1
    }

    /// The vector that is farthest from none, and the one that is farthest from that.
    private mutating func chooseCentres(_ ring: Span<Float>, _ ends: Range<Int>) {
        for centre in 0..<2 {
            let from = centre == 0 ? Feature(repeating: 0) : training.first
            var most: Float = -1
            var farthest = from
            for end in ends.reversed() {
                let f = Self.feature(ring, end: end)
                let d = f - from
                let distance = (d * d).sum()
                if distance > most {
                    most = distance
                    farthest = f
                }
            }
            if centre == 0 { training.first = farthest } else { training.second = farthest }
        }
    }

    /// One iteration of Lloyd.
    private mutating func moveCentres(_ ring: Span<Float>, _ ends: Range<Int>) {
        var (first, second) = (Feature(repeating: 0), Feature(repeating: 0))
        var ofFirst: Float = 0
        let (oldFirst, oldSecond) = (training.first, training.second)
        for end in ends.reversed() {
            let f = Self.feature(ring, end: end)
            let (a, b) = (f - oldFirst, f - oldSecond)
            if (a * a).sum() <= (b * b).sum() {
                first += f
                ofFirst += 1
            } else {
                second += f
            }
        }
        let ofSecond = Float(ends.count) - ofFirst
        if ofFirst > 0 { training.first = first / ofFirst }
        if ofSecond > 0 { training.second = second / ofSecond }
    }
}
