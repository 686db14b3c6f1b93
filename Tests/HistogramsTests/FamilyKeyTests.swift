import Testing
import TimeSeries

@testable import Histograms

/// Which series belong together.
@Suite struct FamilyKeyTests {
    private func key(_ name: String, _ rest: [(String, String)]) -> FamilyKey? {
        FamilyKey(Labels([(name: "__name__", value: name)] + rest.map { (name: $0.0, value: $0.1) }).block.span)
    }

    @Test(
        arguments: [
            ("1", 1), ("1.0", 1), ("1e0", 1), ("0.005", 0.005), ("+Inf", .infinity), ("Inf", .infinity),
            ("+inf", .infinity), ("-2.5", -2.5), ("0", 0),
        ] as [(String, Double)])
    func `reads a bound however it is written`(text: String, bound: Double) {
        #expect(key("x_bucket", [("le", text)])?.role == .bucket(upperBound: bound))
    }

    @Test(arguments: ["", "NaN", "-Inf", "one", "1s"])
    func `leaves a bucket alone whose bound is no number`(text: String) {
        #expect(key("x_bucket", [("le", text)]) == nil)
    }

    @Test func `puts buckets, sum and count of one label set together`() {
        let labels = [("job", "api"), ("Zone", "a")]
        let blocks = [
            key("x_bucket", labels + [("le", "1")]), key("x_bucket", labels + [("le", "+Inf")]),
            key("x_sum", labels), key("x_count", labels),
        ]
        #expect(blocks.map(\.?.role) == [.bucket(upperBound: 1), .bucket(upperBound: .infinity), .sum, .count])
        let family = Labels([("__name__", "x"), ("job", "api"), ("Zone", "a")].map { (name: $0.0, value: $0.1) })
        #expect(blocks.allSatisfy { $0?.block == family.block })
        #expect(key("x_count", [("job", "web")])?.block != family.block)
    }

    @Test func `knows what is no part`() {
        #expect(key("x", [("le", "1")]) == nil)
        #expect(key("x_bucket", []) == nil)
        #expect(key("x_sum", [("le", "1")]) == nil)
        #expect(key("_bucket", [("le", "1")]) == nil)
        #expect(key("bucket", [("le", "1")]) == nil)
        #expect(key("x_total", []) == nil)
    }

    @Test func `names the signals`() {
        let family = Labels(
            [("__name__", "x"), ("job", "api"), ("le", "kept"), ("Zone", "a")].map { (name: $0.0, value: $0.1) })
        #expect(
            HistogramSignal.allCases.map {
                Labels(canonicalBlock: FamilyKey.labels(of: family.block, signal: $0))["__name__"]
            }
                == ["x:rate", "x:mean", "x:p50", "x:p90", "x:p99", "x:shape"])
        let labels = Labels(canonicalBlock: FamilyKey.labels(of: family.block, signal: .p99))
        #expect(
            labels
                == Labels(
                    [("__name__", "x:p99"), ("job", "api"), ("le", "kept"), ("Zone", "a")].map {
                        (name: $0.0, value: $0.1)
                    }))
    }
}
