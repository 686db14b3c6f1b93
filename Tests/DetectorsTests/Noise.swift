/// Numbers that look random and are the same each time (SplitMix64).
struct Noise {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// About normal, mean 100, standard deviation 2: the sum of twelve even ones.
    mutating func value() -> Double {
        var sum = 0.0
        for _ in 0..<12 { sum += Double(next() >> 11) / 0x1p53 }
        return 100 + 2 * (sum - 6)
    }

    func values(_ count: Int) -> [Double] {
        var noise = self
        return (0..<count).map { _ in noise.value() }
    }

    /// With a spike of 25 standard deviations every 250th value.
    func withSpikes(_ count: Int) -> [Double] {
        values(count).enumerated().map { i, value in i % 250 == 249 ? value + 50 : value }
    }
}
