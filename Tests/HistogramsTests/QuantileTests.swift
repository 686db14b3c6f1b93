import Foundation
import Testing
import TimeSeries

@testable import Histograms

/// Held against a second implementation of PromQL's formulas: References/quantiles.py.
@Suite struct QuantileTests {
    private struct References: Decodable {
        struct Linear: Decodable {
            let bounds: [Double]
            let counts: [Float]
            let values: [Double]
        }
        struct Exponential: Decodable {
            let schema: Int8
            let threshold: Double
            let zero: Float
            let negative: [[Int32]]
            let positive: [[Int32]]
            let values: [Double]
        }
        struct Divergence: Decodable {
            let window: [Float]
            let past: [Float]
            let bits: Double
        }
        let classic: [Linear]
        let custom: [Linear]
        let exponential: [Exponential]
        let divergence: [Divergence]
    }

    private let references: References
    private let fractions = [0.5, 0.9, 0.99]

    init() throws {
        let folder = try #require(Bundle.module.url(forResource: "References", withExtension: nil))
        let file = try Data(contentsOf: folder.appendingPathComponent("quantiles.json"))
        references = try JSONDecoder().decode(References.self, from: file)
    }

    private func isClose(_ read: Double?, _ wanted: Double) -> Bool {
        guard let read else { return false }
        return abs(read - wanted) <= 1e-9 * max(abs(wanted), 1e-9)
    }

    private func linear(_ bounds: [Double], _ counts: [Float]) -> Distribution {
        var distribution = Distribution()
        distribution.bins = zip(bounds + [.infinity], counts).enumerated().map { i, bin in
            Bin(upper: bin.0, key: Int32(i), window: bin.1)
        }
        return distribution
    }

    @Test func `quantiles of classic buckets are in histogram_quantile's bucket, by a power law`() {
        #expect(references.classic.count == 60)
        for case let reference in references.classic {
            let distribution = linear(reference.bounds, reference.counts)
            for (fraction, wanted) in zip(fractions, reference.values) {
                let read = distribution.classicQuantile(fraction)
                #expect(isClose(read, wanted), "\(reference): \(String(describing: read))")
            }
        }
    }

    @Test func `quantiles of custom buckets are those of histogram_quantile`() {
        #expect(references.custom.count == 60)
        for reference in references.custom {
            let distribution = linear(reference.bounds, reference.counts)
            for (fraction, wanted) in zip(fractions, reference.values) {
                let read = distribution.customQuantile(fraction)
                #expect(isClose(read, wanted), "\(reference): \(String(describing: read))")
            }
        }
    }

    @Test func `quantiles of exponential buckets are those of histogram_quantile`() {
        #expect(references.exponential.count == 80)
        for reference in references.exponential {
            let scale = ExponentialScale(schema: reference.schema, zeroThreshold: reference.threshold)
            var bins: [Bin] = []
            for bucket in reference.negative.reversed() {
                let key = scale.key(index: bucket[0], schema: reference.schema, isNegative: true)
                bins.append(Bin(upper: .nan, key: key, window: Float(bucket[1])))
            }
            if reference.zero > 0 { bins.append(Bin(upper: .nan, key: 0, window: reference.zero)) }
            for bucket in reference.positive {
                let key = scale.key(index: bucket[0], schema: reference.schema, isNegative: false)
                bins.append(Bin(upper: .nan, key: key, window: Float(bucket[1])))
            }
            #expect(zip(bins, bins.dropFirst()).allSatisfy { $0.key < $1.key })
            var distribution = Distribution()
            distribution.bins = bins
            for (fraction, wanted) in zip(fractions, reference.values) {
                let read = distribution.exponentialQuantile(fraction, scale)
                #expect(isClose(read, wanted), "\(reference): \(String(describing: read))")
            }
        }
    }

    @Test func `one bucket, no last bucket and an empty window have no quantile`() {
        #expect(linear([], [5]).classicQuantile(0.5) == nil)
        #expect(linear([], [5]).customQuantile(0.5) == nil)
        #expect(linear([1, 2], [0, 0, 0]).classicQuantile(0.5) == nil)
        #expect(linear([1, 2], [0, 0, 0]).customQuantile(0.5) == nil)
        var open = linear([1, 2], [1, 1, 1])
        open.bins.removeLast()
        #expect(open.classicQuantile(0.5) == nil)
        let scale = ExponentialScale(schema: 0, zeroThreshold: 0)
        #expect(Distribution().exponentialQuantile(0.5, scale) == nil)
    }

    @Test func `the divergence is the definition's`() {
        #expect(references.divergence.count == 30)
        for reference in references.divergence {
            var distribution = Distribution()
            distribution.bins = zip(reference.window, reference.past).map {
                Bin(upper: 1, key: 0, window: $0, reference: $1)
            }
            #expect(abs(distribution.divergence - reference.bits) < 1e-9)
        }
    }

    @Test(arguments: -4...8 as ClosedRange<Int8>)
    func `a bucket of a finer schema falls into the coarser one that covers it`(schema: Int8) {
        for coarser in -4...schema {
            let scale = ExponentialScale(schema: coarser, zeroThreshold: 0)
            let fine = ExponentialScale(schema: schema, zeroThreshold: 0)
            for index in -300...300 as ClosedRange<Int32> {
                let key = scale.key(index: index, schema: schema, isNegative: false)
                let upper = fine.upperExponent(of: ExponentialScale.offset + index)
                let (low, high) = (scale.upperExponent(of: key) - scale.step, scale.upperExponent(of: key))
                #expect(low <= upper - fine.step && upper <= high)
                #expect(scale.key(index: index, schema: schema, isNegative: true) == -key)
            }
        }
    }
}
