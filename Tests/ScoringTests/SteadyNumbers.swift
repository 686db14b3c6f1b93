import Foundation

/// Random numbers that are the same in every run (SplitMix64).
struct SteadyNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// About normal, mean 0, deviation 1.
    mutating func noise() -> Double {
        (0..<12).reduce(-6.0) { sum, _ in sum + Double(next() >> 11) * 0x1p-53 }
    }
}

/// Runs a closure on threads of its own, all at once, and returns when they are done.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchGroup()
    for number in 0..<count {
        done.enter()
        Thread {
            body(number)
            done.leave()
        }.start()
    }
    done.wait()
}

/// All orders of some elements.
func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    if elements.count <= 1 { return [elements] }
    return elements.indices.flatMap { i in
        var rest = elements
        let first = rest.remove(at: i)
        return permutations(rest).map { [first] + $0 }
    }
}
