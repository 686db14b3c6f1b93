import Foundation
import Scoring
import SeriesIndexing
import TestSupport
import Testing
import TimeSeries

@testable import Sidecar

@Suite(.timeLimit(.minutes(2))) struct ScrapeTests {
    private static let textType = "text/plain; version=0.0.4; charset=utf-8"
    private static let openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    private static let openMetrics = ["Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"]
    private static let all = "?match[]=anomaly_score"

    private static func warmLine(hosts: Int = 3, _ change: (inout Settings) -> Void = { _ in }) -> Line {
        let line = Line(change)
        for host in 0..<hosts { line.warmUp("temperature", [("host", "h\(host)"), ("job", "node")]) }
        return line
    }

    /// `anomaly_score{...} value` taken apart.
    private static func values(_ scraped: Scraped) -> [String: Double] {
        var values: [String: Double] = [:]
        for line in scraped.scores {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return values
    }

    @Test func `exposes a score a series, with its labels and without a time`() async throws {
        let line = Self.warmLine()
        try await ScrapeServer.serving(line) { server in
            let scraped = try await server.scrape()
            #expect(scraped.status == 200)
            #expect(scraped.headers["content-type"] == Self.textType)
            #expect(scraped.headers["content-encoding"] == nil)
            #expect(scraped.headers["vary"] == "Accept, Accept-Encoding")
            let values = Self.values(scraped)
            #expect(values.count == 3)
            for host in 0..<3 {
                let id = line.id("temperature", [("host", "h\(host)"), ("job", "node")])
                let score = id.flatMap { line.pipeline.board.explain($0)?.score }.map(Double.init) ?? -1
                let series =
                    "anomaly_score{source_metric=\"temperature\",detector=\"adaptive\",host=\"h\(host)\",job=\"node\"}"
                #expect(abs((values[series] ?? -9) - score) <= 0.000_05)
            }
            #expect(scraped.lines.count { $0 == "# TYPE anomaly_score gauge" } == 1)
            #expect(scraped.text.hasSuffix("\n"))
            #expect(!scraped.text.contains("# EOF"))
            // Of the process itself, in the same answer.
            #expect(scraped.lines.contains("lapwing_series 3"))
            #expect(scraped.lines.contains { $0.hasPrefix("lapwing_score_bucket{le=\"+Inf\"} ") })
            #expect(scraped.lines.contains { $0.hasPrefix("process_resident_memory_bytes ") })
        }
    }

    @Test func `exposes OpenMetrics to those who ask for it`() async throws {
        try await ScrapeServer.serving(Self.warmLine()) { server in
            let scraped = try await server.scrape(headers: Self.openMetrics)
            #expect(scraped.headers["content-type"] == Self.openMetricsType)
            #expect(scraped.text.hasSuffix("\n# EOF\n"))
            #expect(scraped.lines.count { $0 == "# EOF" } == 1)
            #expect(scraped.scores.count == 3)
            #expect(scraped.lines.contains("# TYPE lapwing_samples counter"))
            let plain = try await server.scrape()
            #expect(plain.scores == scraped.scores)
        }
    }

    @Test func `gives the same bytes at the next scrape, the labels rendered once`() async throws {
        let line = Self.warmLine(hosts: 50)
        try await ScrapeServer.serving(line) { server in
            let first = try await server.scrape(Self.all)
            let held = line.pipeline.index.memory.blocks
            for _ in 0..<3 { #expect(try await server.scrape(Self.all).bytes == first.bytes) }
            #expect(try await server.scrape(Self.all, headers: Self.openMetrics).scores == first.scores)
            #expect(line.pipeline.index.memory.blocks == held)
            #expect(first.scores.count == 50)
        }
    }

    // MARK: Selecting

    @Test func `narrows what is exposed by selectors on the exposed labels`() async throws {
        let line = Self.warmLine()
        line.warmUp("load", [("host", "h1"), ("detector", "smoke")])
        try await ScrapeServer.serving(line) { server in
            let cases: [(String, Int)] = [
                ("?match[]=anomaly_score", 4), ("?match[]=%7Bhost%3D%22h1%22%7D", 2),
                ("?match[]={source_metric=\"load\"}", 1),
                ("?match[]={source_metric=~\"load|temp.*\",host!=\"h1\"}", 2),
                ("?match[]={exported_detector=\"smoke\"}", 1),
                ("?match[]={detector=\"adaptive\"}", 4), ("?match[]={detector=\"smoke\"}", 0),
                ("?match[]=temperature", 0),
                ("?match[]={host=\"h0\"}&match[]={host=~\"h.\",source_metric=\"temperature\"}", 3),
                ("?match[]={host=\"h9\"}", 0), ("?match[]={__name__=~\"anomaly_.*\"}", 4),
            ]
            for (query, count) in cases {
                let scraped = try await server.scrape(query.replacingOccurrences(of: "\"", with: "%22"))
                #expect(scraped.status == 200, "\(query)")
                #expect(scraped.scores.count == count, "\(query)")
                #expect(Set(scraped.scores).count == count, "\(query)")
                // Of the process itself nothing was asked for.
                #expect(!scraped.text.contains("lapwing_") && !scraped.text.contains("process_"), "\(query)")
            }
            #expect(
                try await server.scrape("?match[]={host=%22h9%22}", headers: Self.openMetrics).text.hasSuffix("# EOF\n")
            )
        }
    }

    @Test(arguments: ["", "{", "{}", "up{a=~%22(%22}", "{host=~%22.*%22}"])
    func `says what is wrong with a selector`(selector: String) async throws {
        try await ScrapeServer.serving(Self.warmLine(hosts: 1)) { server in
            let scraped = try await server.scrape("?match[]=up&match[]=\(selector)")
            #expect(scraped.status == 400)
            #expect(scraped.text.hasPrefix("match[]="))
            #expect(scraped.text.contains("selector"))
        }
    }

    @Test func `leaves the scores out when only the process is asked for`() async throws {
        try await ScrapeServer.serving(Self.warmLine()) { server in
            let scraped = try await server.scrape("?self=only")
            #expect(scraped.scores.isEmpty)
            #expect(!scraped.text.contains("anomaly_"))
            #expect(scraped.lines.contains("lapwing_series 3"))
            #expect(try await server.scrape("?self=yes").scores.count == 3)
        }
    }

    @Test func `shows what its mode shows`() async throws {
        for (exposure, count) in [(ScoreExposure.all, 30), (.anomalous, 1), (.top(7), 7), (.top(100), 30)] {
            let line = Self.warmLine(hosts: 30) { $0.exposure = exposure }
            line.send([WireSeries("temperature", [("host", "h7"), ("job", "node")], [(milliseconds(1), 5_000)])])
            try await ScrapeServer.serving(line) { server in
                let scraped = try await server.scrape()
                #expect(scraped.scores.count == count, "\(exposure)")
                #expect(scraped.scores.contains { $0.contains("host=\"h7\"") }, "\(exposure)")
            }
        }
    }

    // MARK: Gone

    @Test func `stops exposing what ended, fell silent or was forgotten`() async throws {
        let line = Self.warmLine { $0.idleSeriesTimeout = .seconds(1_000) }
        try await ScrapeServer.serving(line) { server in
            line.send([WireSeries("temperature", [("host", "h0"), ("job", "node")], [(milliseconds(1), staleMarker)])])
            line.send(
                [WireSeries("temperature", [("host", "h1"), ("job", "node")], [(milliseconds(200), 100)])],
                now: after(200))
            #expect(try await server.scrape(at: after(200)).scores.count == 2)
            #expect(try await server.scrape(at: after(300)).scores.count == 2)
            let later = try await server.scrape(at: after(301))
            #expect(later.scores.count == 1)
            #expect(later.scores.first?.contains("host=\"h1\"") == true)
            line.pipeline.evictIdleSeries(now: after(2_000))
            #expect(try await server.scrape(at: after(301)).scores.isEmpty)
        }
    }

    // MARK: Coding and names

    @Test func `packs with gzip for those who take it`() async throws {
        try await ScrapeServer.serving(Self.warmLine(hosts: 20)) { server in
            let plain = try await server.scrape(Self.all)
            let packed = try await server.scrape(Self.all, headers: ["Accept-Encoding": "gzip, deflate"])
            #expect(packed.headers["content-encoding"] == "gzip")
            #expect(packed.headers["content-type"] == Self.textType)
            #expect(packed.bytes.count < plain.bytes.count / 3)
            let unpacked = try filter("/usr/bin/gzip", ["-dc"], packed.bytes)
            #expect(unpacked.status == 0)
            #expect(unpacked.output == plain.bytes)
            #expect(try await server.scrape(Self.all, headers: ["Accept-Encoding": "gzip;q=0"]).bytes == plain.bytes)
        }
    }

    @Test func `streams an answer of many pieces whole, packed or not`() async throws {
        let line = Line()
        let padding = String(repeating: "p", count: 150)
        for second in 0..<33 {
            line.send(
                (0..<6_000).map {
                    WireSeries("m", [("n", "\($0)"), ("pad", padding)], [(milliseconds(Double(second) - 33), 1)])
                })
        }
        try await ScrapeServer.serving(line) { server in
            let plain = try await server.scrape(Self.all)
            #expect(plain.scores.count == 6_000)
            #expect(Set(plain.scores).count == 6_000)
            #expect(plain.bytes.count > 1 << 20)
            let packed = try await server.scrape(Self.all, headers: ["Accept-Encoding": "gzip"])
            #expect(try filter("/usr/bin/gzip", ["-dc"], packed.bytes).output == plain.bytes)
        }
    }

    @Test func `writes names that older scrapers cannot read in the form that each asks for`() async throws {
        let line = Line()
        line.warmUp("temperature.c", [("a.b", "x\"y\\z\nw"), ("région", "é"), ("source_metric", "mine")])
        try await ScrapeServer.serving(line) { server in
            let plain =
                #"anomaly_score{source_metric="temperature.c",detector="adaptive",U__a_2e_b="x\"y\\z\nw",U__r_e9_gion="é","#
                + #"exported_source_metric="mine"} "#
            let quoted =
                #"anomaly_score{source_metric="temperature.c",detector="adaptive","a.b"="x\"y\\z\nw","région"="é","#
                + #"exported_source_metric="mine"} "#
            let allowing = ["Accept": "text/plain;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5"]
            // In turn: what one got must not be kept for the other.
            for _ in 0..<3 {
                let first = try await server.scrape(Self.all)
                #expect(first.scores.count == 1)
                #expect(first.scores.first?.hasPrefix(plain) == true, "\(first.text)")
                let second = try await server.scrape(Self.all, headers: allowing)
                #expect(second.headers["content-type"]?.hasSuffix("escaping=allow-utf-8") == true)
                #expect(second.scores.first?.hasPrefix(quoted) == true, "\(second.text)")
            }
        }
    }

    private static let promtool = "/usr/bin/promtool"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool), "promtool is not installed"))
    func `writes what Prometheus' own checker accepts`() async throws {
        let line = Self.warmLine()
        line.warmUp("odd", [("a.b", "x\"y\\z\nw"), ("detector", "mine")])
        line.send([WireSeries("a", [("x", "1"), ("x", "2")], [(0, 1)])])
        line.send(body: [1, 2, 3])
        try await ScrapeServer.serving(line) { server in
            // Once before, so that the counters of answered requests are there too.
            _ = try await server.scrape()
            let scraped = try await server.scrape()
            let checked = try filter(Self.promtool, ["check", "metrics"], scraped.bytes)
            #expect(checked.status == 0, "\(String(decoding: checked.output, as: UTF8.self))")
        }
    }
}
