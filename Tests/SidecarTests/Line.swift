import Exposition
import RemoteWrite
import Scoring
import SeriesIndexing
import TestSupport
import TimeSeries

@testable import Sidecar

let staleMarker = Double(bitPattern: StaleMarker.bitPattern)

/// The tests' present.
let present = Timestamp(milliseconds: 1_795_220_000_000)

/// A pipeline with its metrics, and the ways in which tests send to it.
struct Line: Sendable {
    let settings: Settings
    let metrics = SelfMetrics()
    let pipeline: Pipeline

    init(_ change: (inout Settings) -> Void = { _ in }) {
        var settings = Settings()
        change(&settings)
        self.settings = settings
        pipeline = .make(settings, metrics: metrics)
        metrics.describe(pipeline, settings: settings)
    }

    @discardableResult
    func send(body: [UInt8], as message: WriteProtocol = .version1, now: Timestamp = present) -> WriteResult {
        pipeline.receive(body.span, as: message, now: now)
    }

    @discardableResult
    func send(
        _ series: [WireSeries], metadata: [(String, UInt64)] = [], as message: WriteProtocol = .version1,
        encoding: WriteEncoding = .snappy, now: Timestamp = present
    ) -> WriteResult {
        let bytes =
            switch message {
            case .version1: WriteMessage.version1(series, metadata: metadata)
            case .version2: WriteMessage.version2(series)
            }
        return send(body: encoding == .snappy ? Snappy.compress(bytes) : Zstd.compress(bytes), as: message, now: now)
    }

    /// Brings a gauge past its warm-up; the last of sixty samples, a second apart, is of the present.
    func warmUp(_ name: String = "temperature", _ labels: [(String, String)] = []) {
        var random = SeededRandom(seed: 1)
        send([
            WireSeries(
                name, labels, (0..<60).map { (milliseconds(Double($0) - 59), 100 + Double(random.below(1_000)) / 500) })
        ])
    }

    /// How many samples had each outcome, without those that none had.
    var outcomes: [SampleOutcome: Int] {
        var outcomes: [SampleOutcome: Int] = [:]
        for outcome in SampleOutcome.allCases where metrics.sampleCount(outcome) > 0 {
            outcomes[outcome] = metrics.sampleCount(outcome)
        }
        return outcomes
    }

    /// The value of a self-metric as it is exposed; nil where there is no such line.
    func metric(_ series: String) -> Double? {
        var text: [UInt8] = []
        metrics.registry.write(.text, to: &text)
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    func id(_ name: String, _ labels: [(String, String)] = []) -> SeriesID? {
        let block = Labels([("__name__", name)] + labels.map { ($0.0, $0.1) }).block
        return pipeline.index.find(block.span)
    }
}

/// The milliseconds of a moment so many seconds from the present.
func milliseconds(_ seconds: Double) -> Int64 { present.milliseconds + Int64((seconds * 1000).rounded()) }

func after(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: milliseconds(seconds)) }
