import TestSupport
import Testing
import TimeSeries

@testable import SeriesIndexing

@Suite struct SeriesIndexTests {
    private static func labels(_ number: Int) -> Labels {
        Labels([("__name__", "requests_total"), ("instance", "host-\(number)"), ("job", "api"), ("zone", "b")])
    }

    /// The labels in another order than the canonical one.
    private static func turned(_ labels: Labels, by places: Int) -> [UInt8] {
        let pairs = labels.pairs.map { ($0.name, $0.value) }
        return block(Array(pairs[places...] + pairs[..<places]))
    }

    private static func find(_ block: [UInt8], in index: SeriesIndex) -> SeriesID? { index.find(block.span) }

    // MARK: Registering

    @Test(arguments: [0, 1, 7, 5_000]) func `gives each set of labels one row`(count: Int) {
        let index = SeriesIndex(seriesLimit: 10_000)
        var ids: [SeriesID] = []
        for number in 0..<count {
            guard case .created(let id) = index.register(Self.labels(number)) else {
                Issue.record("series \(number) is not new")
                return
            }
            ids.append(id)
        }
        #expect(Set(ids).count == count)
        #expect(index.count == count)
        for number in 0..<count {
            #expect(index.register(Self.labels(number)) == .known(ids[number]))
            #expect(Self.find(Self.labels(number).block, in: index) == ids[number])
            #expect(index.labels(of: ids[number]) == Self.labels(number))
        }
        #expect(index.count == count)
        #expect(Self.find(Self.labels(count).block, in: index) == nil)
    }

    @Test func `numbers the rows of each shard from 0 without holes`() {
        let index = SeriesIndex(seriesLimit: 1_000)
        var rows = [[Int]](repeating: [], count: SeriesID.shardCount)
        for number in 0..<1_000 {
            if let id = index.register(Self.labels(number)).id { rows[id.shard].append(id.row) }
        }
        #expect(rows.allSatisfy { $0 == Array(0..<$0.count) })
        #expect(rows.allSatisfy { !$0.isEmpty })
    }

    // MARK: Aliases

