import Testing

@testable import Scoring

@Suite struct SampleOutcomeTests {
    @Test func `gives each outcome a reason of its own, in the words of metrics`() {
        let reasons = SampleOutcome.allCases.map(\.reason)
        #expect(Set(reasons).count == SampleOutcome.allCases.count)
        for word in reasons + SampleOutcome.allCases.map(\.outcome) {
            #expect(word.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }, "\(word)")
        }
    }

    @Test func `adds up`() {
        var counts = OutcomeCounts()
        for (number, outcome) in SampleOutcome.allCases.enumerated() { counts[outcome] += number }
        for (number, outcome) in SampleOutcome.allCases.enumerated() { #expect(counts[outcome] == number) }
        #expect(counts.total == (0..<SampleOutcome.allCases.count).reduce(0, +))
    }
}
