import Foundation
import Testing

@testable import Detectors

/// Holds the detector against scores that References/make_references.py reckoned with 40 digits from the published
/// equations.
@Suite struct AdaptiveReferenceTests {
    static let names = [
        "white-noise", "random-walk", "diurnal", "constant-then-step", "heavy-tails", "tiny-scale", "counts",
        "sawtooth",
        "huge-offset",
    ]

    private struct Reference: Decodable {
        let values: [Double]
        /// The residual by itself.
        let raw: [Double?]
        /// The score of the slow baseline, times 5.4.
        let baseline: [Double?]
        /// The larger of both for samples that count a quarter of a step, every fourth.
        let quarter: [Double?]

        init(named name: String) throws {
            let url = try #require(
                Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "References"))
            self = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        }
    }

    @Test(arguments: names)
    func `in Double the raw scores are those of the equations`(name: String) throws {
        let reference = try Reference(named: name)
        let worst = greatestDifference(Adaptive<Double>(.residual), reference.values, reference.raw, from: 1e-3)
        #expect(worst.difference <= 1e-9, "sample \(worst.sample)")
    }

    @Test(arguments: names)
    func `in Double the larger of residual and baseline counts`(name: String) throws {
        let reference = try Reference(named: name)
        let larger = zip(reference.raw, reference.baseline).map { raw, baseline in
            raw.flatMap { raw in baseline.map { max(raw, $0) } }
        }
        let worst = greatestDifference(Adaptive<Double>(), reference.values, larger, from: 1e-3)
        #expect(worst.difference <= 2e-9, "sample \(worst.sample)")
    }

    @Test(arguments: names)
    func `samples that come close count a quarter of a step`(name: String) throws {
        let reference = try Reference(named: name)
        var state = Adaptive<Double>.State()
        let detector = Adaptive<Double>()
        for (i, value) in reference.values.enumerated() {
            let raw = detector.judge(value, step: 0.25, state: &state)?.raw
            guard i % 4 == 0, let raw, let expected = reference.quarter[i / 4] else { continue }
            // Small gains are taken as a quarter of their own, which is half a per cent off.
            #expect(abs(raw - expected) <= 0.02 * max(expected, 0.5), "sample \(i)")
        }
    }

    @Test(arguments: names)
    func `in Float the scores differ by less than a thousandth`(name: String) throws {
        let reference = try Reference(named: name)
        // A hundredth of the score that is anomalous: what is below is noise to everybody.
        let larger = zip(reference.raw, reference.baseline).map { raw, baseline in
            raw.flatMap { raw in baseline.map { max(raw, $0) } }
        }
        let worst = greatestDifference(Adaptive<Float>(), reference.values, larger, from: 0.06)
        #expect(worst.difference <= 1e-3, "sample \(worst.sample)")
    }

    @Test(arguments: names)
    func `in Float the same samples are anomalous`(name: String) throws {
        let reference = try Reference(named: name)
        let detector = Adaptive<Float>(.residual)
        var state = Adaptive<Float>.State()
        var anomalous = 0
        for (i, value) in reference.values.enumerated() {
            let raw = detector.judge(value, state: &state)?.raw
            #expect(((raw ?? 0) > 6) == ((reference.raw[i] ?? 0) > 6), "sample \(i)")
            if let raw, raw > 6 { anomalous += 1 }
        }
        #expect(name == "random-walk" ? anomalous == 0 : anomalous > 0)
    }

    /// The greatest difference of a score to the reference, against the reference or `least` where that is more.
    private func greatestDifference<Number>(
        _ detector: Adaptive<Number>, _ values: [Double], _ reference: [Double?], from least: Double
    ) -> (difference: Double, sample: Int) {
        var state = Adaptive<Number>.State()
        var worst = (difference: 0.0, sample: 0)
        for (i, value) in values.enumerated() {
            let raw = detector.judge(value, state: &state)?.raw
            #expect((raw == nil) == (reference[i] == nil), "sample \(i)")
            guard let raw, let expected = reference[i] else { continue }
            let difference = abs(Double(raw) - expected) / max(expected, least)
            if !(difference <= worst.difference) { worst = (difference, i) }
        }
        if ProcessInfo.processInfo.environment["SHOW_DIFFERENCES"] != nil { print(Number.self, worst) }
        return worst
    }
}