    @Test func `leads every order of the same labels to one row`() {
        let index = SeriesIndex(seriesLimit: 10)
        let labels = Self.labels(1)
        let orders = permutations(labels.pairs.map { ($0.name, $0.value) }).map { block($0) }
        #expect(Set(orders).count == 24)
        guard let id = index.register(labels, as: orders[5]).id else {
            Issue.record("no row")
            return
        }
        for order in orders { #expect(index.register(labels, as: order) == .known(id)) }
        #expect(index.count == 1)
        // Registered by an alias alone, it is known by its canonical block all the same.
        #expect(Self.find(labels.block, in: index) == id)
        #expect(index.labels(of: id) == labels)
    }

    @Test func `remembers four aliases a series, the newest, and the canonical block always`() {
        let index = SeriesIndex(seriesLimit: 10)
        let labels = Self.labels(1)
        let orders = permutations(labels.pairs.map { ($0.name, $0.value) }).map { block($0) }.filter {
            $0 != labels.block
        }
        for (number, order) in orders.enumerated() {
            _ = index.register(labels, as: order)
            let known = orders.prefix(number + 1).map { Self.find($0, in: index) != nil }
            let expected = (0...number).map { $0 > number - 4 }
            #expect(known == expected)
            #expect(Self.find(labels.block, in: index) != nil)
        }
        // One that had to go comes back like a new one.
        _ = index.register(labels, as: orders[0])
        #expect(Self.find(orders[0], in: index) != nil)
        #expect(Self.find(orders[orders.count - 4], in: index) == nil)
    }

    @Test func `registers an alias that is known already only once`() {
        let index = SeriesIndex(seriesLimit: 10)
        let labels = Self.labels(1)
        let aliases = (1...3).map { Self.turned(labels, by: $0) }
        for _ in 0..<10 {
            for alias in aliases { _ = index.register(labels, as: alias) }
        }
        for alias in aliases { #expect(Self.find(alias, in: index) != nil) }
    }

    // MARK: The limit

    @Test func `refuses a series past its limit, while those it knows go on`() {
        let index = SeriesIndex(seriesLimit: 3)
        let ids = (0..<3).compactMap { index.register(Self.labels($0)).id }
        #expect(index.register(Self.labels(3)) == .full)
        #expect(index.register(Self.labels(3), as: Self.turned(Self.labels(3), by: 1)) == .full)
        #expect(index.count == 3)
        #expect(Self.find(Self.labels(3).block, in: index) == nil)
        #expect(Self.find(Self.turned(Self.labels(3), by: 1), in: index) == nil)
        for number in 0..<3 {
            let alias = Self.turned(Self.labels(number), by: 2)
            #expect(index.register(Self.labels(number), as: alias) == .known(ids[number]))
            #expect(Self.find(alias, in: index) == ids[number])
        }
        index.evict(shard: ids[1].shard, rows: [UInt32(ids[1].row)])
        guard case .created = index.register(Self.labels(3)) else {
            Issue.record("eviction made no room")
            return
        }
        #expect(index.register(Self.labels(4)) == .full)
    }

    // MARK: Eviction

    @Test func `forgets an evicted series with all its aliases`() {
        let index = SeriesIndex(seriesLimit: 10)
        let labels = Self.labels(1)
        let aliases = (1...3).map { Self.turned(labels, by: $0) }
        for alias in aliases { _ = index.register(labels, as: alias) }
        _ = index.register(Self.labels(2), as: Self.turned(Self.labels(2), by: 1))
        guard let id = Self.find(labels.block, in: index) else {
            Issue.record("no row")
            return
        }
        #expect(index.evict(shard: id.shard, rows: [UInt32(id.row)]) == 1)
        #expect(index.count == 1)
        #expect(index.labels(of: id) == nil)
        for block in aliases + [labels.block] { #expect(Self.find(block, in: index) == nil) }
        #expect(Self.find(Self.turned(Self.labels(2), by: 1), in: index) != nil)

        #expect(index.evict(shard: id.shard, rows: [UInt32(id.row)]) == 0)
        #expect(index.count == 1)
    }

    @Test func `uses the row of an evicted series only after the next sweep`() {
        let index = SeriesIndex(seriesLimit: 10_000)
        let first = index.register(Self.labels(0)).id ?? SeriesID(rawValue: 0)
        index.evict(shard: first.shard, rows: [UInt32(first.row)])
        var number = 1
        /// The row of the next new series of that shard.
        func nextRow() -> Int {
            while true {
                defer { number += 1 }
                if let id = index.register(Self.labels(number)).id, id.shard == first.shard { return id.row }
            }
        }
        #expect((0..<5).map { _ in nextRow() } == [1, 2, 3, 4, 5])
        index.evict(shard: (first.shard + 1) % SeriesID.shardCount, rows: [])
        #expect(nextRow() == 6)
        index.evict(shard: first.shard, rows: [])
        #expect(nextRow() == 0)
        #expect(nextRow() == 7)
    }

    // MARK: All together

    @Test func `agrees with a plain dictionary over random registrations and sweeps`() {
        let index = SeriesIndex(seriesLimit: 300)
        var numbers = SeededRandom(seed: 1)
        var known: [Int: SeriesID] = [:]
        var refused = 0
        for _ in 0..<30_000 {
            let number = Int.random(in: 0..<500, using: &numbers)
            let labels = Self.labels(number)
            switch Int.random(in: 0..<20, using: &numbers) {
            case 0:
                guard let id = known.removeValue(forKey: number) else { continue }
                #expect(index.evict(shard: id.shard, rows: [UInt32(id.row)]) == 1)
                #expect(Self.find(labels.block, in: index) == nil)
            case 1..<8:
                #expect(Self.find(labels.block, in: index) == known[number])
            default:
                let order = Self.turned(labels, by: Int.random(in: 0..<4, using: &numbers))
                switch index.register(labels, as: order) {
                case .known(let id): #expect(known[number] == id)
                case .created(let id):
                    #expect(known[number] == nil && !known.values.contains(id))
                    known[number] = id
                case .full:
                    refused += 1
                    #expect(known.count == 300)
                }
                if known[number] != nil { #expect(Self.find(order, in: index) == known[number]) }
            }
            #expect(index.count == known.count)
        }
        #expect(refused > 0)
        for (number, id) in known { #expect(index.labels(of: id) == Self.labels(number)) }
    }
}
