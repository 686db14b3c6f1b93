/// SHA-256 (FIPS 180-4), to compare large captures with what an independent decoder read from them.
package struct SHA256 {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var waiting: [UInt8] = []
    private var length: UInt64 = 0

    private static let primes: [UInt32] = {
        // The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
        var found: [UInt32] = []
        var candidate = 2
        while found.count < 64 {
            if (2..<candidate).allSatisfy({ candidate % $0 != 0 }) {
                found.append(cubeRootFraction(of: UInt64(candidate)))
            }
            candidate += 1
        }
        return found
    }()

    /// floor(cbrt(n) * 2^32) mod 2^32, by bisection in whole numbers.
    private static func cubeRootFraction(of number: UInt64) -> UInt32 {
        var low: UInt64 = 0
        var high: UInt64 = 1 << 36
        while high - low > 1 {
            let middle = (low + high) / 2
            // middle^3 <= number * 2^96, with middle below 2^36: the products need up to 108 bits.
            let square = middle.multipliedFullWidth(by: middle)
            let cubeLow = square.low.multipliedFullWidth(by: middle)
            let cubeHigh = cubeLow.high + square.high * middle
            if cubeHigh < number << 32 || (cubeHigh == number << 32 && cubeLow.low == 0) {
                low = middle
            } else {
                high = middle
            }
        }
        return UInt32(truncatingIfNeeded: low)
    }

    package init() {}

    package static func hex(_ bytes: [UInt8]) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            waiting.append(byte)
            length += 1
            if waiting.count == 64 { takeBlock() }
        }
    }

    /// The digest in hexadecimal digits.
    package consuming func finish() -> String {
        let bits = length * 8
        update([0x80])
        while waiting.count != 56 { update([0]) }
        update((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) })
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private mutating func takeBlock() {
        var words = [UInt32](repeating: 0, count: 64)
        for i in 0..<16 { words[i] = waiting[4 * i..<4 * i + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        for i in 16..<64 {
            let early = words[i - 15].rotated(7) ^ words[i - 15].rotated(18) ^ words[i - 15] >> 3
            let late = words[i - 2].rotated(17) ^ words[i - 2].rotated(19) ^ words[i - 2] >> 10
            words[i] = words[i - 16] &+ early &+ words[i - 7] &+ late
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for i in 0..<64 {
            let mixed = e.rotated(6) ^ e.rotated(11) ^ e.rotated(25)
            let first = h &+ mixed &+ (e & f ^ ~e & g) &+ Self.primes[i] &+ words[i]
            let second = (a.rotated(2) ^ a.rotated(13) ^ a.rotated(22)) &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= word }
        waiting.removeAll(keepingCapacity: true)
    }
}

extension UInt32 {
    fileprivate func rotated(_ distance: UInt32) -> UInt32 { self >> distance | self << (32 - distance) }
}
