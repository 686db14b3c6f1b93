import Testing
import TimeSeries

@testable import Scoring

@Suite struct SignalTests {
    typealias Step = Signal.Step

    private static let nan = Double.nan

    private static func signal(_ choice: SignalChoice) -> Signal {
        var signal = Signal()
        _ = signal.choose(choice)
        return signal
    }

    private static func steps(_ choice: SignalChoice, _ samples: [(Double, Double)]) -> [Step] {
        var signal = signal(choice)
        return samples.map { signal.take($0.1, at: at($0.0)) }
    }

    @Test func `takes 32 bytes a series, and the board 24`() {
        #expect(MemoryLayout<Signal>.size == 32)
        #expect(MemoryLayout<Signal>.stride == 32)
        #expect(MemoryLayout<BoardEntry>.size <= 24)
        #expect(MemoryLayout<BoardEntry>.stride == 24)
    }

    // MARK: Counters

    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var samples: [(Double, Double)]
        var steps: [Step]

        init(_ description: String, _ samples: [(Double, Double)], _ steps: [Step]) {
            testDescription = description
            self.samples = samples
            self.steps = steps
        }
    }

    static let counters: [Case] = [
        Case("even spacing", [(0, 10), (15, 25), (30, 25), (45, 70)], [.baseline, .value(1), .value(0), .value(3)]),
        Case("a missed scrape", [(0, 0), (15, 15), (45, 45), (60, 75)], [.baseline, .value(1), .value(1), .value(2)]),
        Case("uneven spacing", [(0, 0), (1, 2), (8, 16), (68, 136)], [.baseline, .value(2), .value(2), .value(2)]),
        Case("milliseconds", [(0, 0), (0.001, 1), (0.003, 5)], [.baseline, .value(1000), .value(2000)]),
        Case("a restart", [(0, 100), (10, 5), (20, 10)], [.baseline, .value(0.5), .value(0.5)]),
        Case("a restart at 0", [(0, 100), (10, 0), (20, 10)], [.baseline, .value(0), .value(1)]),
        Case("a restart and a gap", [(0, 100), (400, 5), (410, 15)], [.baseline, .baseline, .value(1)]),
        Case("a gap of 300 s", [(0, 0), (15, 15), (315, 315)], [.baseline, .value(1), .value(1)]),
        Case(
            "a gap of 301 s", [(0, 0), (15, 15), (316, 315), (331, 330)], [.baseline, .value(1), .baseline, .value(1)]),
        Case(
            "a gap of four usual distances", [(0, 0), (100, 100), (200, 200), (600, 600), (1100, 1100)],
            [.baseline, .value(1), .value(1), .value(1), .value(1)]),
        Case("NaN between", [(0, 10), (15, nan), (30, 30), (45, 45)], [.baseline, .notFinite, .baseline, .value(1)]),
        Case(
            "infinity between", [(0, 10), (15, .infinity), (30, 30), (45, 45)],
            [.baseline, .notFinite, .baseline, .value(1)]),
        Case("minus infinity first", [(0, -.infinity), (15, 30), (30, 45)], [.notFinite, .baseline, .value(1)]),
        Case(
            "end and return", [(0, 10), (15, staleMarker), (30, 30), (45, 45)],
            [.baseline, .stale, .baseline, .value(1)]),
        Case("ended twice", [(0, staleMarker), (15, staleMarker), (30, 3)], [.stale, .stale, .baseline]),
        Case(
            "doubled and late", [(0, 0), (15, 15), (15, 99), (0, 99), (-15, staleMarker), (14.999, 99), (30, 30)],
            [.baseline, .value(1), .duplicate, .late, .late, .late, .value(1)]),
        Case(
            "doubled after the end", [(0, 1), (15, staleMarker), (15, 2), (30, 3)],
            [.baseline, .stale, .duplicate, .baseline]),
        Case("once", [(0, 10)], [.baseline]),
        Case("constant", [(0, 7), (15, 7), (30, 7)], [.baseline, .value(0), .value(0)]),
    ]

    @Test(arguments: counters) func `turns a counter into its increase a second`(example: Case) {
        #expect(Self.steps(.rateByMetadata, example.samples) == example.steps)
        #expect(Self.steps(.rateByName, example.samples) == example.steps)
    }

    @Test(arguments: [0.001, 1, 15, 60, 299, 300, 301, 600, 1800, 3600, 86_400])
    func `joins a counter's samples whatever their spacing, after a few`(spacing: Double) {
        let steps = Self.steps(.rateByMetadata, (0..<30).map { (Double($0) * spacing, Double($0) * spacing * 2) })
        let rates = steps.drop { $0 == .baseline }
        #expect(rates.count >= 18)
        for rate in rates {
            guard case .value(let value) = rate else {
                Issue.record("\(rate) among rates")
                continue
            }
            #expect(abs(value - 2) < 1e-6)
        }
    }

    @Test func `does not join across the next gaps because there was one long gap`() {
        var samples = (0..<10).map { (Double($0) * 15, 0.0) }
        samples += (0..<10).map { (86_400 + Double($0) * 15, 0.0) }
        samples += [(86_400 + 135 + 310, 0)]
        let steps = Self.steps(.rateByMetadata, samples)
        #expect(steps.indices.filter { steps[$0] == .baseline } == [0, 10, 20])
    }

    @Test func `learns the usual distance of samples`() {
        var signal = Self.signal(.rateByMetadata)
        #expect(signal.interval == 0)
        for i in 0..<200 { _ = signal.take(0, at: at(Double(i) * 15)) }
        #expect(abs(signal.interval - 15) < 0.01)
        for i in 1...200 { _ = signal.take(0, at: at(199 * 15 + Double(i) * 60)) }
        #expect(abs(signal.interval - 60) < 0.01)
    }

    // MARK: Gauges

    static let gauges: [Case] = [
        Case("values", [(0, 10), (15, -25), (30, 0)], [.value(10), .value(-25), .value(0)]),
        Case("a gap", [(0, 10), (10_000, 11)], [.value(10), .value(11)]),
        Case("NaN between", [(0, 10), (15, nan), (30, 30)], [.value(10), .notFinite, .value(30)]),
        Case("infinity", [(0, .infinity), (15, 1), (30, -.infinity)], [.notFinite, .value(1), .notFinite]),
        Case("end and return", [(0, 10), (15, staleMarker), (30, 30)], [.value(10), .stale, .value(30)]),
        Case("doubled and late", [(0, 10), (0, 11), (-1, 12), (1, 13)], [.value(10), .duplicate, .late, .value(13)]),
        Case(
            "extremes", [(0, 1e308), (15, -1e308), (30, .leastNonzeroMagnitude)],
            [.value(1e308), .value(-1e308), .value(.leastNonzeroMagnitude)]),
    ]

    @Test(arguments: gauges) func `takes a gauge as it is`(example: Case) {
        #expect(Self.steps(.valueByMetadata, example.samples) == example.steps)
        #expect(Self.steps(.valueByDefault, example.samples) == example.steps)
    }

    @Test func `is stale from the marker to the next sample, and not before the first`() {
        var signal = Signal()
        #expect(!signal.isStale)
        _ = signal.take(1, at: at(0))
        #expect(!signal.isStale)
        _ = signal.take(staleMarker, at: at(1))
        #expect(signal.isStale)
        _ = signal.take(1, at: at(1))
        #expect(signal.isStale)
        _ = signal.take(.nan, at: at(2))
        #expect(!signal.isStale)
    }

    @Test func `takes times from the ends of the clock`() {
        var signal = Self.signal(.rateByMetadata)
        var step = signal.take(1, at: Timestamp(milliseconds: .min + 1))
        #expect(step == .baseline)
        step = signal.take(2, at: Timestamp(milliseconds: .max))
        #expect(step == .baseline)
        step = signal.take(3, at: Timestamp(milliseconds: .max))
        #expect(step == .duplicate)
        step = signal.take(3, at: Timestamp(milliseconds: .min))
        #expect(step == .late)
    }

    // MARK: Behaviour

    @Test func `takes what only rises for a counter after 60 rises`() {
        var signal = Self.signal(.valueByDefault)
        for i in 0..<60 {
            let step = signal.take(Double(i) * 3, at: at(Double(i)))
            #expect(step == .value(Double(i) * 3))
        }
        #expect(signal.choice == .valueByDefault)
        let step = signal.take(180, at: at(60))
        #expect(step == .value(3))
        #expect(signal.choice == .rateByBehaviour)
    }

    @Test func `counts only rises, however long a value stays`() {
        var signal = Self.signal(.valueByDefault)
        for i in 0..<1_000 { _ = signal.take(Double(i / 20), at: at(Double(i))) }
        #expect(signal.choice == .valueByDefault)
        for i in 1_000..<1_300 { _ = signal.take(Double(i / 20), at: at(Double(i))) }
        #expect(signal.choice == .rateByBehaviour)
    }

    @Test(arguments: [1, 30, 59]) func `does not take what fell for a counter`(fall: Int) {
        var signal = Self.signal(.valueByDefault)
        for i in 0..<120 { _ = signal.take(i == fall ? -1 : Double(i), at: at(Double(i))) }
        #expect(signal.choice == .valueByDefault)
    }

    @Test(arguments: [SignalChoice.rateByName, .rateByBehaviour])
    func `takes a supposed counter that falls often for a value, for good`(choice: SignalChoice) {
        var signal = Self.signal(choice)
        var steps: [Step] = []
        for i in 0..<8 { steps.append(signal.take(100 + Double(i % 2), at: at(Double(i)))) }
        #expect(signal.choice == .valueByBehaviour)
        #expect(steps.last == .value(101))
        for i in 8..<400 { _ = signal.take(Double(i), at: at(Double(i))) }
        #expect(signal.choice == .valueByBehaviour)
        let isAnother = signal.choose(.rateByName)
        #expect(!isAnother)
        #expect(signal.choice == .valueByBehaviour)
    }

    @Test func `keeps a counter that starts over again and again`() {
        var signal = Self.signal(.rateByName)
        for i in 0..<300 { _ = signal.take(Double(i % 3), at: at(Double(i))) }
        #expect(signal.choice == .rateByName)
    }

    @Test func `keeps a counter that falls a little once in a while`() {
        var signal = Self.signal(.rateByName)
        for i in 0..<1_000 { _ = signal.take(1_000_000 + Double(i) - (i % 50 == 0 ? 5 : 0), at: at(Double(i))) }
        #expect(signal.choice == .rateByName)
    }

    @Test(arguments: [SignalChoice.valueByMetadata, .rateByMetadata])
    func `lets metadata overrule name and behaviour, and no behaviour metadata`(declared: SignalChoice) {
        for start in SignalChoice.allCases where !start.isOfHistogram {
            var signal = Self.signal(start)
            for i in 0..<100 { _ = signal.take(Double(i), at: at(Double(i))) }
            let changes = signal.choice.isRate != declared.isRate
            let isAnother = signal.choose(declared)
            #expect(isAnother == changes, "\(start)")
            #expect(signal.choice == declared)
            for i in 100..<300 { _ = signal.take(Double(i), at: at(Double(i))) }
            for i in 300..<400 { _ = signal.take(300 + Double(i % 2), at: at(Double(i))) }
            #expect(signal.choice == declared)
        }
    }

    @Test func `keeps what a series showed against its name`() {
        var signal = Self.signal(.valueByDefault)
        for i in 0...60 { _ = signal.take(Double(i), at: at(Double(i))) }
        let isAnother = signal.choose(.valueByDefault)
        #expect(!isAnother)
        #expect(signal.choice == .rateByBehaviour)
    }

    @Test func `goes on from the last sample when the signal changes`() {
        var signal = Self.signal(.valueByDefault)
        _ = signal.take(10, at: at(0))
        var isAnother = signal.choose(.rateByMetadata)
        #expect(isAnother)
        var step = signal.take(40, at: at(15))
        #expect(step == .value(2))
        isAnother = signal.choose(.valueByMetadata)
        #expect(isAnother)
        step = signal.take(50, at: at(30))
        #expect(step == .value(50))
    }
}
