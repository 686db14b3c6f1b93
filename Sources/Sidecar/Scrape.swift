internal import Exposition
internal import NIOCore
internal import Scoring
internal import SeriesIndexing
internal import TimeSeries
internal import Web

/// `GET /metrics`: what this process knows of itself, and a score for every series that is to be shown.
struct Scrape: Sendable {
    /// Scores are taken off the index in pieces of so many rows, so that its locks are held only briefly.
    private static let rowsAtOnce = 512
    private static let chunkBytes = 256 << 10

    let pipeline: Pipeline
    let settings: Settings

    func answer(_ call: WebCall, now: Timestamp) -> WebAnswer {
        let format = ExpositionFormat(accept: call.joinedHeader("accept"))
        let coding = ContentCoding(acceptEncoding: call.joinedHeader("accept-encoding"))
        var selectors: [SeriesSelector] = []
        for text in call.query.values(of: "match[]") {
            do throws(SelectorError) {
                selectors.append(try SeriesSelector(parsing: text))
            } catch {
                return .text(400, "match[]=\(text): \(error)\n")
            }
        }
        let onlySelf = call.query.value(of: "self") == "only"
        var headers = [("Content-Type", format.contentType), ("Vary", "Accept, Accept-Encoding")]
        if coding == .gzip { headers.append(("Content-Encoding", "gzip")) }
        return WebAnswer(
            status: 200, headers: headers,
            body: .stream { [selectors] stream in
                var page = Page(coding: coding)
                if selectors.isEmpty {
                    pipeline.metrics.registry.write(format.syntax, to: &page.text)
                    ScoreSpread.write(pipeline.board.distribution, format.syntax, to: &page.text)
                }
                if !onlySelf { try await writeScores(format, selectors, now: now, page: &page, to: &stream) }
                format.appendEnd(to: &page.text)
                try await page.finish(to: &stream)
            })
    }

    private func writeScores(
        _ format: ExpositionFormat, _ selectors: [SeriesSelector], now: Timestamp, page: inout Page,
        to stream: inout AnswerStream
    ) async throws {
        let exposed = pipeline.board.detectorNames.map { ExposedLabels(detector: $0) }
        let lines = exposed.map { ScoreLine($0) }
        let others = settings.outputs.filter { $0 != .score }
        let oldest = now.advanced(byMilliseconds: -settings.scoreTimeToLive.milliseconds)
        var compiled = exposed.map { exposed in selectors.map { CompiledSelector($0, exposedAs: exposed) } }
        let shards = pipeline.board.exposed(settings.exposure, others: others, since: oldest, now: now)
            .enumerated().map { shard, scores in
                selectors.isEmpty ? scores : matching(scores, shard: shard, &compiled)
            }
        for output in settings.outputs {
            MetricFamily.Header(name: output.metric, type: .gauge, help: output.help)
                .write(format.syntax, to: &page.text)
            let column = others.firstIndex(of: output)
            for (shard, scores) in shards.enumerated() {
                var first = 0
                while first < scores.rows.count {
                    let part = first..<min(first + Self.rowsAtOnce, scores.rows.count)
                    append(lines, format, output, column, shard: shard, scores, part, to: &page.text)
                    first = part.upperBound
                    if page.text.count >= Self.chunkBytes { try await page.flush(to: &stream) }
                }
            }
        }
    }

    private func matching(
        _ scores: ScoreBoard.Exposed, shard: Int, _ selectors: inout [[CompiledSelector]]
    ) -> ScoreBoard.Exposed {
        var places: [Int] = []
        pipeline.index.withLabels(shard: shard, rows: scores.rows.span) { place, labels in
            let lane = Int(scores.lanes[place])
            for i in selectors[lane].indices where selectors[lane][i].matches(labels) {
                places.append(place)
                return
            }
        }
        return scores.keeping(places)
    }

    /// Appends one line a row. The text of a row is rendered once and kept, unless it depends on what the scraper can read.
    private func append(
        _ lines: [ScoreLine], _ format: ExpositionFormat, _ output: ScoreOutput, _ column: Int?, shard: Int,
        _ scores: ScoreBoard.Exposed, _ part: Range<Int>, to text: inout [UInt8]
    ) {
        pipeline.index.withTexts(shard: shard, rows: scores.rows.span.extracting(part)) { place, labels in
            var rendered: [UInt8] = []
            let line = lines[Int(scores.lanes[part.lowerBound + place])]
            let dependsOnEscaping = line.render(labels, nameEscaping: format.nameEscaping, to: &rendered)
            return RenderedText(rendered, isKept: !dependsOnEscaping)
        } _: { place, rendered in
            guard let column else {
                return ScoreLine.append(rendered, score: scores.scores[part.lowerBound + place], to: &text)
            }
            let value = scores.others[column][part.lowerBound + place]
            if value.isNaN { return }
            ScoreLine.append(rendered, named: output.metric, value: value, format.syntax, to: &text)
        }
    }
}

/// The text of an answer on its way out, packed where the scraper asked for it.
private struct Page: ~Copyable {
    var text: [UInt8] = []
    private var gzip: Gzip?

    init(coding: ContentCoding) {
        gzip = coding == .gzip ? Gzip() : nil
    }

    mutating func flush(to stream: inout AnswerStream) async throws {
        try await stream.write(packed())
        text.removeAll(keepingCapacity: true)
    }

    consuming func finish(to stream: inout AnswerStream) async throws {
        var last = packed()
        if let gzip = gzip.take() { gzip.finish(into: &last) }
        try await stream.write(last)
    }

    private mutating func packed() -> [UInt8] {
        guard gzip != nil else { return text }
        var packed: [UInt8] = []
        gzip?.compress(text, into: &packed)
        return packed
    }
}
