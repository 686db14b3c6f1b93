import Foundation
import TestSupport
import Testing

@testable import Histograms

/// The distance of a distribution from its own past.
@Suite struct ShapeTests {
    private let shares: [Double] = [0.3, 0.25, 0.2, 0.1, 0.06, 0.04, 0.025, 0.015, 0.006, 0.003, 0.001]

    private func start() -> Distribution {
        var distribution = Distribution()
        distribution.restart(shares.indices.map { Bin(upper: Double($0), key: Int32($0)) })
        return distribution
    }

    /// Draws observations one by one.
    private func draw(
        _ count: Int, _ shares: [Double], _ random: inout SeededRandom, into distribution: inout Distribution
    ) {
        for i in distribution.bins.indices { distribution.bins[i].increase = 0 }
        for _ in 0..<count {
            var rest = Double(random.next() >> 11) * 0x1p-53
            var place = 0
            while place < shares.count - 1, rest >= shares[place] {
                rest -= shares[place]
                place += 1
            }
            distribution.bins[place].increase += 1
        }
    }

    /// With few observations the plain divergence is far from 0 though nothing changed; the bias says how far.
    @Test(arguments: [2, 8, 40, 200])
    func `chance shows as much as it is expected to`(observations: Int) {
        var random = SeededRandom(seed: 5)
        var distribution = start()
        var (shown, expected, corrected) = (0.0, 0.0, 0.0)
        var taken = 0.0
        for step in 0..<1_500 {
            draw(observations, shares, &random, into: &distribution)
            distribution.advance(seconds: 15, sumIncrease: nil)
            // Windows that overlap little.
            guard step > 300, step % 5 == 0, let shape = distribution.shape else { continue }
            shown += distribution.divergence
            expected += distribution.divergenceByChance
            corrected += shape * shape
            taken += 1
        }
        #expect(taken > 200)
        #expect(shown / expected > 0.8 && shown / expected < 1.2, "shown to expected \(shown / expected)")
        // J / (J + b / 4), where there is nothing but chance: a fifth is taken away.
        #expect(corrected / shown > 0.7 && corrected / shown < 0.88, "\(corrected / shown)")
    }

    @Test func `sees a change at once, and forgets it after hours`() throws {
        var random = SeededRandom(seed: 6)
        var distribution = start()
        for step in 0..<300 {
            draw(100, shares, &random, into: &distribution)
            distribution.advance(seconds: 15, sumIncrease: nil)
            if step < 118 { #expect(distribution.shape == nil) }
        }
        let before = try #require(distribution.shape)
        let changed = Array(shares.reversed())
        draw(100, changed, &random, into: &distribution)
        distribution.advance(seconds: 15, sumIncrease: nil)
        let after = try #require(distribution.shape)
        #expect(before < 0.1 && after > 0.3 && after <= 1, "\(before), then \(after)")
        for _ in 0..<960 {
            draw(100, changed, &random, into: &distribution)
            distribution.advance(seconds: 15, sumIncrease: nil)
        }
        #expect(try #require(distribution.shape) < 0.15)
    }

    @Test func `is 1 where nothing is in common, and 0 where nothing differs`() throws {
        var distribution = start()
        for _ in 0..<2_000 {
            for i in distribution.bins.indices { distribution.bins[i].increase = i == 0 ? 1e6 : 0 }
            distribution.advance(seconds: 15, sumIncrease: nil)
        }
        #expect(distribution.shape == 0)
        for i in distribution.bins.indices { distribution.bins[i].increase = i == 1 ? 1e6 : 0 }
        distribution.replace(seconds: 15, sum: nil)
        #expect(try #require(distribution.shape) > 0.95 && distribution.shape ?? 2 <= 1)
    }

    @Test func `says nothing while a service rests`() {
        var random = SeededRandom(seed: 7)
        var distribution = start()
        for _ in 0..<300 {
            draw(100, shares, &random, into: &distribution)
            distribution.advance(seconds: 15, sumIncrease: nil)
        }
        #expect(distribution.shape != nil && distribution.canTell(0.99))
        for _ in 0..<200 {
            draw(0, shares, &random, into: &distribution)
            distribution.advance(seconds: 15, sumIncrease: 0)
        }
        #expect(distribution.shape == nil && distribution.mean == nil)
        #expect(!distribution.canTell(0.5) && !distribution.canTell(0.99))
    }

    @Test(arguments: [(0.5, 302.5), (2.0, 127.5), (20.0, 22.6), (1_000.0, 22.6)])
    func `the window is as long as its observations need`(perSecond: Double, length: Double) {
        var distribution = start()
        for _ in 0..<1_000 {
            distribution.bins[0].increase = Float(perSecond * 5)
            distribution.advance(seconds: 5, sumIncrease: nil)
        }
        // The sum of weights that fade with a constant of T seconds, one each 5 s: 5 / (1 - exp(-5 / T)).
        #expect(abs(distribution.mass / perSecond - length) < 0.1, "\(distribution.mass / perSecond)")
    }
}
