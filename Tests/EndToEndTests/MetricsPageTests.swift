import Foundation
import TestSupport
import Testing

/// The page of the running program before the eyes of Prometheus' own tool.
@Suite struct MetricsPageTests {
    @Test(.beside(.promtool), .timeLimit(.minutes(2)))
    func `has nothing for promtool to complain about`() async throws {
        let promtool = try Peer.promtool.path()
        try await Testbed.use { bed in
            let lapwing = try await LapwingProgram.serve(in: bed)
            // Some of each: written, refused, not read, not found.
            #expect(try lapwing.postSample("proper").status == 204)
            let nameless = WireSeries(labels: [WireLabel("job", "tests")], samples: [WireSample(time: 1, bits: 1)])
            #expect(try lapwing.post(Snappy.compress(WriteMessage.version1([nameless]))).status == 400)
            #expect(try lapwing.post([0xff]).status == 400)
            #expect(try lapwing.get("/nothing").status == 404)
            let aMinuteAgo = Int64(Date().timeIntervalSince1970 - 60) * 1_000
            let history = (0..<40).map { (1_000 * Int64($0) + aMinuteAgo, Double($0 % 3)) }
            let scored = WireSeries("scored", [("path", "C:\\ \"a\"\n"), ("utf8", "métrique")], history)
            #expect(try lapwing.post(Snappy.compress(WriteMessage.version1([scored]))).status == 204)
            #expect(try lapwing.metrics().lines("anomaly_score").count == 1)

            let page = try bed.write("metrics.txt", try lapwing.get("/metrics").text)
            let check = try await bed.run("promtool", promtool, ["check", "metrics"], input: page)
            #expect(check.exit == .code(0))
            #expect(check.output == "")
        }
    }
}
