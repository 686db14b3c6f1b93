package import Detectors
internal import Exposition
internal import Histograms
package import RemoteWrite
package import Scoring
package import SeriesIndexing
internal import Synchronization
package import TimeSeries

/// The line that a sample walks, from a request's body to a score.
///
///     body -> decompress -> decode -> recognise the series -> signal -> detector -> calibrated score -> board
///                                                                 \-> histogram family -> its signals -> (as above)
///
/// The stages do not know each other; this file alone knows their order. A request is worked on by one thread from end to end,
/// in columns, without waiting for anything but a shard's lock.
package final class Pipeline: Sendable {
    package let index: SeriesIndex
    package let board: ScoreBoard
    package let metrics: SelfMetrics
    let families: HistogramFamilies
    private let workspaces: WorkspacePool
    private let settings: Settings
    private let largeRequests = Mutex(())

    /// - Throws: where the settings name a detector that cannot be had.
    package init(settings: Settings, metrics: SelfMetrics) throws(DetectorError) {
        self.settings = settings
        self.metrics = metrics
        index = SeriesIndex(seriesLimit: settings.seriesLimit)
        board = try ScoreBoard(settings.detection)
        families = HistogramFamilies(familyLimit: settings.histogramFamilyLimit)
        workspaces = WorkspacePool(
            limits: settings.labelLimits, droppedLabels: settings.droppedLabels, plan: settings.detection)
    }

    /// Takes a remote-write request and scores its samples.
    ///
    /// - Parameter now: our own clock; detection runs on the samples' time.
    package func receive(_ body: Span<UInt8>, as message: WriteProtocol, now: Timestamp) -> WriteResult {
        guard WriteRequest.isLarge(body) else { return take(body, as: message, now: now) }
        // One at a time, so that a few of them together cannot take many times the memory of one.
        return largeRequests.withLock { _ in take(body, as: message, now: now, isLarge: true) }
    }

    private func take(
        _ body: Span<UInt8>, as message: WriteProtocol, now: Timestamp, isLarge: Bool = false
    ) -> WriteResult {
        workspaces.withWorkspace { request, work in
            defer { if isLarge { request.giveBackMemory() } }
            let clock = ContinuousClock()
            let started = clock.now
            do throws(WriteRequestError) {
                try request.decode(body, as: message, limitBytes: settings.bodyLimitBytes)
            } catch {
                metrics.rejected(error.reason)
                return WriteResult(rejecting: error, message)
            }
            let decoded = clock.now
            learnMetadata(request.metadata)

            var counts = OutcomeCounts()
            var invalid = InvalidSeries(reasons: request.refused.map(\.rawValue))
            counts[.invalidSeries] += request.counts.refusedSamples
            var histograms = HistogramCounts()
            request.withBytes { bytes in
                index.find(request.series.span, in: bytes, &work.lookup)
                registerMissing(request.series, in: bytes, now: now, &work, &counts, &invalid)
                findHistograms(request, in: bytes, now: now, &work, &histograms, &invalid)
                checkBareSeries(request.bare, in: bytes, &work.labels, &invalid)
            }
            let window = timeWindow(at: now)
            let outside = work.batch.fill(
                slices: request.series.span, ids: work.lookup.ids, skipped: SeriesLookup.unknown,
                times: request.times, values: request.values, window: window)
            counts[.tooOld] += outside.tooOld
            counts[.tooFarAhead] += outside.tooFarAhead
            board.score(&work.batch, now: now, &counts)
            gatherParts(&work)
            takeHistograms(request, window: window, now: now, &work, &histograms)
            scoreSignals(now: now, &work, &histograms)

            let result = WriteResult(request, invalid: invalid, message)
            metrics.received(
                request, counts, histograms, as: message, decoding: decoded - started, scoring: clock.now - decoded)
            return result
        }
    }

    private func timeWindow(at now: Timestamp) -> ClosedRange<Timestamp> {
        now.advanced(
            byMilliseconds: -settings.sampleAgeLimit.milliseconds)...now.advanced(
                byMilliseconds: settings.sampleAheadLimit.milliseconds)
    }

    /// Metadata tells counters from gauges.
    private func learnMetadata(_ metadata: [WriteRequest.Metadata]) {
        for entry in metadata { board.names.declare(entry.family, as: entry.type) }
    }

    /// The slow way of series that the index did not recognise: decode the labels, check them, give the series a row.
    private func registerMissing(
        _ series: [SeriesSlice], in bytes: Span<UInt8>, now: Timestamp, _ work: inout Workspace.Tables,
        _ counts: inout OutcomeCounts, _ invalid: inout InvalidSeries
    ) {
        for place in work.lookup.missing {
            let slice = series[Int(place)]
            let block = bytes.extracting(slice.labels)
            let samples = Int(slice.sampleCount)
            if OwnSeries.contains(block) {
                counts[.ownSeries] += samples
                continue
            }
            do throws(LabelDecoder.Refusal) {
                let registration = try work.labels.withCanonical(block) { (labels, name) in
                    let registration = index.register(labels, block: block)
                    if case .created(let id) = registration {
                        let choice = begin(
                            id, name: name, type: slice.type, policy: work.policies.policy(for: labels), now: now)
                        if choice != .valueByMetadata { joinFamily(id, labels) }
                    }
                    return registration
                }
                if let id = registration.id {
                    work.lookup.ids[Int(place)] = id.rawValue
                } else {
                    counts[.seriesLimit] += samples
                    metrics.refusedByLimit()
                }
            } catch {
                counts[error.isInvalid ? .invalidSeries : .labelLimit] += samples
                metrics.refused(error)
                if error.isInvalid { invalid.add(slice, error.rawValue) }
            }
        }
    }

    func begin(_ id: SeriesID, name: Span<UInt8>, type: MetricType, policy: Int, now: Timestamp) -> SignalChoice {
        let name = String(decodingUTF8: name)
        if type != .unknown { board.names.declare(name, as: type) }
        metrics.createdSeries.increment()
        return board.begin(id, name: name, policy: policy, now: now)
    }

    /// Series with only exemplars get no row, but their labels must be valid all the same.
    private func checkBareSeries(
        _ series: [SeriesSlice], in bytes: Span<UInt8>, _ labels: inout LabelDecoder, _ invalid: inout InvalidSeries
    ) {
        for slice in series {
            do throws(LabelDecoder.Refusal) {
                try labels.withCanonical(bytes.extracting(slice.labels)) { (_, _) in }
            } catch {
                metrics.refused(error)
                if error.isInvalid { invalid.add(slice, error.rawValue) }
            }
        }
    }

    /// Forgets series that fell silent, so that their rows can be used again.
    package func evictIdleSeries(now: Timestamp) {
        let oldest = now.advanced(byMilliseconds: -settings.idleSeriesTimeout.milliseconds)
        families.releaseRested()
        for shard in 0..<SeriesID.shardCount {
            let forgotten = board.forgetIdle(shard: shard, before: oldest)
            leaveFamilies(forgotten, shard: shard)
            metrics.evictedSeries.increment(by: index.evict(shard: shard, rows: forgotten.rows))
        }
    }
}

/// What this process exposes itself comes back by remote write when Prometheus scrapes it; scoring scores would never end.
enum OwnSeries {
    static let prefixes = ["anomaly_", "lapwing_"]
    private static let prefixBytes = prefixes.map { Array($0.utf8) }
    private static let nameLabel = Array("__name__".utf8)

    static func contains(_ block: Span<UInt8>) -> Bool {
        var isOwn = false
        LabelBlock.forEachLabel(in: block) { name, value in
            guard starts(name, with: nameLabel), name.count == nameLabel.count else { return }
            isOwn = prefixBytes.contains { starts(value, with: $0) }
        }
        return isOwn
    }

    private static func starts(_ text: Span<UInt8>, with prefix: [UInt8]) -> Bool {
        guard text.count >= prefix.count else { return false }
        for i in prefix.indices where text[i] != prefix[i] { return false }
        return true
    }
}
