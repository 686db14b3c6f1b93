internal import Synchronization
internal import TimeSeries

/// Turns the buckets of histograms, classic and native, into signals that a person would look at.
///
/// A series is registered once and its part's id kept with it; its samples then go to ``take(_:into:)``, and out come values of the
/// family's rate, mean, quantiles and shape, each a series of its own for the detectors. It may be used from any thread:
/// families live in shards with a lock each.
///
/// - Memory, a family: 0.6 KiB, its labels, and 72 bytes a classic bucket or 32 a native one that was ever filled.
package final class HistogramFamilies: Sendable {
    /// The most buckets of one classic family.
    package static let bucketLimit = 320

    package enum Refusal: String, Sendable, CaseIterable {
        case tooManyFamilies = "too_many_families"
        case tooManyBuckets = "too_many_buckets"
    }

    package enum Registration: Equatable, Sendable {
        case part(PartID)
        /// The only bucket of its family for now: its `_sum` and `_count` are to be looked for, see
        /// ``HistogramFamilies/counterLabels(of:)``.
        case firstBucket(PartID)
        /// No `_bucket` with a bound, no `_sum` and no `_count`.
        case notAPart
        /// A `_sum` or `_count` of a family that nobody knows: of a summary, or its buckets are still to come.
        case noFamily
        case refused(Refusal)

        package var part: PartID? {
            switch self {
            case .part(let part), .firstBucket(let part): part
            case .notAPart, .noFamily, .refused: nil
            }
        }
    }

    /// Families by what they are looked at as.
    package struct Kinds: Equatable, Sendable {
        package var classic = 0
        package var native = 0
        /// Without a whole scrape so far.
        package var new = 0

        package init(classic: Int = 0, native: Int = 0, new: Int = 0) {
            self.classic = classic
            self.native = native
            self.new = new
        }
    }

    package struct Counts: Equatable, Sendable {
        package var families = 0
        package var parts = 0
        /// Series that were refused for a limit.
        package var refused = 0
        /// Samples older than a scrape that is closed, and samples that came twice.
        package var late = 0
        package var duplicates = 0

        package init() {}
    }

    private final class Shard: Sendable {
        let state: Mutex<FamilyShard>

        init(number: Int) { state = Mutex(FamilyShard(number: number)) }
    }

    package static let shardCount = 16
    private let shards: [Shard]
    private let familyLimit: Int

    /// - Parameter familyLimit: the most families in all; those past it are refused.
    package init(familyLimit: Int) {
        precondition(familyLimit > 0)
        // By a random spread of labels the fullest shard of 16 has little more than its share.
        self.familyLimit = min((familyLimit + Self.shardCount - 1) / Self.shardCount, 1 << 27)
        shards = (0..<Self.shardCount).map { Shard(number: $0) }
    }

    // MARK: Series

    /// Registers a series by its canonical label block as a part of a classic family.
    ///
    /// A `_bucket` makes a family; `_sum` and `_count` alone do not, since most of them are a summary's.
    package func register(_ labels: Span<UInt8>) -> Registration {
        guard let key = FamilyKey(labels) else { return .notAPart }
        return register(key.block, key.role)
    }

    /// Registers a series that carries native histograms: a family by itself. Where there is a classic one of the same name and
    /// labels it becomes one with that.
    package func registerNative(_ labels: Span<UInt8>) -> Registration { register([UInt8](labels), nil) }

    private func register(_ key: [UInt8], _ role: FamilyKey.Role?) -> Registration {
        var hasher = Hasher()
        hasher.combine(key)
        let shard = hasher.finalize() & (Self.shardCount - 1)
        return shards[shard].state.withLock { $0.register(key, role, familyLimit: familyLimit) }
    }

    /// Forgets a series; with the last one, its family. Samples of it that are still on their way are dropped.
    package func forget(_ part: PartID) {
        shards[part.shard].state.withLock { $0.forget(part.place) }
    }

    /// Whether a part is a bucket, and not a sum, a count or a native histogram.
    package func isBucket(_ part: PartID) -> Bool { shards[part.shard].state.withLock { $0.isBucket(part.place) } }

    /// The canonical label blocks of the `_sum` and the `_count` of a part's family.
    package func counterLabels(of part: PartID) -> [[UInt8]] {
        shards[part.shard].state.withLock { $0.counterLabels(of: part.place) }
    }

    /// Lets the ids be used again that were given back before the last call. Call it as often as series are looked through for
    /// idle ones: a request lasts less than the time between two calls, so nobody then holds such an id.
    package func releaseRested() {
        for shard in shards { shard.state.withLock { $0.releaseRested() } }
    }

    /// The family of a part, for ``labels(of:signal:)``.
    package func family(of part: PartID) -> FamilyID? {
        shards[part.shard].state.withLock { $0.familyID(of: part.place) }
    }

    // MARK: Samples

    /// Takes classic samples, locking each shard once.
    /// - Parameter signals: gets the values of all scrapes that became complete; it is not emptied.
    package func take(_ batch: inout PartBatch, into signals: inout [SignalValue]) {
        for number in shards.indices where !batch.isEmpty(shard: number) {
            shards[number].state.withLock { shard in
                batch.drain(shard: number) { shard.take($0, into: &signals) }
            }
        }
    }

    /// Takes a native histogram.
    /// - Parameters:
    ///   - indices, counts: a bucket's number and how many it holds.
    ///   - bounds: of custom buckets.
    package func take(
        _ sample: NativeSample, _ buckets: NativeBuckets, indices: Span<Int32>, counts: Span<Double>,
        bounds: Span<Double>, of part: PartID, into signals: inout [SignalValue]
    ) {
        shards[part.shard].state.withLock {
            $0.take(sample, buckets, indices: indices, counts: counts, bounds: bounds, of: part, into: &signals)
        }
    }

    // MARK: Signals

    /// The canonical label block of a family: the bare name, and no `le`; nil where the family is gone.
    package func labels(of family: FamilyID) -> [UInt8]? {
        shards[family.shard].state.withLock { $0.labels(family.place) }
    }

    /// The canonical label block of a signal's own series; nil where the family is gone.
    package func labels(of family: FamilyID, signal: HistogramSignal) -> [UInt8]? {
        shards[family.shard].state.withLock { $0.labels(family.place, signal) }
    }

    /// Notes the series of a signal, so that ``SignalValue/series`` says it from now on.
    package func bind(_ signal: HistogramSignal, of family: FamilyID, to series: UInt32) {
        shards[family.shard].state.withLock { $0.bind(family.place, signal, to: series) }
    }

    /// Takes ``bind(_:of:to:)`` back, when the signal's series is evicted. Nothing happens where another one was bound since.
    package func unbind(_ family: FamilyID, from series: UInt32) {
        shards[family.shard].state.withLock { $0.unbind(family.place, from: series) }
    }

    // MARK: Self-metrics

    package var counts: Counts {
        shards.reduce(into: Counts()) { sum, shard in
            let part = shard.state.withLock { $0.counts }
            sum.families += part.families
            sum.parts += part.parts
            sum.refused += part.refused
            sum.late += part.late
            sum.duplicates += part.duplicates
        }
    }

    /// - Complexity: O(families).
    package var kinds: Kinds {
        shards.reduce(into: Kinds()) { sum, shard in
            let part = shard.state.withLock { $0.kinds }
            sum.classic += part.classic
            sum.native += part.native
            sum.new += part.new
        }
    }

    package var memoryBytes: Int {
        shards.reduce(0) { $0 + $1.state.withLock { $0.memoryBytes } }
    }
}
