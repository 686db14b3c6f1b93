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

    package enum Refusal: String, Sendable {
        case tooManyFamilies = "too_many_families"
        case tooManyBuckets = "too_many_buckets"
    }

    package enum Registration: Equatable, Sendable {
        case part(PartID)
        /// No `_bucket` with a bound, no `_sum` and no `_count`.
        case notAPart
        case refused(Refusal)
    }

    package struct Counts: Equatable, Sendable {
        package var families = 0
        package var parts = 0
        /// Series that were refused for a limit.
        package var refused = 0
        /// Samples older than a scrape that is closed, and samples that came twice.
        package var late = 0
        package var duplicates = 0
    }

    private final class Shard: Sendable {
        let state: Mutex<FamilyShard>

        init(number: Int) { state = Mutex(FamilyShard(number: number)) }
    }

    package static let shardCount = 16
    private let shards: [Shard]
    private let familyLimit: Int

    /// - Parameter familyLimit: the most families in all; those past it are refused. A sum or count alone makes a family too,
    ///   since its buckets may come later.
    package init(familyLimit: Int) {
        precondition(familyLimit > 0)
        // By a random spread of labels the fullest shard of 16 has little more than its share.
        self.familyLimit = min((familyLimit + Self.shardCount - 1) / Self.shardCount, 1 << 27)
        shards = (0..<Self.shardCount).map { Shard(number: $0) }
    }

    // MARK: Series

    /// Registers a series by its canonical label block as a part of a classic family.
    ///
    /// Ask for `_bucket`, and for `_sum` and `_count` unless metadata says that they are a summary's.
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

    /// The canonical label block of a signal's own series; nil where the family is gone.
    package func labels(of family: FamilyID, signal: HistogramSignal) -> [UInt8]? {
        shards[family.shard].state.withLock { $0.labels(family.place, signal) }
    }

    /// Notes the series of a signal, so that ``SignalValue/series`` says it from now on.
    package func bind(_ signal: HistogramSignal, of family: FamilyID, to series: UInt32) {
        shards[family.shard].state.withLock { $0.bind(family.place, signal, to: series) }
    }

    /// Takes ``bind(_:of:to:)`` back, when the signal's series is evicted. Nothing happens where another one was bound since.
    package func unbind(_ signal: HistogramSignal, of family: FamilyID, from series: UInt32) {
        shards[family.shard].state.withLock { $0.unbind(family.place, signal, from: series) }
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

    package var memoryBytes: Int {
        shards.reduce(0) { $0 + $1.state.withLock { $0.memoryBytes } }
    }
}
