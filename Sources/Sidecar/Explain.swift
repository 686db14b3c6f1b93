internal import Detectors
internal import Histograms
internal import Scoring
internal import SeriesIndexing
internal import TimeSeries
internal import Web

/// `GET /api/v1/explain?series=SELECTOR`: all that is known of a series, and why its score is as it is.
struct Explain: Sendable {
    /// The most series that one answer explains.
    private static let seriesLimit = 100

    let pipeline: Pipeline

    func answer(_ call: WebCall, now: Timestamp) -> WebAnswer {
        let texts = call.query.values(of: "series")
        guard !texts.isEmpty else {
            return .json(400, JSON.failure("bad_data", "name the series: ?series=http_requests_total{job=\"api\"}"))
        }
        var explained: [Explanation] = []
        var isCut = false
        for text in texts {
            do throws(SelectorError) {
                var selector = CompiledSelector(try SeriesSelector(parsing: text))
                for id in select(&selector, atMost: Self.seriesLimit + 1 - explained.count) {
                    if explained.count == Self.seriesLimit {
                        isCut = true
                    } else {
                        explain(id, now: now).map { explained.append($0) }
                    }
                }
            } catch {
                return .json(400, JSON.failure("bad_data", "series=\(text): \(error)"))
            }
        }
        return .json(200, JSON.success(Answer(series: explained, truncated: isCut)))
    }

    private func select(_ selector: inout CompiledSelector, atMost limit: Int) -> [SeriesID] {
        var ids: [SeriesID] = []
        for shard in 0..<SeriesID.shardCount where ids.count < limit {
            ids += pipeline.index.select(shard: shard, limit: limit - ids.count) { selector.matches($0) }
        }
        return ids
    }

    private func explain(_ id: SeriesID, now: Timestamp) -> Explanation? {
        guard let labels = pipeline.index.labels(of: id), let series = pipeline.board.explain(id) else { return nil }
        let signal = series.signal
        return Explanation(
            labels: Dictionary(labels.pairs.map { ($0.name, $0.value) }) { first, _ in first },
            signal: .init(
                kind: signal.choice.isRate ? "rate" : signal.choice == .partOfHistogram ? "none" : "value",
                reason: signal.choice.reason, unit: signal.choice.isRate ? "per second" : "as exposed"),
            histogram: series.link.flatMap { histogram($0, of: series) },
            lastSample: signal.lastTime.milliseconds == .min
                ? nil
                : .init(
                    timestamp: signal.lastTime.seconds, value: signal.lastValue,
                    ageSeconds: now.seconds(since: signal.lastTime)),
            intervalSeconds: Double(signal.interval), stale: signal.isStale, score: series.score.map(Double.init),
            anomalous: series.score.map { $0 > 1 } ?? false, smoothed: Double(series.smoothed), onset: series.isOnset,
            detector: signal.choice == .partOfHistogram ? nil : series.policy.detector.description,
            expected: series.outlook.expected, lower: series.outlook.lower, upper: series.outlook.upper,
            warmUpSamplesLeft: series.outlook.warmUpLeft, inEpisode: series.hasOpenEpisode,
            reasons: Dictionary(series.reasons.map { ($0.name, $0.value) }) { first, _ in first })
    }

    private func histogram(_ link: UInt32, of series: SeriesExplanation) -> Explanation.Histogram? {
        let isSignal = series.signal.choice == .valueOfHistogram
        guard
            let family = isSignal
                ? FamilyID(rawValue: link) : pipeline.families.family(of: PartID(rawValue: link)),
            let labels = pipeline.families.labels(of: family)
        else { return nil }
        let signals = HistogramSignal.allCases.compactMap { pipeline.families.labels(of: family, signal: $0) }
        return Explanation.Histogram(
            role: isSignal ? "signal" : "part", family: "\(Labels(canonicalBlock: labels))",
            signals: signals.map { "\(Labels(canonicalBlock: $0))" })
    }

    private struct Answer: Encodable {
        let series: [Explanation]
        /// Whether there were more series than one answer explains.
        let truncated: Bool
    }

    /// One series. `expected`, `lower` and `upper` speak of the next sample's signal; `score` and `reasons` of the last one's.
    private struct Explanation: Encodable {
        struct Signal: Encodable {
            let kind: String
            let reason: String
            let unit: String
        }

        struct LastSample: Encodable {
            let timestamp: Double
            let value: Double
            let ageSeconds: Double
        }

        /// Which family of a histogram the series feeds, or is worked out from.
        struct Histogram: Encodable {
            /// `part` or `signal`.
            let role: String
            /// The histogram's name and labels without `le`, like the signals as selectors.
            let family: String
            let signals: [String]
        }

        let labels: [String: String]
        let signal: Signal
        /// Nil for all that has nothing to do with histograms.
        let histogram: Histogram?
        /// Nil where none was ever taken: all were too old, or too far ahead.
        let lastSample: LastSample?
        let intervalSeconds: Double
        let stale: Bool
        let score: Double?
        let anomalous: Bool
        let smoothed: Double
        let onset: Bool
        /// Nil for parts of a histogram that are not scored by themselves.
        let detector: String?
        let expected: Double?
        let lower: Double?
        let upper: Double?
        let warmUpSamplesLeft: Int
        let inEpisode: Bool
        let reasons: [String: Double]
    }
}

extension WebAnswer {
    /// A JSON answer in Prometheus' envelope.
    static func json(_ status: Int, _ body: [UInt8]) -> WebAnswer {
        WebAnswer(status: status, contentType: "application/json", bytes: body)
    }
}
