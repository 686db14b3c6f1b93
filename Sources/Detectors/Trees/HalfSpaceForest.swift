/// Ten trees that halve the space of four numbers at random, and how many of the last points fell in each part.
///
/// The splits are the same for every series; the masses are what a series learns. A point's score is high where the parts
/// that it falls in were empty in the window before:
///
///     raw = 1 - Σ mass · 2^depth / most,    down each tree until a mass is below a tenth of the window
///
/// after Tan, Ting and Liu, Fast anomaly detection for streaming data, IJCAI 2011, as river/anomaly/hst.py has it: every
/// part is split between 15 % and 85 % of its length.
/// - Complexity: ten trees of height eight, up to 90 steps to score and 90 to learn.
struct HalfSpaceForest: Sendable {
    static var trees: Int { 10 }
    static var height: Int { 8 }
    /// Inner nodes of a tree, numbered as in a heap from 1: the children of n are 2n and 2n + 1.
    static var splits: Int { 1 << height }

    struct Split: Sendable, Equatable {
        var feature: UInt8
        var threshold: Float
    }

    /// Of all trees; the place of node n of tree t is t · 256 + n.
    private let splits: [Split]
    let window: Int

    /// - Parameter splits: of all trees, 256 each, of which the first is not used.
    init(splits: [Split], window: Int) {
        precondition(splits.count == Self.trees * Self.splits, "\(splits.count) splits for ten trees of 256")
        precondition(window <= 255, "a window of \(window) is more than a mass of one byte can count")
        self.splits = splits
        self.window = window
    }

    init(seed: UInt64, window: Int) {
        var random = SplitMix64(state: seed)
        var splits = [Split](repeating: Split(feature: 0, threshold: 0), count: Self.trees * Self.splits)
        for tree in 0..<Self.trees {
            Self.grow(
                &splits, tree * Self.splits, node: 1, low: SIMD4(repeating: 0), high: SIMD4(repeating: 1), &random)
        }
        self.init(splits: splits, window: window)
    }

    /// Splits a part, along a side chosen by its length, and then its halves.
    private static func grow(
        _ splits: inout [Split], _ start: Int, node: Int, low: SIMD4<Float>, high: SIMD4<Float>,
        _ random: inout SplitMix64
    ) {
        if node >= Self.splits { return }
        let sides = high - low
        var left = random.fraction() * sides.sum()
        var feature = 0
        while feature < 3, left >= sides[feature] {
            left -= sides[feature]
            feature += 1
        }
        let threshold = low[feature] + (0.15 + 0.7 * random.fraction()) * sides[feature]
        splits[start + node] = Split(feature: UInt8(feature), threshold: threshold)
        var (middleHigh, middleLow) = (high, low)
        middleHigh[feature] = threshold
        middleLow[feature] = threshold
        grow(&splits, start, node: 2 * node, low: low, high: middleHigh, &random)
        grow(&splits, start, node: 2 * node + 1, low: middleLow, high: high, &random)
    }

    /// The masses of one series: a byte for each node, of the window before and of the one that is being filled.
    struct Masses: BitwiseCopyable, Sendable {
        /// Tree by tree 512 nodes; the second half is the other window's.
        fileprivate var counts = InlineArray<10_240, UInt8>(repeating: 0)
        fileprivate var filled: UInt8 = 0
        /// Which half is being filled.
        fileprivate var half: UInt8 = 0
        /// Whether a window has been filled.
        fileprivate(set) var isWarm = false
    }

    /// The raw score of a point, 0 to 1; NaN while the first window is not full. Then learns the point.
    @inline(__always)
    func judge(_ point: SIMD4<Float>, _ masses: inout Masses) -> Float {
        let filling = Int(masses.half) * 5_120
        let reference = 5_120 - filling
        let isWarm = masses.isWarm
        let least = Float(window) * 0.1
        var sum: Float = 0
        for tree in 0..<Self.trees {
            var node = 1
            var weight: Float = 1
            var isScoring = isWarm
            for depth in 0...Self.height {
                let place = tree * 512 + node
                masses.counts[filling + place] += 1
                if isScoring {
                    let mass = Float(masses.counts[reference + place])
                    sum += mass * weight
                    isScoring = mass >= least
                    weight *= 2
                }
                if depth == Self.height { break }
                let split = splits[tree * Self.splits + node]
                node = 2 * node + (point[Int(split.feature)] < split.threshold ? 0 : 1)
            }
        }
        masses.filled += 1
        if Int(masses.filled) >= window { turn(&masses) }
        let most = Float(Self.trees * window * ((2 << Self.height) - 1))
        return isWarm ? 1 - sum / most : .nan
    }

    /// Makes the window that was filled the reference.
    @inline(never)
    private func turn(_ masses: inout Masses) {
        masses.half = 1 - masses.half
        let start = Int(masses.half) * 5_120
        for i in start..<start + 5_120 { masses.counts[i] = 0 }
        masses.filled = 0
        masses.isWarm = true
    }
}

/// Numbers that look random and are the same each time (Steele, Lea and Flood, OOPSLA 2014).
struct SplitMix64: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From 0 to below 1.
    mutating func fraction() -> Float { Float(next() >> 40) * 0x1p-24 }
}
