/// A tree of random cuts through 64 points of four numbers, in 1.5 KB.
///
/// Each node's box is cut at a random place of a side that is chosen by its length, until points stand alone or are all
/// the same (Guha, Mishra, Roy and Schrijvers, Robust random cut forest based anomaly detection on streams, ICML 2016).
/// Nodes are numbered with the left subtree first, points that stand alone not at all, so the children of a node
/// that has k points on its left are the next one and the k-th after: no links are stored. A box is kept as the eight
/// points that bound it.
///
/// Points are places in a ring of values: the point at p is the values at p, p-1, p-2 and p-3.
struct RandomCutTree: BitwiseCopyable, Sendable {
    static var size: Int { 64 }
    static var sides: Int { 4 }
    private static var same: UInt8 { 255 }

    private var points = InlineArray<64, UInt16>(repeating: 0)
    private var cuts = InlineArray<64, Float>(repeating: 0)
    private var cutSides = InlineArray<64, UInt8>(repeating: 0)
    private var leftCounts = InlineArray<64, UInt8>(repeating: 0)
    /// Per node, for each side the places of its lowest and its highest point.
    private var bounds = InlineArray<512, UInt16>(repeating: 0)

    /// The values that points are made of: the last 512.
    typealias Ring = InlineArray<512, Float>

    @inline(__always)
    static func value(_ ring: Span<Float>, _ point: Int, _ side: Int) -> Float { ring[(point - side) & 511] }

    /// Takes 64 of the last `history` points, each equally likely and none twice, and cuts them.
    /// - Parameter newest: the place of the newest point.
    mutating func grow(_ ring: Span<Float>, newest: Int, history: Int, random: inout SplitMix64) {
        // One out of each of 64 equal parts of the history.
        let part = history / Self.size
        for i in 0..<Self.size {
            let back = i * part + Int(random.next() >> 33) % part
            points[i] = UInt16((newest - back) & 511)
        }
        cut(ring, 0, Self.size, node: 0, &random)
    }

    private mutating func cut(
        _ ring: Span<Float>, _ start: Int, _ end: Int, node: Int, _ random: inout SplitMix64
    ) {
        // A point that stands alone needs no more than its place.
        if end - start < 2 { return }
        var lengths = SIMD4<Float>(repeating: 0)
        for side in 0..<Self.sides {
            var (lowest, highest) = (Int(points[start]), Int(points[start]))
            for i in start..<end {
                let point = Int(points[i])
                let v = Self.value(ring, point, side)
                if v < Self.value(ring, lowest, side) { lowest = point }
                if v > Self.value(ring, highest, side) { highest = point }
            }
            bounds[node * 8 + 2 * side] = UInt16(lowest)
            bounds[node * 8 + 2 * side + 1] = UInt16(highest)
            lengths[side] = Self.value(ring, highest, side) - Self.value(ring, lowest, side)
        }
        let sum = lengths.sum()
        cutSides[node] = Self.same
        if sum <= 0 { return }
        var left = random.fraction() * sum
        var side = 0
        while side < 3, left >= lengths[side] {
            left -= lengths[side]
            side += 1
        }
        let place = Self.value(ring, Int(bounds[node * 8 + 2 * side]), side) + smaller(left, lengths[side])
        var middle = start
        for i in start..<end where Self.value(ring, Int(points[i]), side) <= place {
            (points[i], points[middle]) = (points[middle], points[i])
            middle += 1
        }
        // A cut that fell on the highest point by rounding parts nothing: the points count as the same.
        if middle == end { return }
        cutSides[node] = UInt8(side)
        cuts[node] = place
        leftCounts[node] = UInt8(middle - start)
        cut(ring, start, middle, node: node + 1, &random)
        cut(ring, middle, end, node: node + middle - start, &random)
    }

    /// Moves the cuts, where the values of the ring were moved.
    mutating func shift(by distance: Float) {
        for i in 0..<Self.size { cuts[i] -= distance }
    }

    /// The collusive displacement that a point would have if it were put into the tree, as the expected value over the cut
    /// that parts it: how many points stand against it and its likes where that is most, 0 to 64.
    /// - Parameter tiny: a length that counts as none.
    /// It changes nothing, but only a function that might does not copy the tree.
    @inline(__always)
    mutating func displacement(of point: SIMD4<Float>, _ ring: Span<Float>, tiny: Float) -> Float {
        var expected: Float = 0
        var chance: Float = 1
        var most: Float = 0
        var node = 0
        var start = 0
        var count = Self.size
        while true {
            let isAlone = count == 1
            var length: Float = tiny
            var outside: Float = 0
            for side in 0..<Self.sides {
                let lowest = isAlone ? points[start] : bounds[node * 8 + 2 * side]
                let highest = isAlone ? lowest : bounds[node * 8 + 2 * side + 1]
                let low = Self.value(ring, Int(lowest), side)
                let high = Self.value(ring, Int(highest), side)
                length += high - low
                outside += larger(0, low - point[side]) + larger(0, point[side] - high)
            }
            let parted = outside > 0 ? outside / (length + outside) : 0
            expected += chance * parted * larger(most, Float(count))
            chance *= 1 - parted
            if isAlone || cutSides[node] == Self.same || chance < 1e-4 { return expected + chance * most }
            let side = cutSides[node]
            let left = Int(leftCounts[node])
            let isLeft = point[Int(side)] <= cuts[node]
            let own = isLeft ? left : count - left
            most = larger(most, Float(count - own) / Float(own + 1))
            node += isLeft ? 1 : left
            start += isLeft ? 0 : left
            count = own
        }
    }
}
