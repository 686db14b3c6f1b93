import Exposition
import NIOCore
import Scoring
import SeriesIndexing
import TestSupport
import TimeSeries
import Web

@testable import Sidecar

/// A remote-write receiver without a network: what a sender would be answered, and what was counted.
struct ConformanceReceiver {
    /// Our own clock; samples lie a little before.
    static let now = Timestamp(milliseconds: 1_795_220_700_000)
    static let version2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"

    let pipeline: Pipeline

    init(_ settings: Settings = Settings()) {
        pipeline = .make(settings)
    }

    /// The answer as it goes over the wire.
    struct Answer: Equatable {
        var status: Int
        /// Samples, histograms and exemplars; nil where not all three headers are there.
        var written: [Int]?
        var hasWrittenHeaders: Bool
        var body: String
        var contentType: String?
    }

    func send(body: [UInt8], type: String? = "application/x-protobuf", encoding: String? = "snappy") -> Answer {
        var headers: [(String, String)] = []
        if let type { headers.append(("Content-Type", type)) }
        if let encoding { headers.append(("Content-Encoding", encoding)) }
        return send(body: body, headers: headers)
    }

    func send(body: [UInt8], headers: [(String, String)]) -> Answer {
        let call = WebCall(method: "POST", target: "/api/v1/write", headers: headers, body: ByteBuffer(bytes: body))
        let answer = WriteRoute(pipeline: pipeline).answer(call, now: Self.now)
        func header(_ name: String) -> String? {
            answer.headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
        let written = ["Samples", "Histograms", "Exemplars"].map { header("X-Prometheus-Remote-Write-\($0)-Written") }
        var text = ""
        if case .bytes(let buffer) = answer.body { text = String(buffer: buffer) }
        return Answer(
            status: answer.status, written: written.contains(nil) ? nil : written.compactMap { $0.flatMap { Int($0) } },
            hasWrittenHeaders: written != [nil, nil, nil], body: text, contentType: header("Content-Type"))
    }

    /// Sends series as 1.0.
    func send1(_ series: [WireSeries], metadata: [(String, UInt64)] = []) -> Answer {
        send(body: Snappy.compress(WriteMessage.version1(series, metadata: metadata)))
    }

    /// Sends series as 2.0.
    func send2(_ series: [WireSeries]) -> Answer {
        send(body: Snappy.compress(WriteMessage.version2(series)), type: Self.version2)
    }

    /// Sends series as vmagent does.
    func sendZstd(_ series: [WireSeries]) -> Answer {
        send(body: Zstd.compress(WriteMessage.version1(series)), encoding: "zstd")
    }

    func count(_ outcome: SampleOutcome) -> Int { pipeline.metrics.sampleCount(outcome) }

    /// Samples of whatever outcome.
    var countOfAll: Int { SampleOutcome.allCases.reduce(0) { $0 + count($1) } }

    /// Samples that reached a detector, or the first of a rate.
    var countOfTaken: Int { count(.scored) + count(.warmingUp) + count(.baseline) }

    /// The value of one of our own metrics; 0 where it was not yet met.
    func metric(_ line: String) -> Int {
        var text: [UInt8] = []
        pipeline.metrics.registry.write(.text, to: &text)
        for row in String(decoding: text, as: UTF8.self).split(separator: "\n") where row.hasPrefix(line + " ") {
            return Int(Double(row.dropFirst(line.count + 1)) ?? -1)
        }
        return 0
    }

    func explain(_ labels: [(String, String)]) -> SeriesExplanation? {
        let block = Labels(labels.map { (name: $0.0, value: $0.1) }).block
        return pipeline.index.find(block.span).flatMap { pipeline.board.explain($0) }
    }
}

extension WireSeries {
    /// A gauge's sample, so many seconds before the receiver's clock.
    static func up(
        _ labels: [(String, String)] = [("job", "api")], secondsAgo: Int64 = 0, value: Double = 1
    ) -> WireSeries {
        WireSeries("up", labels, [(ConformanceReceiver.now.milliseconds - secondsAgo * 1000, value)])
    }
}

extension Pipeline {
    /// A pipeline of settings that are known to be good.
    static func make(_ settings: Settings, metrics: SelfMetrics = SelfMetrics()) -> Pipeline {
        do {
            return try Pipeline(settings: settings, metrics: metrics)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
