import Histograms
import TimeSeries

/// A target with one native histogram, and the signals that come of its scrapes.
struct NativeSender {
    let families: HistogramFamilies
    let part: PartID
    private var signals: [SignalValue] = []

    init?(families: HistogramFamilies = HistogramFamilies(familyLimit: 1_600)) {
        guard case .part(let part) = families.registerNative(Labels([(name: "__name__", value: "x")]).block.span) else {
            return nil
        }
        self.families = families
        self.part = part
    }

    /// Sends a histogram of buckets (index, count); what is not given fits the rest.
    mutating func scrape(
        at seconds: Double, _ positive: [(Int32, Double)], negative: [(Int32, Double)] = [], zero: Double = 0,
        threshold: Double = 0, sum: Double = 0, count: Double? = nil, kind: NativeSample.Kind = .exponential(schema: 3),
        bounds: [Double] = [], isReset: Bool = false, isGauge: Bool = false
    ) -> [SignalValue] {
        let all = negative + positive
        let indices = all.map(\.0)
        let counts = all.map(\.1)
        let sample = NativeSample(
            time: Timestamp(milliseconds: Int64(seconds * 1000)), count: count ?? counts.reduce(zero, +), sum: sum,
            zeroCount: zero, zeroThreshold: threshold, kind: kind, isReset: isReset, isGauge: isGauge)
        signals.removeAll(keepingCapacity: true)
        families.take(
            sample,
            NativeBuckets(
                negative: 0..<negative.count, positive: negative.count..<all.count, bounds: 0..<bounds.count),
            indices: indices.span, counts: counts.span, bounds: bounds.span, of: part, into: &signals)
        return signals
    }
}
