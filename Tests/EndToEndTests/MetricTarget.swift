import Foundation
import Synchronization
import TestSupport

/// A target to be scraped, whose series the test controls: two gauges and a counter, steady but for some noise.
final class MetricTarget: Sendable {
    static let gauge = "test_temperature_celsius"
    static let counter = "test_jobs_total"
    static let job = "target"

    private struct State {
        var random = SeededRandom(seed: 7)
        var scrapes = 0
        var counted = 0.0
        var isDisturbed = false
        /// When disturbed values were shown, in seconds since 1970.
        var disturbedScrapes: [Double] = []
        var countedBefore = Double.infinity
    }

    private let listener: Listener
    private let state = Mutex(State())

    init() throws {
        listener = try Listener()
        let thread = Thread { [self] in
            while let connection = listener.accept() { serve(connection) }
        }
        thread.start()
    }

    var address: String { "127.0.0.1:\(listener.port)" }

    /// How often it was scraped.
    var scrapes: Int { state.withLock { $0.scrapes } }

    /// From now on the gauge of zone `a` is far above its usual values, and the counter counts ten times as fast.
    func disturb() {
        state.withLock { state in
            state.isDisturbed = true
            state.countedBefore = state.counted
        }
    }

    /// From now on all is as it was before.
    func calm() { state.withLock { $0.isDisturbed = false } }

    /// When the scrapes were answered that first showed what is disturbed, in seconds since 1970.
    var disturbedScrapes: [Double] { state.withLock { $0.disturbedScrapes } }

    /// Refuses further scrapes.
    func stop() { listener.close() }

    /// Whether such a sample can only have been taken since the disturbance began.
    func isDisturbed(_ series: String, value: Double) -> Bool {
        series == Self.counter ? value > state.withLock { $0.countedBefore } : value > 500
    }

    private func serve(_ connection: Connection) {
        // A scrape's request fits in the first bytes, or the scraper hangs up.
        guard let request = try? connection.receive(), !request.isEmpty else { return }
        let page = nextPage()
        try? connection.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: \(page.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(page)")
    }

    private func nextPage() -> String {
        state.withLock { state in
            state.scrapes += 1
            if state.isDisturbed { state.disturbedScrapes.append(Date().timeIntervalSince1970) }
            let calm = 20 + Double.random(in: -1...1, using: &state.random)
            let other = 40 + Double.random(in: -1...1, using: &state.random)
            let increase = 10 + Double.random(in: -1...1, using: &state.random)
            state.counted += state.isDisturbed ? 10 * increase : increase
            return """
                # TYPE \(Self.gauge) gauge
                \(Self.gauge){zone="a"} \(state.isDisturbed ? 1_000 + calm : calm)
                \(Self.gauge){zone="b"} \(other)
                # TYPE \(Self.counter) counter
                \(Self.counter){zone="a"} \(state.counted)

                """
        }
    }
}
