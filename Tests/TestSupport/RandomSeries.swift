extension SeededRandom {
    /// Series such as senders have them, and such as they should not: for tests that compare two ways of reading.
    package mutating func series(count: Int) -> [WireSeries] {
        (0..<count).map { _ in oneSeries() }
    }

    private static let names = [
        "job", "instance", "le", "path", "Zone", "a.b", "région", "with space", "new\nline", "quantile", "__meta",
    ]
    private static let values = [
        "", "a", "api", "127.0.0.1:9100", "+Inf", "0.5", "é", "\u{1F600}", "quote\"", "0\u{0}1",
    ]
    private static let times: [Int64] = [0, 1, -1, 1_795_220_685_652, 1_795_220_686_652, .max, .min]
    private static let bits: [UInt64] = [
        0, 0x8000_0000_0000_0000, 0x7ff0_0000_0000_0002, 0x7ff8_0000_0000_0001, 0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000, 0x3ff0_0000_0000_0000, 1,
    ]

    private mutating func oneSeries() -> WireSeries {
        var labels = [WireLabel("__name__", pick(["up", "http_requests_total", "utf8.métrique", "lat_bucket"]))]
        var names = Self.names
        for _ in 0..<below(7) {
            labels.append(WireLabel(names.remove(at: below(names.count)), pick(Self.values)))
        }
        if chance(0.02) { labels.append(WireLabel(labels[below(labels.count)].name.isEmpty ? "" : "job", "twice")) }
        if chance(0.01) { labels.append(WireLabel("", "no name")) }
        if chance(0.01) { labels.append(WireLabel(bytes: [0xC3], [0x28])) }
        if chance(0.01) { labels.removeFirst() }
        if chance(0.002) { labels.append(WireLabel("long", String(repeating: "x", count: 5000))) }
        if chance(0.7) {
            labels.sort { $0.name.lexicographicallyPrecedes($1.name) }
        } else {
            labels.shuffle(using: &self)
        }

        var series = WireSeries(labels: labels)
        let samples = chance(0.8) ? 1 : below(6)
        for _ in 0..<samples {
            series.samples.append(
                WireSample(
                    time: pick(Self.times), bits: chance(0.5) ? pick(Self.bits) : next(), startTime: chance(0.1) ? 7 : 0
                ))
        }
        if chance(0.1) { series.exemplars = [WireExemplar(labels: Array(labels.prefix(below(2))), time: 5)] }
        if chance(0.1) { series.histograms = (0...below(2)).map { _ in histogram() } }
        if chance(0.3) { series.metadata = WireMetadata(type: UInt64(below(9)), help: pick(["", "Help."]), unit: "s") }
        if chance(0.1) { series.created = 9 }
        return series
    }

    /// Whole, fractional, ended, or one whose buckets do not add up.
    package mutating func histogram() -> WireHistogram {
        let time = pick(Self.times)
        if chance(0.2) { return .stale(time: time) }
        let positive = (0..<below(5)).map { _ in Int64(below(9)) }
        let negative = (0..<below(3)).map { _ in Int64(below(9)) }
        let zero = below(3)
        let inBuckets = Int(positive.reduce(0, +) + negative.reduce(0, +)) + zero
        let count = chance(0.1) ? inBuckets + 1 + below(3) : inBuckets
        let schema = pick([0, 3, 8, -4, -53, 9, -9] as [Int64])
        let sum = chance(0.1) ? Double.nan : Double(below(100))
        if chance(0.5) {
            return WireHistogram(
                .whole(count: UInt64(count), zero: UInt64(zero), positive: positive, negative: negative), sum: sum,
                schema: schema, time: time)
        }
        return WireHistogram(
            .fractions(
                count: Double(count) / 2, zero: Double(zero) / 2, positive: positive.map { Double($0) / 2 },
                negative: negative.map { Double($0) / 2 }), sum: sum, schema: schema, time: time)
    }
}
