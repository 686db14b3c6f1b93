/// A regular expression as steps of a machine that follows every alternative at the same time.
struct RegexProgram: Sendable {
    /// Steps of the longest program: with it one character costs some microseconds at the very worst.
    static let instructionLimit = 4_000

    private enum Instruction {
        case scalar(set: Int)
        case split(Int, Int)
        case jump(Int)
        case assertion(RegexAssertion)
        case match
    }

    /// Ranges of characters, with a bit for each ASCII one.
    private struct ScalarSet {
        let ranges: [ClosedRange<UInt32>]
        let low: UInt64
        let high: UInt64

        init(_ ranges: [ClosedRange<UInt32>]) {
            self.ranges = ranges
            var low: UInt64 = 0
            var high: UInt64 = 0
            for range in ranges where range.lowerBound < 128 {
                for scalar in range.clamped(to: 0...127) {
                    if scalar < 64 { low |= 1 << UInt64(scalar) } else { high |= 1 << UInt64(scalar - 64) }
                }
            }
            self.low = low
            self.high = high
        }

        func contains(_ scalar: UInt32) -> Bool {
            if scalar < 64 { return low >> UInt64(scalar) & 1 == 1 }
            if scalar < 128 { return high >> UInt64(scalar - 64) & 1 == 1 }
            return ranges.contains { $0.contains(scalar) }
        }
    }

    private var instructions: [Instruction] = []
    private var sets: [ScalarSet] = []

    init(_ node: RegexNode, text: String) throws(SelectorError) {
        guard add(node), add(.match) else {
            throw SelectorError(
                "the regular expression \(PromQLText.quoted(text)) needs more than \(Self.instructionLimit) steps; "
                    + "use smaller repeat counts or fewer alternatives")
        }
    }

    /// False where the program grew past its limit.
    private mutating func add(_ instruction: Instruction) -> Bool {
        instructions.append(instruction)
        return instructions.count <= Self.instructionLimit
    }

    private mutating func add(_ node: RegexNode) -> Bool {
        switch node {
        case .empty: return true
        case .scalars(let ranges):
            sets.append(ScalarSet(ranges))
            return add(.scalar(set: sets.count - 1))
        case .assertion(let assertion): return add(Instruction.assertion(assertion))
        case .sequence(let parts):
            for part in parts { guard add(part) else { return false } }
            return true
        case .choice(let choices): return add(choices: choices)
        case .repetition(let part, let min, let max): return add(repeated: part, min: min, max: max)
        }
    }

    private mutating func add(choices: [RegexNode]) -> Bool {
        var jumps: [Int] = []
        for (i, choice) in choices.enumerated() {
            let split = instructions.count
            let isLast = i == choices.count - 1
            if !isLast { guard add(.jump(0)) else { return false } }
            guard add(choice) else { return false }
            if !isLast {
                jumps.append(instructions.count)
                guard add(.jump(0)) else { return false }
                instructions[split] = .split(split + 1, instructions.count)
            }
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
        return true
    }

    private mutating func add(repeated part: RegexNode, min: Int, max: Int?) -> Bool {
        for _ in 0..<min { guard add(part) else { return false } }
        guard let max else {
            let split = instructions.count
            guard add(.jump(0)), add(part), add(.jump(split)) else { return false }
            instructions[split] = .split(split + 1, instructions.count)
            return true
        }
        var splits: [Int] = []
        for _ in min..<max {
            splits.append(instructions.count)
            guard add(.jump(0)), add(part) else { return false }
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
        return true
    }

    /// Whether the whole of a value matches. What is not UTF-8 counts as U+FFFD, a byte each.
    func matches(_ value: Span<UInt8>, scratch: inout RegexScratch) -> Bool {
        scratch.prepare(for: instructions.count)
        var at = 0
        var previous: UInt32?
        var next = value.scalar(at: &at)
        scratch.clearNext()
        follow(0, between: previous, and: next, scratch: &scratch)
        scratch.turn()
        while let scalar = next {
            previous = scalar
            next = value.scalar(at: &at)
            scratch.clearNext()
            for i in 0..<scratch.currentCount {
                let step = Int(scratch.current[i])
                if case .scalar(let set) = instructions[step], sets[set].contains(scalar) {
                    follow(step + 1, between: previous, and: next, scratch: &scratch)
                }
            }
            scratch.turn()
            if scratch.currentCount == 0 { return false }
        }
        for i in 0..<scratch.currentCount {
            if case .match = instructions[Int(scratch.current[i])] { return true }
        }
        return false
    }

    /// Notes every step that can be reached from `start` without taking a character.
    private func follow(_ start: Int, between left: UInt32?, and right: UInt32?, scratch: inout RegexScratch) {
        scratch.stack.append(Int32(truncatingIfNeeded: start))
        while let top = scratch.stack.popLast() {
            guard scratch.insertNext(top) else { continue }
            let step = Int(top)
            switch instructions[step] {
            case .scalar, .match: continue
            case .jump(let target): scratch.stack.append(Int32(truncatingIfNeeded: target))
            case .split(let first, let second):
                scratch.stack.append(Int32(truncatingIfNeeded: first))
                scratch.stack.append(Int32(truncatingIfNeeded: second))
            case .assertion(let assertion):
                if assertion.holds(between: left, and: right) { scratch.stack.append(top + 1) }
            }
        }
    }
}

/// The steps that a program stands on; kept between values so that matching does not allocate.
struct RegexScratch {
    fileprivate var current: [Int32] = []
    fileprivate var currentCount = 0
    fileprivate var stack: [Int32] = []
    private var next: [Int32] = []
    private var nextCount = 0
    /// The turn in which a step was last noted, so that clearing costs nothing.
    private var noted: [UInt64] = []
    private var turnNumber: UInt64 = 0

    init() {}

    fileprivate mutating func prepare(for count: Int) {
        if noted.count < count {
            let missing = count - noted.count
            noted += repeatElement(0, count: missing)
            current += repeatElement(0, count: missing)
            next += repeatElement(0, count: missing)
        }
    }

    fileprivate mutating func clearNext() {
        nextCount = 0
        turnNumber += 1
    }

    /// False where the step was noted before.
    fileprivate mutating func insertNext(_ step: Int32) -> Bool {
        let index = Int(step)
        if noted[index] == turnNumber { return false }
        noted[index] = turnNumber
        next[nextCount] = step
        nextCount += 1
        return true
    }

    fileprivate mutating func turn() {
        swap(&current, &next)
        currentCount = nextCount
    }
}

extension Span<UInt8> {
    /// The character at a place, which moves behind it; nil at the end.
    fileprivate func scalar(at index: inout Int) -> UInt32? {
        guard index < count else { return nil }
        let first = self[index]
        index += 1
        if first < 0x80 { return UInt32(first) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
        guard length > 0, first < 0xF5, index + length - 1 <= count else { return 0xFFFD }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for i in 0..<length - 1 {
            guard self[index + i] & 0xC0 == 0x80 else { return 0xFFFD }
            value = value << 6 | UInt32(self[index + i] & 0x3F)
        }
        index += length - 1
        return value
    }
}
