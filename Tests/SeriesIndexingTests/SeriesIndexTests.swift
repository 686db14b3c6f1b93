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
        let orders = permutations(labels.pairs.map { ($0.name, $0.value) }).map { block($0) }.filter { $0 != labels.block }
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

    // MARK: Finding a request's series

    @Test func `finds the series of a request in its order, doubled ones too, and names those it does not know`() {
        let index = SeriesIndex(seriesLimit: 100)
        let ids = (0..<40).compactMap { index.register(Self.labels($0)).id?.rawValue }
        var lookup = SeriesLookup()
        func find(_ numbers: [Int]) {
            let request = LaidOut(numbers.map { Self.labels($0).block })
            index.find(request.slices.span, in: request.bytes.span, &lookup)
        }
        let unknown = SeriesLookup.unknown
        find([3, 50, 1, 3, 3, 51, 50])
        #expect(lookup.ids == [ids[3], unknown, ids[1], ids[3], ids[3], unknown, unknown])
        #expect(lookup.missing == [1, 5, 6])
        // What one request left behind must not show in the next, be it larger, smaller or empty.
        find(Array(0..<45))
        #expect(lookup.ids == ids + [unknown, unknown, unknown, unknown, unknown])
        #expect(lookup.missing == [40, 41, 42, 43, 44])
        find([])
        #expect(lookup.ids.isEmpty && lookup.missing.isEmpty)
        find([39, 38])
        #expect(lookup.ids == [ids[39], ids[38]])
        #expect(lookup.missing.isEmpty)
    }

    @Test func `finds nothing in an index without series`() {
        let index = SeriesIndex(seriesLimit: 1)
        var lookup = SeriesLookup()
        let request = LaidOut([Self.labels(1).block, []])
        index.find(request.slices.span, in: request.bytes.span, &lookup)
        #expect(lookup.missing == [0, 1])
        #expect(Self.find([], in: index) == nil)
    }

    @Test func `is never taken in by a part of a block, or more than it`() {
        let index = SeriesIndex(seriesLimit: 10)
        let known = Self.labels(1).block
        _ = index.register(Self.labels(1))
        for length in 0..<known.count { #expect(Self.find(Array(known.prefix(length)), in: index) == nil) }
        #expect(Self.find(known + [0], in: index) == nil)
        #expect(Self.find(known, in: index) != nil)
    }

    // MARK: Reading

    @Test func `selects the series that match, up to a limit`() {
        let index = SeriesIndex(seriesLimit: 1_000)
        for number in 0..<400 { _ = index.register(Self.labels(number)) }
        let odd = { (labels: Span<UInt8>) in
            LabelBlock.value(of: Array("instance".utf8), in: labels)?.last.map { $0 & 1 == 1 } ?? false
        }
        let all = (0..<SeriesID.shardCount).flatMap { index.select(shard: $0, limit: .max, where: odd) }
        #expect(all.count == 200)
        #expect(Set(all).count == 200)
        #expect(index.select(shard: 0, limit: 3, where: odd) == Array(all.filter { $0.shard == 0 }.prefix(3)))
        #expect(index.select(shard: 0, limit: 0, where: odd).isEmpty)
        index.evict(shard: all[0].shard, rows: [UInt32(all[0].row)])
        #expect(!index.select(shard: all[0].shard, limit: .max, where: odd).contains(all[0]))
    }

    @Test func `lends labels and texts of rows, renders each once, and passes evicted rows over`() {
        let index = SeriesIndex(seriesLimit: 1_000)
        var ids: [SeriesID] = []
        for number in 0..<1_000 {
            if let id = index.register(Self.labels(number)).id, id.shard == 4 { ids.append(id) }
        }
        let rows = ids.map { UInt32($0.row) }
        #expect(rows.count > 2)
        index.evict(shard: 4, rows: [rows[1]])
        var renderings = 0
        for round in 0..<2 {
            var places: [Int] = []
            var lengths: [Int] = []
            index.withTexts(shard: 4, rows: (rows + [9_999]).span) { labels in
                renderings += 1
                var text: [UInt8] = []
                for i in labels.indices { text.append(labels[i]) }
                return RenderedText(text, isKept: true)
            } _: { place, text in
                places.append(place)
                lengths.append(text.count)
            }
            #expect(places == rows.indices.filter { $0 != 1 })
            #expect(lengths == places.map { index.labels(of: ids[$0])?.block.count })
            #expect(renderings == rows.count - 1, "round \(round)")
        }
        var lent: [Int: Labels] = [:]
        index.withLabels(shard: 4, rows: rows.span) { place, labels in
            var bytes: [UInt8] = []
            for i in labels.indices { bytes.append(labels[i]) }
            lent[place] = Labels(canonicalBlock: bytes)
        }
        #expect(lent.count == rows.count - 1)
        for (place, labels) in lent { #expect(index.labels(of: ids[place]) == labels) }
    }

    @Test func `says what memory it holds`() {
        let index = SeriesIndex(seriesLimit: 100_000)
        let empty = index.memory
        for number in 0..<20_000 { _ = index.register(Self.labels(number)) }
        let full = index.memory
        // Twenty thousand blocks of some eighty bytes, in pieces of a megabyte a shard.
        #expect(full.blocks - empty.blocks == SeriesID.shardCount << 20)
        #expect(full.tables > empty.tables)
        #expect(full.tables < 20_000 * 100)
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
