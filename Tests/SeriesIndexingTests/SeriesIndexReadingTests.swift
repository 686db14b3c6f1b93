import TestSupport
import Testing
import TimeSeries

@testable import SeriesIndexing

@Suite struct SeriesIndexReadingTests {
    private static func labels(_ number: Int) -> Labels {
        Labels([("__name__", "requests_total"), ("instance", "host-\(number)"), ("job", "api"), ("zone", "b")])
    }

    private static func find(_ block: [UInt8], in index: SeriesIndex) -> SeriesID? { index.find(block.span) }

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
            index.withTexts(shard: 4, rows: (rows + [9_999]).span) { _, labels in
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
}
