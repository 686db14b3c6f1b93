import Foundation
import Synchronization
import TestSupport

/// A target with one histogram of request times, classic or native, whose requests the test makes slow.
final class HistogramTarget: Sendable {
    static let metric = "test_request_seconds"

    private struct State {
        var random = SeededRandom(seed: 11)
        var counts: [Double]
        var sum = 0.0
        var scrapes = 0
        var isSlow = false
        var slowScrapes: [Double] = []
    }

    /// Some twenty thousand requests a scrape, so that chance moves the 99th percentile by little.
    private static let requests = 20_000.0
    private static let median = 0.1
    private static let sigma = 0.4
    /// Where the slowest 1.5 % begin.
    private static let slowest = median * exp(2.17 * sigma)
    private static let classicBounds = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2.5, .infinity,
    ]
    /// The native schema 2: four buckets to a doubling.
    private static let nativeIndices = -24...4

    private let isNative: Bool
    private let bounds: [Double]
    private let listener: Listener
    private let state: Mutex<State>

    init(isNative: Bool) throws {
        self.isNative = isNative
        bounds = isNative ? Self.nativeIndices.map { exp2(Double($0) / 4) } : Self.classicBounds
        state = Mutex(State(counts: [Double](repeating: 0, count: bounds.count)))
        listener = try Listener()
        let thread = Thread { [self] in
            while let connection = listener.accept() { serve(connection) }
        }
        thread.start()
    }

    var address: String { "127.0.0.1:\(listener.port)" }

    /// How often it was scraped.
    var scrapes: Int { state.withLock { $0.scrapes } }

    /// From now on the slowest 1.5 % of the requests take twice as long: the 99th percentile doubles, the mean grows by less
    /// than 5 %.
    func slowDown() { state.withLock { $0.isSlow = true } }

    /// When the scrapes were answered that showed slow requests, in seconds since 1970.
    var slowScrapes: [Double] { state.withLock { $0.slowScrapes } }

    func stop() { listener.close() }

    private func serve(_ connection: Connection) {
        guard let request = try? connection.receive(), !request.isEmpty else { return }
        let page = nextPage()
        let type =
            isNative
            ? "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            : "text/plain; version=0.0.4"
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nContent-Length: \(page.count)\r\nConnection: close\r\n\r\n"
        try? connection.send(Array(head.utf8) + page)
    }

    private func nextPage() -> [UInt8] {
        state.withLock { state in
            state.scrapes += 1
            if state.isSlow { state.slowScrapes.append(Date().timeIntervalSince1970) }
            work(&state)
            return isNative ? protobuf(state) : text(state)
        }
    }

    private func work(_ state: inout State) {
        let requests = Self.requests * Double.random(in: 0.97...1.03, using: &state.random)
        var below = 0.0
        for i in bounds.indices {
            let isLonger = state.isSlow && bounds[i] > Self.slowest
            let bound = isLonger ? max(Self.slowest, bounds[i] / 2) : bounds[i]
            let share = bound == .infinity ? 1 : 0.5 * erfc(-log(bound / Self.median) / Self.sigma / 2.0.squareRoot())
            let expected = requests * (share - below)
            below = share
            let chance = 1.7 * expected.squareRoot()
            state.counts[i] += max(0, (expected + Double.random(in: -1...1, using: &state.random) * chance).rounded())
        }
        let above = 0.5 * erfc((2.17 - Self.sigma) / 2.0.squareRoot())
        let mean = Self.median * exp(Self.sigma * Self.sigma / 2) * (state.isSlow ? 1 + above : 1)
        state.sum += requests * mean * Double.random(in: 0.99...1.01, using: &state.random)
    }

    private func text(_ state: State) -> [UInt8] {
        var page = "# TYPE \(Self.metric) histogram\n"
        var below = 0.0
        for (bound, count) in zip(bounds, state.counts) {
            below += count
            page += "\(Self.metric)_bucket{le=\"\(bound == .infinity ? "+Inf" : "\(bound)")\"} \(below)\n"
        }
        page += "\(Self.metric)_sum \(state.sum)\n\(Self.metric)_count \(below)\n"
        return Array(page.utf8)
    }

    /// One delimited `io.prometheus.client.MetricFamily` (prometheus/client_model:io/prometheus/client/metrics.proto).
    private func protobuf(_ state: State) -> [UInt8] {
        let family = ProtobufWriter.message { family in
            family.string(1, Self.metric)
            family.varint(3, 4 as UInt64)
            family.message(4) { metric in
                metric.message(7) { histogram in
                    histogram.varint(1, UInt64(state.counts.reduce(0, +)))
                    histogram.double(2, state.sum)
                    histogram.zigZag(5, 2)
                    histogram.double(6, 1e-9)
                    histogram.varint(7, 0 as UInt64)
                    histogram.message(12) { span in
                        span.zigZag(1, Int64(Self.nativeIndices.lowerBound))
                        span.varint(2, UInt64(state.counts.count))
                    }
                    var before: Int64 = 0
                    histogram.packed(
                        13,
                        state.counts.map { count in
                            defer { before = Int64(count) }
                            return ProtobufWriter.zigZag(Int64(count) - before)
                        })
                }
            }
        }
        var page: [UInt8] = []
        var length = family.count
        while length > 0x7F {
            page.append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        return page + [UInt8(length)] + family
    }
}
