import Synchronization
import TestSupport
import Testing
import TimeSeries

@testable import SeriesIndexing

/// What must hold while many threads use one index; run them under the thread sanitizer too.
@Suite(.timeLimit(.minutes(2))) struct SeriesIndexConcurrencyTests {
    private static let series = (0..<64).map { number in
        Labels([("__name__", "up"), ("instance", "host-\(number)"), ("job", "node"), ("zone", "c")])
    }
    /// The canonical block first, then other orders.
    private static let blocks = series.map { labels in
        let pairs = labels.pairs.map { ($0.name, $0.value) }
        return permutations(pairs).prefix(7).map { block($0) }
    }

    /// What a block leads to must have the labels that the block says; what is left after a storm has no excuse.
    private static func checkConsistency(_ index: SeriesIndex) {
        var rows = Set<SeriesID>()
        for (number, blocks) in blocks.enumerated() {
            for (order, block) in blocks.enumerated() {
                guard let id = index.find(block.span) else { continue }
                rows.insert(id)
                #expect(index.labels(of: id) == series[number], "series \(number), order \(order)")
            }
        }
        let all = (0..<SeriesID.shardCount).flatMap { index.select(shard: $0, limit: .max) { _ in true } }
        #expect(Set(all) == rows)
        #expect(all.count == index.count)
    }

    @Test func `gives one row to a series that many threads register at once`() {
        for _ in 0..<50 {
            let index = SeriesIndex(seriesLimit: 1_000)
            let created = Atomic(0)
            let ids = Mutex<[Int: Set<SeriesID>]>([:])
            onThreads(8) { thread in
                for number in Self.series.indices {
                    let registration = index.register(Self.series[number], as: Self.blocks[number][thread % 7])
                    if case .created = registration { created.add(1, ordering: .relaxed) }
                    if let id = registration.id { ids.withLock { _ = $0[number, default: []].insert(id) } }
                }
            }
            #expect(created.load(ordering: .relaxed) == Self.series.count)
            #expect(index.count == Self.series.count)
            #expect(ids.withLock { $0.values.allSatisfy { $0.count == 1 } })
            Self.checkConsistency(index)
        }
    }

    @Test func `never lets more series in than its limit, however many threads try`() {
        let index = SeriesIndex(seriesLimit: 20)
        let created = Atomic(0)
        onThreads(8) { thread in
            for number in Self.series.indices {
                let labels = Self.series[(number + thread * 8) % Self.series.count]
                if case .created = index.register(labels) { created.add(1, ordering: .relaxed) }
                if index.count > 20 + 8 { Issue.record("\(index.count) series, the limit is 20") }
            }
        }
        #expect(created.load(ordering: .relaxed) == 20)
        #expect(index.count == 20)
        Self.checkConsistency(index)
    }

    @Test(arguments: 0..<4) func `stays consistent in a storm of finding, registering, evicting and rendering`(
        round: Int
    ) {
        let index = SeriesIndex(seriesLimit: 48)
        onThreads(8) { thread in
            var numbers = SeededRandom(seed: UInt64(100 * round + thread))
            var lookup = SeriesLookup()
            for _ in 0..<8_000 {
                let number = Int.random(in: Self.series.indices, using: &numbers)
                let order = Int.random(in: 0..<7, using: &numbers)
                switch thread {
                case 0:
                    let block = Self.blocks[number][order]
                    if let id = index.find(block.span) {
                        index.evict(shard: id.shard, rows: [UInt32(id.row)])
                    }
                case 1:
                    let shard = Int.random(in: 0..<SeriesID.shardCount, using: &numbers)
                    let rows: [UInt32] = [0, 1, 2, 3, 4]
                    index.withTexts(shard: shard, rows: rows.span) { _, labels in
                        var text: [UInt8] = []
                        for i in labels.indices { text.append(labels[i]) }
                        return RenderedText(text, isKept: true)
                    } _: { _, text in
                        if LabelBlock.value(of: Array("job".utf8), in: text) == nil { Issue.record("a text is broken") }
                    }
                case 2:
                    let request = LaidOut((0..<5).map { Self.blocks[(number + $0) % Self.blocks.count][order] })
                    index.find(request.slices.span, in: request.bytes.span, &lookup)
                    for id in lookup.ids where id != SeriesLookup.unknown {
                        _ = index.labels(of: SeriesID(rawValue: id))
                    }
                default:
                    let block = Self.blocks[number][order]
                    if index.find(block.span) == nil {
                        _ = index.register(Self.series[number], as: block)
                    }
                }
            }
        }
        Self.checkConsistency(index)
    }
}
