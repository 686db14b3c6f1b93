internal import RealModule
package import TimeSeries

/// The spectral residual of the last 64 values: what is left of a series when its usual frequencies are taken out.
///
/// The last 59 values, and five more that carry on those before the newest so that it is not at the edge, are
/// taken less their mean. In their spectrum, each amplitude is divided by the geometric mean of itself and the two before
/// it; the inverse is the saliency of each value. The raw score is how far the newest saliency s stands above the mean of
/// the 21 up to it: (s - s̄) / s̄, where 3 is anomalous (Ren et al., Time-series anomaly detection service at Microsoft, KDD
/// 2019; microsoft/anomalydetector:msanomalydetector/spectral_residual.py, whose trailing means are followed).
///
/// Different from there: causal (the score of a value is that at its arrival), and the mean is taken away, so that the
/// level does not count.
/// - Complexity: two transforms of 64.
package struct SpectralResidualDetector: Detector {
    package static let description = DetectorDescription(
        name: "spectral_residual",
        purpose: """
            Sharp spikes on smooth or periodic series; misses changes of level, and was the weakest of all in our study: \
            for comparison.
            """,
        source: "Ren et al., KDD 2019; microsoft/anomalydetector:msanomalydetector/spectral_residual.py",
        warmUp: Self.values,
        parameters: [
            DetectorParameter(
                "threshold", .number(0.5...20, default: 3), "saliency over its local mean, less one, that is anomalous")
        ])

    /// What is learned: the last values, as their distance from `offset`, which is the first; 280 bytes in all.
    package struct State: BitwiseCopyable, Sendable {
        var ring = InlineArray<64, Float>(repeating: 0)
        var offset = 0.0
        var seen: UInt32 = 0
        var saliency: Float = 0
        var usual: Float = 0
    }

    static var values: Int { 59 }
    private static var ahead: Int { 5 }

    package let divisor: Float
    private let transform = Fourier64()

    package init(_ parameters: DetectorParameters) { divisor = Float(parameters["threshold"]) }

    package func makeState() -> State { State() }

    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let limit = Soundness.valueLimit
        let held = max(-limit, min(limit, sample.value))
        // Once in 64 values the offset moves to the newest, for the digits of what changes.
        if state.seen & 63 == 0 {
            let shift = Float(held - state.offset)
            state.offset += Double(shift)
            for i in 0..<64 { state.ring[i] -= shift }
        }
        let at = Int(state.seen & 63)
        state.ring[at] = Float(held - state.offset)
        state.seen = state.seen == .max ? .max - 63 : state.seen + 1
        if state.seen <= UInt32(Self.values) { return .warmingUp }
        return Judgement(score: score(&state, newest: at), deviation: .nan)
    }

    private func score(_ state: inout State, newest: Int) -> Float {
        var reals = InlineArray<64, Float>(repeating: 0)
        var imaginaries = InlineArray<64, Float>(repeating: 0)
        // Spans, since arrays that are handed on are copied.
        var real = reals.mutableSpan
        var imaginary = imaginaries.mutableSpan
        for i in 0..<Self.values { real[i] = state.ring[(newest - Self.values + 1 + i) & 63] }
        carryOn(&real)
        var sum: Float = 0
        for i in 0..<64 { sum += real[i] }
        let mean = sum / 64
        var most: Float = 0
        for i in 0..<64 {
            real[i] -= mean
            most = larger(most, abs(real[i]))
        }
        if most <= 1e-12 + 1e-9 * abs(Float(state.offset) + mean) {
            (state.saliency, state.usual) = (0, 0)
            return 0
        }
        for i in 0..<64 { real[i] /= most }
        transform.forward(&real, &imaginary)
        // The mean is gone but for rounding, whose logarithm would count like any other.
        real[0] = 0
        imaginary[0] = 0
        flatten(&real, &imaginary)
        // The inverse of a spectrum that is symmetric: forward again gives it backwards.
        transform.forward(&real, &imaginary)
        var usual: Float = 0
        for i in 0..<21 { usual += magnitude(real.span, imaginary.span, at: Self.values - 1 - i) }
        usual /= 21
        let saliency = magnitude(real.span, imaginary.span, at: Self.values - 1)
        (state.saliency, state.usual) = (saliency, usual)
        return usual > 1e-6 ? larger(0, (saliency - usual) / usual) : 0
    }

    /// Five more values, all what the six before the newest lead to: the second of them, moved by the slopes from each to
    /// the last of them.
    private func carryOn(_ values: inout MutableSpan<Float>) {
        let last = Self.values - 2
        var slope: Float = 0
        for i in 1...5 { slope += (values[last] - values[last - i]) / Float(i) }
        let next = values[last - 4] + slope
        for i in 0..<Self.ahead { values[last + 2 + i] = next }
    }

    /// Divides each amplitude by the geometric mean of itself and the two before it.
    private func flatten(_ real: inout MutableSpan<Float>, _ imaginary: inout MutableSpan<Float>) {
        var before: Float = 0
        var before2: Float = 0
        for i in 0..<64 {
            let power = real[i] * real[i] + imaginary[i] * imaginary[i]
            let isNone = power <= 1e-10
            let logarithm = isNone ? 0 : 0.5 * power.quickLog2
            let mean = (logarithm + before + before2) / Float(min(i + 1, 3))
            let factor = isNone ? 0 : (-mean).quickExp2
            real[i] *= factor
            imaginary[i] *= factor
            before2 = before
            before = logarithm
        }
    }

    /// Of the inverse transform, which stands backwards.
    private func magnitude(_ real: Span<Float>, _ imaginary: Span<Float>, at i: Int) -> Float {
        let place = (64 - i) & 63
        return (real[place] * real[place] + imaginary[place] * imaginary[place]).squareRoot() / 64
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        .none(warmUpLeft: max(0, Self.values - Int(state.seen)))
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.seen <= UInt32(Self.values) { return [] }
        return [
            Reason("saliency", Double(state.saliency)), Reason("mean saliency of the last 21", Double(state.usual)),
        ]
    }
}
