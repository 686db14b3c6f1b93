import Detectors
import Testing
import TimeSeries

@testable import Scoring

@Suite struct FamiliarityTests {
    /// Scores of a generator that the reference script shares, one every 1,500th of a week.
    private static func referenceScores() -> [Double] {
        var state: UInt32 = 12345
        func uniform() -> Double {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Double(state >> 8) / 0x1p24
        }
        return (0..<3000).map { _ in
            let (height, chance) = (uniform(), uniform())
            return chance < 0.05 ? 0.5 + 3 * height : 0.4 * height
        }
    }

    /// Printed by Tests/DetectorsTests/References/make_references.py --familiarity, which halves all bins every 1,500
    /// samples.
    private static let referenceCuts = [
        331, 379, 385, 402, 418, 420, 422, 426, 456, 476, 504, 506, 511, 520, 541, 542, 547, 556, 572, 586, 593, 598,
        608, 629, 632, 671, 678, 692, 744, 761, 813, 838, 878, 881, 985, 1047, 1048, 1083, 1142, 1152, 1169, 1180, 1247,
        1257, 1266, 1272, 1284, 1295, 1323, 1338, 1339, 1347, 1352, 1358, 1362, 1377, 1406, 1410, 1415, 1418, 1425,
        1438, 1490, 1627, 1628, 1637, 1655, 1666, 1702, 1727, 1732, 1786, 1867, 1874, 1925, 1941, 1962, 1987, 1992,
        1996, 2057, 2099, 2126, 2187, 2242, 2264, 2269, 2316, 2355, 2363, 2386, 2394, 2397, 2398, 2404, 2414, 2421,
        2477, 2522, 2566, 2580, 2608, 2649, 2653, 2663, 2677, 2680, 2720, 2763, 2786, 2815, 2817, 2838, 2866, 2873,
        2883, 2962, 2970, 2988, 2990,
    ]

    @Test(arguments: [0, 1_786_000_000_000])
    func `cuts the same scores as the reference, wherever time begins`(start: Int64) {
        var familiarity = Familiarity()
        var cuts: [Int] = []
        for (i, score) in Self.referenceScores().enumerated() {
            let score = Float(score)
            let filtered = familiarity.filter(score, at: Timestamp(milliseconds: start + Int64(i) * 403_200))
            if filtered != score {
                #expect(filtered == 0.99)
                cuts.append(i)
            }
        }
        #expect(cuts == Self.referenceCuts)
    }

    @Test func `skipping the calls for low scores while no episode is open changes nothing`() {
        var familiarity = Familiarity()
        var cuts: [Int] = []
        for (i, score) in Self.referenceScores().enumerated() {
            let score = Float(score)
            guard score >= Familiarity.floor || familiarity.isOpen else { continue }
            if familiarity.filter(score, at: Timestamp(milliseconds: Int64(i) * 403_200)) != score { cuts.append(i) }
        }
        #expect(cuts == Self.referenceCuts)
    }

