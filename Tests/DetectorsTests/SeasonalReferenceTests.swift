import Foundation
import Testing
import TimeSeries

@testable import Detectors

/// Holds the detector against scores that References/make_seasonal_references.py reckoned with 40 digits from the
/// published equations.
@Suite struct SeasonalReferenceTests {
    static let names = ["diurnal", "working-hours", "gaps", "random-walk", "counts", "offset", "weekly"]

    private struct Reference: Decodable {
        let separate: Bool
        let start: Int64
        /// One for all, or one each.
        let steps: [Int64]
        let values: [Double]
        let raw: [Double?]

        init(named name: String) throws {
            let url = try #require(
                Bundle.module.url(
                    forResource: "seasonal-\(name)", withExtension: "json", subdirectory: "References"))
            self = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        }

        var times: [Timestamp] {
            var now = start
            return values.indices.map { i in
                if i > 0 { now += steps.count == 1 ? steps[0] : steps[i - 1] }
                return Timestamp(milliseconds: now * 1_000)
            }
        }
    }

    @Test(arguments: names)
    func `in Double the raw scores are those of the equations`(name: String) throws {
        let reference = try Reference(named: name)
        let raw = scores(Seasonal<Double>(), reference)
        for i in raw.indices {
            #expect((raw[i] == nil) == (reference.raw[i] == nil), "sample \(i)")
            guard let ours = raw[i], let theirs = reference.raw[i] else { continue }
            #expect(abs(ours - theirs) <= 1e-9 * max(theirs, 1e-3), "sample \(i)")
        }
    }

    @Test(arguments: names)
    func `in Float the scores differ by less than a thousandth, and the same samples are anomalous`(
        name: String
    ) throws {
        let reference = try Reference(named: name)
        let raw = scores(Seasonal<Float>(), reference)
        var anomalous = 0
        for i in raw.indices {
            guard let ours = raw[i], let theirs = reference.raw[i] else { continue }
            #expect(abs(Double(ours) - theirs) / 6 <= 1e-3 * max(1, theirs / 6), "sample \(i)")
            #expect((ours > 6) == (theirs > 6), "sample \(i)")
            if ours > 6 { anomalous += 1 }
        }
        #expect((anomalous > 0) == (name != "random-walk" && name != "counts"))
    }

    private func scores<Number>(_ core: Seasonal<Number>, _ reference: Reference) -> [Number?] {
        let pattern = DayPattern(separatesRestDays: reference.separate)
        let clock = CivilClock.utc
        var state = Seasonal<Number>.State()
        return zip(reference.values, reference.times).map { value, time in
            core.judge(value, slot: pattern.slot(clock.reading(at: time)), step: 1, state: &state)?.raw
        }
    }
}
