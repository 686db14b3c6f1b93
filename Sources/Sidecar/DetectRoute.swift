internal import Detectors
internal import Foundation
internal import NIOCore
internal import Scoring
internal import Synchronization
internal import TimeSeries
internal import Web

/// `POST /api/v1/detect`: scores series that are posted, with the same stages as those that are received.
///
/// The work is done by a task of its own and one request at a time, so that it can slow the write path by one thread at most.
final class DetectRoute: Sendable {
    /// The most samples of all series of one request.
    static let sampleLimit = 1_000_000
    /// Samples are scored in pieces of so many; between them the thread is given back.
    private static let samplesAtOnce = 10_000

    private let base: DetectionPolicy
    private let isBusy = Atomic(false)

    /// - Parameter base: what holds where a request does not say otherwise.
    init(base: DetectionPolicy) {
        self.base = base
    }

    func answer(_ call: WebCall) -> WebAnswer {
        WebAnswer(
            status: 200, headers: [("Content-Type", "application/json")],
            body: .stream { [self] stream in
                guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
                    stream.setHead(status: 503, headers: [("Retry-After", "1")])
                    return try await stream.write(
                        JSON.failure("unavailable", "another detection is at work; come again"))
                }
                defer { isBusy.store(false, ordering: .releasing) }
                let (status, body) = await work(on: call.body)
                stream.setHead(status: status)
                try await stream.write(body)
            })
    }

    private func work(on body: ByteBuffer) async -> (status: Int, body: [UInt8]) {
        do throws(BadRequest) {
            return (200, JSON.success(try await score(Request(body, base: base))))
        } catch {
            return (400, JSON.failure("bad_data", error.reason))
        }
    }

    private func score(_ request: Request) async throws(BadRequest) -> Answer {
        var answer = Answer(detector: request.policy.detector.description, series: [])
        for posted in request.series {
            do throws(DetectorError) {
                var scorer = try SeriesScorer(request.policy, signal: request.signal)
                var series = ScoredSeries()
                for i in posted.values.indices {
                    series.append(scorer.score(posted.values[i] ?? .nan, at: posted.times[i]))
                    if i % Self.samplesAtOnce == Self.samplesAtOnce - 1 { await Task.yield() }
                }
                answer.series.append(Answer.Series(posted, series))
            } catch {
                throw BadRequest(reason: "\(error)")
            }
        }
        return answer
    }

    /// Why a request cannot be answered.
    private struct BadRequest: Error {
        let reason: String
    }

    /// What is posted: one series or several, times in seconds since 1970.
    private struct Body: Decodable {
        struct Series: Decodable {
            var labels: [String: String]?
            var timestamps: [Double]
            /// Null where a sample has no value.
            var values: [Double?]
        }

        var detection: String?
        var detector: String?
        /// `value` (the default), `rate` for a counter, or `auto`.
        var signal: String?
        var series: [Series]?
        var timestamps: [Double]?
        var values: [Double?]?
    }

    private struct Posted {
        let labels: [String: String]
        let timestamps: [Double]
        let times: [Timestamp]
        let values: [Double?]
    }

    private struct Request {
        let policy: DetectionPolicy
        let signal: SignalChoice
        let series: [Posted]

        init(_ bytes: ByteBuffer, base: DetectionPolicy) throws(BadRequest) {
            let body: Body
            do {
                body = try JSONDecoder().decode(Body.self, from: Data(bytes.readableBytesView))
            } catch {
                throw BadRequest(
                    reason: "the body must be JSON such as {\"timestamps\":[0,60],\"values\":[1,2]}: \(error)")
            }
            policy = try Self.policy(body, base)
            guard let signal = Self.signals[body.signal ?? "value"] else {
                throw BadRequest(reason: "signal must be value, rate or auto")
            }
            self.signal = signal
            series = try Self.series(body)
            let samples = series.reduce(0) { $0 + $1.values.count }
            guard samples <= DetectRoute.sampleLimit else {
                throw BadRequest(
                    reason: "\(samples) samples are more than \(DetectRoute.sampleLimit); send fewer at once")
            }
        }

        private static let signals: [String: SignalChoice] = [
            "value": .valueByMetadata, "rate": .rateByMetadata, "auto": .valueByDefault,
        ]

        private static func policy(_ body: Body, _ base: DetectionPolicy) throws(BadRequest) -> DetectionPolicy {
            do throws(PolicyError) {
                let detector = body.detector.map { "detector=\($0), " } ?? ""
                // In one text: a time zone is the detector's, which must be there before it.
                return try DetectionPolicy(parsing: detector + (body.detection ?? ""), base: base)
            } catch {
                throw BadRequest(reason: "\(error)")
            }
        }

        private static func series(_ body: Body) throws(BadRequest) -> [Posted] {
            var series = body.series ?? []
            if let timestamps = body.timestamps, let values = body.values {
                series.append(Body.Series(timestamps: timestamps, values: values))
            }
            guard !series.isEmpty else { throw BadRequest(reason: "there is no series: give timestamps and values") }
            var posted: [Posted] = []
            for (number, one) in series.enumerated() {
                guard one.timestamps.count == one.values.count else {
                    throw BadRequest(
                        reason: "series \(number): \(one.timestamps.count) timestamps for \(one.values.count) values")
                }
                guard let outside = one.timestamps.first(where: { !(abs($0) < 1e14) }) else {
                    let times = one.timestamps.map { Timestamp(milliseconds: Int64(($0 * 1000).rounded())) }
                    posted.append(
                        Posted(labels: one.labels ?? [:], timestamps: one.timestamps, times: times, values: one.values))
                    continue
                }
                throw BadRequest(reason: "series \(number): \(outside) is no time in seconds since 1970")
            }
            return posted
        }
    }

    private struct Answer: Encodable {
        struct Series: Encodable {
            let labels: [String: String]
            let timestamps: [Double]
            let values: [Double?]
            /// 0 while warming up; null for a sample that was not judged, like all that is not known below.
            let score: [Double?]
            let smoothed: [Double]
            let onset: [Bool]
            let expected: [Double?]
            let lower: [Double?]
            let upper: [Double?]

            init(_ posted: Posted, _ scored: ScoredSeries) {
                func known(_ values: [Double]) -> [Double?] { values.map { $0.isFinite ? $0 : nil } }
                labels = posted.labels
                timestamps = posted.timestamps
                values = posted.values
                score = known(scored.scores)
                smoothed = scored.smoothed
                onset = scored.onsets
                expected = known(scored.expected)
                lower = known(scored.lower)
                upper = known(scored.upper)
            }
        }

        let detector: String
        var series: [Series]
    }
}
