import Foundation
import Testing
import TimeSeries

@testable import Detectors

/// Holds half-space trees against river (on river's own trees), k-means and spectral residual against numpy: see
/// References/make_tree_references.py.
@Suite struct TreeReferenceTests {
    private struct Reference: Decodable {
        let values: [Double]
        let scores: [String: Double]
    }

    private struct Trees: Decodable {
        let values: [Double]
        let features: String
        let thresholds: [Float]
        let scores: [Double]
    }

    private func read<Content: Decodable>(_ name: String) throws -> Content {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "References"))
        return try JSONDecoder().decode(Content.self, from: Data(contentsOf: url))
    }

    @Test(arguments: ["sine", "steps", "tails"])
    func `half-space trees score as river does on the same trees`(name: String) throws {
        let reference: Trees = try read("trees-\(name)")
        let splits = zip(reference.features.utf8, reference.thresholds).map {
            HalfSpaceForest.Split(feature: $0 - 48, threshold: $1)
        }
        let forest = HalfSpaceForest(splits: splits, window: 250)
        var masses = HalfSpaceForest.Masses()
        var different = 0
        for i in 3..<reference.values.count {
            let v = reference.values
            let point = SIMD4(Float(v[i]), Float(v[i - 1]), Float(v[i - 2]), Float(v[i - 3]))
            let raw = forest.judge(point, &masses)
            #expect(raw.isNaN == (i < 253))
            // A value on a split may fall to its other side in `Float`.
            if !raw.isNaN, abs(Double(raw) - reference.scores[i - 3]) > 1e-5 { different += 1 }
        }
        #expect(different <= 1)
    }

    @Test(arguments: ["sine", "steps", "tails"])
    func `k-means scores as numpy does`(name: String) throws {
        try compare(KMeansDetector.self, try read("kmeans-\(name)"), within: 1e-3)
    }

    @Test(arguments: ["sine", "steps", "tails"])
    func `the spectral residual is that of numpy`(name: String) throws {
        try compare(SpectralResidualDetector.self, try read("spectral-\(name)"), within: 1e-3)
    }

    private struct Cuts: Decodable {
        let values: [Float]
        let points: [[Float]]
        let codisp: [Double]
    }

    @Test(arguments: ["sine", "steps", "tails"])
    func `the mean displacement over many trees is that of rrcf`(name: String) throws {
        let reference: Cuts = try read("cuts-\(name)")
        var ring = RandomCutTree.Ring(repeating: 0)
        for (i, value) in reference.values.enumerated() { ring[i] = value }
        var random = SplitMix64(state: 7)
        var sums = [Double](repeating: 0, count: reference.points.count)
        let trees = 300
        for _ in 0..<trees {
            var tree = RandomCutTree()
            tree.grow(ring.span, newest: 66, history: 64, random: &random)
            for (i, p) in reference.points.enumerated() {
                sums[i] += Double(tree.displacement(of: SIMD4(p[0], p[1], p[2], p[3]), ring.span, tiny: 0))
            }
        }
        for (sum, codisp) in zip(sums, reference.codisp) {
            #expect(abs(sum / Double(trees) - codisp) <= 0.1 * codisp, "\(sum / Double(trees)) for \(codisp)")
        }
    }

    private func compare<D: Detector>(_: D.Type, _ reference: Reference, within limit: Double) throws {
        let detector = try D(DetectorParameters(for: D.description))
        var state = detector.makeState()
        var compared = 0
        for (i, value) in reference.values.enumerated() {
            let sample = SignalSample(interval: 60, time: Timestamp(milliseconds: Int64(i) * 60_000), value: value)
            let raw = Double(detector.judge(sample, state: &state).score)
            guard let expected = reference.scores["\(i)"] else { continue }
            compared += 1
            // A k-means score that is clearly normal is cut short, see `KMeansDetector`.
            if D.description.name == "kmeans", expected < 0.5 {
                #expect(raw < 0.5)
            } else {
                #expect(abs(raw - expected) / max(expected, 0.1) <= limit, "sample \(i): \(raw) for \(expected)")
            }
        }
        #expect(compared == reference.scores.count && compared > 100)
    }
}
