import Foundation

/// Works on items, one a core at once, and gives what came of them in their order.
func inParallel<Item: Sendable, Outcome: Sendable>(
    _ items: [Item], _ work: @escaping @Sendable (Item) -> Outcome
) async -> [Outcome] {
    // At least two, since reading and writing wait; at most sixteen, since an input may take gigabytes.
    let limit = min(max(ProcessInfo.processInfo.activeProcessorCount, 2), 16)
    return await withTaskGroup(of: (place: Int, outcome: Outcome).self) { group in
        var outcomes = [Outcome?](repeating: nil, count: items.count)
        var next = 0
        func start() {
            guard next < items.count else { return }
            let place = next
            next += 1
            group.addTask { (place, work(items[place])) }
        }
        for _ in 0..<limit { start() }
        while let (place, outcome) = await group.next() {
            outcomes[place] = outcome
            start()
        }
        return outcomes.compactMap { $0 }
    }
}
