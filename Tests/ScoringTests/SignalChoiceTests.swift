import Testing
import TimeSeries

@testable import Scoring

@Suite struct SignalChoiceTests {
    private static let names = [
        "foo", "foo_total", "foo_bucket", "foo_count", "foo_sum", "foo_created", "total", "_total",
    ]

    @Test(arguments: MetricType.allCases) func `chooses by type, and by name where there is none`(type: MetricType) {
        let value = SignalChoice.valueByMetadata
        let rate = SignalChoice.rateByMetadata
        let named = SignalChoice.rateByName
        let plain = SignalChoice.valueByDefault
        let expected: [SignalChoice] =
            switch type {
            case .counter: [rate, rate, rate, rate, rate, value, rate, rate]
            case .histogram, .summary: [value, value, rate, rate, rate, value, value, value]
            case .gauge, .gaugeHistogram, .info, .stateset: [value, value, value, value, value, value, value, value]
            case .unknown: [plain, named, named, named, named, plain, plain, named]
            }
        #expect(Self.names.map { SignalChoice(metricName: $0, type: type) } == expected)
    }

    @Test func `says of each choice what it is and why`() {
        #expect(SignalChoice.allCases.filter(\.isRate) == [.rateByMetadata, .rateByName, .rateByBehaviour])
        #expect(
            SignalChoice.allCases.filter(\.isDeclared) == [
                .valueByMetadata, .rateByMetadata, .partOfHistogram, .valueOfHistogram,
            ])
        #expect(Set(SignalChoice.allCases.map(\.reason)).count == SignalChoice.allCases.count)
    }

    @Test(
        arguments: [
            ("foo_total", "foo"), ("foo_bucket", "foo"), ("foo_sum", "foo"), ("foo_count", "foo"), ("foo", nil),
            ("foo_total_x", nil), ("_total", ""), ("a_count_total", "a_count"),
        ] as [(String, String?)]) func `finds the family of a name`(name: String, family: String?)
    {
        #expect(CounterSuffix.family(of: name) == family)
    }
}
