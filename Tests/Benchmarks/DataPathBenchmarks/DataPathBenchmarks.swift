import Benchmark
import Detectors
import Exposition
import RemoteWrite
import Scoring
import SeriesIndexing
import TimeSeries

/// Each stage of the line by itself, on requests of 2,000 series with ten labels and one sample each.
///
/// One iteration is one request: divide the time by 2,000 for a sample's. `BENCHMARKS=1 swift package benchmark`.
let benchmarks: @Sendable () -> Void = {
    let configuration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput], warmupIterations: 20, maxDuration: .seconds(3), maxIterations: 10_000)
    let bodies = Bodies(series: 2_000)

    Benchmark("decompress, snappy", configuration: configuration) { benchmark in
        var request = WriteRequest()
        for _ in benchmark.scaledIterations { try request.decompress(bodies.version1.span, limitBytes: 32 << 20) }
    }

    Benchmark("recognise 1.0 (walk to label blocks and samples)", configuration: configuration) { benchmark in
        var request = WriteRequest()
        try request.decompress(bodies.version1.span, limitBytes: 32 << 20)
        benchmark.startMeasurement()
        try request.decodeMessage(as: .version1)
    }

    Benchmark("recognise 2.0 (symbols to label blocks)", configuration: configuration) { benchmark in
        var request = WriteRequest()
        try request.decompress(bodies.version2.span, limitBytes: 32 << 20)
        benchmark.startMeasurement()
        try request.decodeMessage(as: .version2)
    }

    Benchmark("the same 1.0 by libprotobuf-c in an arena", configuration: configuration) { benchmark in
        var request = WriteRequest()
        try request.decompress(bodies.version1.span, limitBytes: 32 << 20)
        benchmark.startMeasurement()
        try request.decodeMessage(as: .version1, path: .protobufC)
    }

    Benchmark("label decoder (libprotobuf-c, check, sort)", configuration: configuration) { benchmark in
        var request = WriteRequest()
        try request.decode(bodies.version1.span, as: .version1, limitBytes: 32 << 20)
        var decoder = LabelDecoder(limits: .init())
        benchmark.startMeasurement()
        try request.withBytes { bytes in
            for slice in request.series { try decoder.withCanonical(bytes.extracting(slice.labels)) { _, _ in } }
        }
    }

    Benchmark("index: find known series", configuration: configuration) { benchmark in
        let line = try Line(bodies)
        benchmark.startMeasurement()
        line.find()
    }

    Benchmark("index: register new series", configuration: configuration) { benchmark in
        let line = try Line(bodies, isRegistered: false)
        benchmark.startMeasurement()
        line.register()
    }

    Benchmark("signal, detector, calibration, board", configuration: configuration) { benchmark in
        let line = try Line(bodies)
        line.warmUp()
        line.nextRequest()
        benchmark.startMeasurement()
        line.score()
    }

    Benchmark("detector alone", configuration: configuration) { benchmark in
        guard var bank = try? DetectorCatalog.makeBank(DetectorSpecification("adaptive")) else { return }
        let columns = Columns(count: 2_000)
        bank.makeRoom(rows: 2_000)
        var judgements = [Judgement](repeating: .warmingUp, count: 2_000)
        for step in 0..<100 { columns.judge(with: &bank, step: step, into: &judgements) }
        benchmark.startMeasurement()
        columns.judge(with: &bank, step: 100, into: &judgements)
        blackHole(judgements)
    }

    Benchmark("exposition: render a line's text (once a series)", configuration: configuration) { benchmark in
        var request = WriteRequest()
        try request.decode(bodies.version1.span, as: .version1, limitBytes: 32 << 20)
        let line = ScoreLine(ExposedLabels(detector: "adaptive"))
        var text: [UInt8] = []
        text.reserveCapacity(1 << 20)
        benchmark.startMeasurement()
        request.withBytes { bytes in
            for slice in request.series {
                line.render(bytes.extracting(slice.labels), nameEscaping: .values, to: &text)
            }
        }
        blackHole(text)
    }

    Benchmark("exposition: lines of 2,000 kept texts", configuration: configuration) { benchmark in
        let line = try Line(bodies)
        line.expose()
        benchmark.startMeasurement()
        blackHole(line.expose())
    }
}
