import Histograms
import TimeSeries

/// A target with one classic histogram, and the signals that come of its scrapes.
struct ClassicSender {
    let families: HistogramFamilies
    private(set) var buckets: [(bound: Double, part: PartID)] = []
    private(set) var sum: PartID?
    private(set) var count: PartID?
    private var batch = PartBatch()
    private var signals: [SignalValue] = []

    init(
        _ bounds: [Double], hasSum: Bool = true, hasCount: Bool = true,
        families: HistogramFamilies = HistogramFamilies(familyLimit: 1_600)
    ) {
        self.families = families
        for bound in bounds { add(bound) }
        sum = hasSum ? Self.part(families, [("__name__", "x_sum")]) : nil
        count = hasCount ? Self.part(families, [("__name__", "x_count")]) : nil
    }

    static func part(_ families: HistogramFamilies, _ labels: [(String, String)]) -> PartID? {
        let labels = Labels(labels.map { (name: $0.0, value: $0.1) })
        return families.register(labels.block.span).part
    }

    mutating func add(_ bound: Double) {
        let text = bound == .infinity ? "+Inf" : "\(bound)"
        guard let part = Self.part(families, [("__name__", "x_bucket"), ("le", text)]) else { return }
        buckets.append((bound, part))
    }

    /// Sends what a scrape brings.
    /// - Parameters:
    ///   - cumulative: in the order of the bounds; nil where a sample is missing.
    ///   - sum: nil where it is missing, though there is a part for it.
    mutating func scrape(
        at seconds: Double, _ cumulative: [Double?], sum: Double? = 0, count: Double? = nil
    ) -> [SignalValue] {
        for (bucket, value) in zip(buckets, cumulative) {
            if let value { put(bucket.part, value, at: seconds) }
        }
        if let part = self.sum, let sum { put(part, sum, at: seconds) }
        if let part = self.count, let value = count ?? cumulative.last ?? nil { put(part, value, at: seconds) }
        return send()
    }

    mutating func put(_ part: PartID, _ value: Double, at seconds: Double) {
        batch.append(part, time: Timestamp(milliseconds: Int64(seconds * 1000)), value: value)
    }

    mutating func send() -> [SignalValue] {
        signals.removeAll(keepingCapacity: true)
        families.take(&batch, into: &signals)
        return signals
    }

    /// Sends the markers by which a vanished target ends its series.
    mutating func end(at seconds: Double) -> [SignalValue] {
        let marker = Double(bitPattern: StaleMarker.bitPattern)
        for part in buckets.map(\.part) + [sum, count].compactMap({ $0 }) { put(part, marker, at: seconds) }
        return send()
    }
}

extension [SignalValue] {
    subscript(_ signal: HistogramSignal) -> Double? { first { $0.signal == signal }?.value }
}