    @Test func `agrees with a plain reckoning over three years of uneven times`() {
        // Every episode with its peak and its moment, faded afresh each time: no weights to scale. There are about as
        // many as make the strongest ones now familiar and now not.
        var episodes: [(bin: Int, time: Double)] = []
        func bin(_ octaves: Double) -> Int { (0..<24).last { $0 == 0 || octaves >= 0.5 * Double($0 - 1) } ?? 0 }
        // 2^(j/2), to lay peaks into the middle of a bin and away from its edges.
        let roots = [1.0, 1.414_213_562_373_095_1]
        var random = SplitMix(state: 7)
        var familiarity = Familiarity()
        var time: Int64 = 1_700_000_000_000
        var cutCount = 0
        for _ in 0..<2_000 {
            time += Int64(random.next() % 110_000_000)
            let halfOctaves = Int(random.next() % 4)
            let peak = 0.6 * roots[halfOctaves & 1] * Double(1 << (halfOctaves >> 1))
            // log2(0.7 · 0.6 / 0.5) = -0.2515; the peak itself lies log2(0.6 / 0.5) = 0.263 above its bin's edge.
            let alike = bin(-0.2515 + 0.5 * Double(halfOctaves))
            let sum = episodes.reduce(0.0) { sum, episode in
                let weeks = (Double(time) / 1000 - episode.time) / 604_800
                return episode.bin >= alike ? sum + pow2(-weeks) : sum
            }
            let filtered = familiarity.filter(Float(peak), at: Timestamp(milliseconds: time))
            if abs(sum - 8) > 1e-3 { #expect(filtered == (sum >= 8 && peak > 0.99 ? 0.99 : Float(peak))) }
            if filtered != Float(peak) { cutCount += 1 }
            for _ in 0..<10 {
                time += 15_000
                #expect(familiarity.isOpen)
                #expect(familiarity.filter(0.1, at: Timestamp(milliseconds: time)) == 0.1)
            }
            #expect(!familiarity.isOpen)
            episodes.append((bin: bin(0.263 + 0.5 * Double(halfOctaves)), time: Double(time) / 1000))
            episodes.removeAll { Double(time) / 1000 - $0.time > 30 * 604_800 }
        }
        #expect(cutCount > 400)
        #expect(cutCount < 1_800)
    }

    @Test func `lets eight episodes pass and cuts what is like them`() {
        var familiarity = Familiarity()
        for _ in 0..<8 { #expect(episode(2, in: &familiarity, by: eager) == 2) }
        #expect(familiarity.filter(2, at: start, by: eager) == 0.99)
        #expect(familiarity.filter(2.5, at: start, by: eager) == 0.99)
        #expect(familiarity.filter(0.8, at: start, by: eager) == 0.8)
    }

    @Test func `never cuts what is much stronger than what came before`() {
        var familiarity = Familiarity()
        for _ in 0..<100 { _ = episode(2, in: &familiarity) }
        #expect(familiarity.filter(6, at: start) == 6)
        #expect(familiarity.filter(1_000, at: start) == 1_000)
    }

    @Test func `remembers episodes that it cut`() {
        var familiarity = Familiarity()
        for _ in 0..<20 { _ = episode(2, in: &familiarity, by: eager) }
        // Twenty are remembered, 10 are left after a week, 5 after two; had it remembered 8, there were 4 after one.
        let week: Int64 = 7 * 86_400_000
        var later = familiarity
        #expect(later.filter(2, at: start.advanced(byMilliseconds: week), by: eager) == 0.99)
        later = familiarity
        #expect(later.filter(2, at: start.advanced(byMilliseconds: 2 * week), by: eager) == 2)
    }

    @Test func `an episode is one however long, and ends with the tenth quiet sample in a row`() {
        var familiarity = Familiarity()
        #expect(!familiarity.isOpen)
        for _ in 0..<50 {
            _ = familiarity.filter(3, at: start, by: eager)
            for _ in 0..<9 { _ = familiarity.filter(0.49, at: start, by: eager) }
            #expect(familiarity.isOpen)
        }
        _ = familiarity.filter(0.49, at: start, by: eager)
        #expect(!familiarity.isOpen)
        #expect(familiarity.filter(3, at: start, by: eager) == 3)
    }

    @Test func `the budget is a dial`() {
        let dial = FamiliarityFilter(budget: 1.5)
        var familiarity = Familiarity()
        #expect(episode(2, in: &familiarity, by: dial) == 2)
        #expect(episode(2, in: &familiarity, by: dial) == 2)
        #expect(episode(2, in: &familiarity, by: dial) == 0.99)
        let never = FamiliarityFilter(budget: .infinity)
        for _ in 0..<100 { #expect(episode(2, in: &familiarity, by: never) == 2) }
    }

    @Test func `passes on what is not a number, and counts it as quiet`() {
        var familiarity = Familiarity()
        let closed = familiarity.filter(.nan, at: start)
        #expect(closed.isNaN)
        _ = familiarity.filter(1, at: start)
        for _ in 0..<10 { _ = familiarity.filter(.nan, at: start) }
        #expect(!familiarity.isOpen)
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 1 << 60, .max])
    func `stands any time and any score`(milliseconds: Int64) {
        var familiarity = Familiarity()
        for _ in 0..<30 { _ = episode(2, in: &familiarity) }
        let odd = Timestamp(milliseconds: milliseconds)
        for score: Float in [0, 0.5, 1, 2, 1_000, .greatestFiniteMagnitude, .infinity] {
            let filtered = familiarity.filter(score, at: odd)
            #expect(filtered == score || filtered == 0.99)
            for _ in 0..<10 { _ = familiarity.filter(0, at: odd) }
        }
        #expect(!familiarity.isOpen)
    }

    @Test func `where samples come closer than a minute, ten quiet minutes end an episode`() {
        for (interval, samples) in [(Float(15), 40), (30, 20), (60, 10), (300, 10), (0, 10)] {
            var familiarity = Familiarity()
            _ = familiarity.filter(1, interval: interval, at: start)
            for _ in 1..<samples { _ = familiarity.filter(0, interval: interval, at: start) }
            #expect(familiarity.isOpen, "at \(interval) s")
            _ = familiarity.filter(0, interval: interval, at: start)
            #expect(!familiarity.isOpen, "at \(interval) s")
        }
    }

    @Test func `a confirming filter lets a lone spike of any height pass only while few are remembered`() {
        let filter = FamiliarityFilter(.confirming)
        var familiarity = Familiarity()
        for _ in 0..<7 { #expect(episode(2, in: &familiarity, by: filter) == 2) }
        // Known for its spikes now: two samples of a much stronger one are held back, the third is not.
        #expect(familiarity.filter(50, at: start, by: filter) == 0.99)
        #expect(familiarity.filter(50, at: start, by: filter) == 0.99)
        #expect(familiarity.filter(50, at: start, by: filter) == 50)
    }

    @Test func `a confirming filter gives long episodes more weight, up to its budget`() {
        let filter = FamiliarityFilter(.confirming)
        #expect(filter.weight(ofEpisode: 1, interval: 60) == 1)
        #expect(filter.weight(ofEpisode: 21, interval: 60) == 2)
        #expect(filter.weight(ofEpisode: 81, interval: 15) == 2)
        #expect(filter.weight(ofEpisode: 5, interval: 300) == 2)
        #expect(filter.weight(ofEpisode: 5, interval: 3_600) == 2)
        #expect(filter.weight(ofEpisode: 10_000, interval: 60) == 6.5)
        #expect(FamiliarityFilter.standard.weight(ofEpisode: 10_000, interval: 60) == 1)
    }

    @Test func `is small`() {
        #expect(MemoryLayout<Familiarity>.stride <= 96)
    }

    private let start = Timestamp(milliseconds: 1_786_000_000_000)
    /// Eight episodes weigh 8 less their age: the budget here is such that eight of the same moment are enough.
    private let eager = FamiliarityFilter(budget: 7.5)

    private func episode(
        _ peak: Float, in familiarity: inout Familiarity, by filter: FamiliarityFilter = .standard
    ) -> Float {
        let filtered = familiarity.filter(peak, at: start, by: filter)
        for _ in 0..<10 { _ = familiarity.filter(0, at: start, by: filter) }
        return filtered
    }

    private func pow2(_ exponent: Double) -> Double {
        // Halves and a series for what is left: nothing of the code under test.
        let whole = exponent.rounded(.down)
        let x = (exponent - whole) * 0.693_147_180_559_945_3
        var (term, sum) = (1.0, 1.0)
        for k in 1..<20 {
            term *= x / Double(k)
            sum += term
        }
        return Double(sign: .plus, exponent: Int(whole), significand: sum)
    }
}

private struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Familiarity {
    /// Samples a minute apart.
    fileprivate mutating func filter(
        _ score: Float, at time: Timestamp, by filter: FamiliarityFilter = .standard
    ) -> Float {
        self.filter(score, interval: 60, at: time, by: filter)
    }
}
