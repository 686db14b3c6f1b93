internal import Exposition
internal import Histograms
internal import RemoteWrite
internal import Scoring
internal import SeriesIndexing
internal import TimeSeries

/// What became of a request's native histograms, and of the values that were worked out from histogram families.
struct HistogramCounts {
    var natives = OutcomeCounts()
    var values = OutcomeCounts()
}

/// Histograms are scored as families: their parts are gathered, and the signals of each are series like any other.
extension Pipeline {
    // MARK: Classic parts

    /// Registers a new series as a part of a histogram family, where it is one.
    ///
    /// A sum or count joins when there are buckets; those that came before the first bucket are looked for then. Of a bucket and
    /// a sum that are registered at the same time at least one finds the other, since each is to be found before it looks.
    func joinFamily(_ id: SeriesID, _ labels: Span<UInt8>) {
        switch families.register(labels) {
        case .notAPart, .noFamily: break
        case .refused(let reason): metrics.refused(reason)
        case .part(let part): join(id, part, as: families.isBucket(part) ? .bucket : .counter)
        case .firstBucket(let part):
            join(id, part, as: .bucket)
            for labels in families.counterLabels(of: part) {
                guard let counter = index.find(labels.span), let part = families.register(labels.span).part else {
                    continue
                }
                join(counter, part, as: .counter)
            }
        }
    }

    private func join(_ id: SeriesID, _ part: PartID, as kind: HistogramPart) {
        if !board.mark(id, part: part.rawValue, as: kind) { families.forget(part) }
    }

    /// Gives the families what the shards took for them.
    func gatherParts(_ work: inout Workspace.Tables) {
        var released: [PartID] = []
        work.batch.drainParts {
            released.append(PartID(rawValue: $0))
        } _: {
            work.parts.append(PartID(rawValue: $0), time: $1, value: $2)
        }
        if !work.parts.isEmpty { families.take(&work.parts, into: &work.signals) }
        for part in released { families.forget(part) }
    }

    // MARK: Native histograms

    /// Finds the series of a request's native histograms, and gives those that are new a row.
    func findHistograms(
        _ request: borrowing WriteRequest, in bytes: Span<UInt8>, now: Timestamp, _ work: inout Workspace.Tables,
        _ counts: inout HistogramCounts, _ invalid: inout InvalidSeries
    ) {
        guard !request.histogramSeries.isEmpty else { return }
        index.find(request.histogramSeries.span, in: bytes, &work.histogramLookup)
        for place in work.histogramLookup.missing {
            let slice = request.histogramSeries[Int(place)]
            let block = bytes.extracting(slice.labels)
            let outcome: SampleOutcome
            if OwnSeries.contains(block) {
                outcome = .ownSeries
            } else {
                do throws(LabelDecoder.Refusal) {
                    let id = try register(slice, block, now: now, &work)
                    if let id {
                        work.histogramLookup.ids[Int(place)] = id.rawValue
                        continue
                    }
                    outcome = .seriesLimit
                    metrics.refusedByLimit()
                } catch {
                    outcome = error.isInvalid ? .invalidSeries : .labelLimit
                    // A series that has samples too was told of with those.
                    if slice.histogramCount > 0 {
                        metrics.refused(error)
                        if error.isInvalid { invalid.add(histograms: slice, error.rawValue) }
                    }
                }
            }
            counts.natives[outcome] += Int(slice.sampleCount)
        }
    }

    private func register(
        _ slice: SeriesSlice, _ block: Span<UInt8>, now: Timestamp, _ work: inout Workspace.Tables
    ) throws(LabelDecoder.Refusal) -> SeriesID? {
        try work.labels.withCanonical(block) { (labels, name) in
            let registration = index.register(labels, block: block)
            if case .created(let id) = registration {
                _ = begin(id, name: name, type: slice.type, policy: work.policies.policy(for: labels), now: now)
                _ = joinFamily(native: id, labels)
            }
            return registration.id
        }
    }

    /// - Returns: false where the series is another family's part, or there are too many families.
    private func joinFamily(native id: SeriesID, _ labels: Span<UInt8>) -> Bool {
        let registration = families.registerNative(labels)
        if case .refused(let reason) = registration { metrics.refused(reason) }
        guard let part = registration.part else { return false }
        join(id, part, as: .native)
        return true
    }

    /// Hands the native histograms of a request to their families.
    func takeHistograms(
        _ request: borrowing WriteRequest, window: ClosedRange<Timestamp>, now: Timestamp,
        _ work: inout Workspace.Tables, _ counts: inout HistogramCounts
    ) {
        for (place, slice) in request.histogramSeries.enumerated() {
            guard work.histogramLookup.ids[place] != SeriesLookup.unknown else { continue }
            let id = SeriesID(rawValue: work.histogramLookup.ids[place])
            for i in slice.samples {
                let histogram = request.histograms[i]
                if histogram.time < window.lowerBound {
                    counts.natives[.tooOld] += 1
                } else if window.upperBound < histogram.time {
                    counts.natives[.tooFarAhead] += 1
                } else {
                    let taken = take(histogram, of: id, now: now)
                    counts.natives[taken?.outcome ?? .histogramLimit] += 1
                    guard let (outcome, part) = taken, outcome == .histogramPart || outcome == .stale else { continue }
                    families.take(
                        NativeSample(histogram),
                        NativeBuckets(
                            negative: histogram.negativeBuckets, positive: histogram.positiveBuckets,
                            bounds: histogram.bounds),
                        indices: request.bucketIndices.span, counts: request.bucketCounts.span,
                        bounds: request.bounds.span, of: PartID(rawValue: part), into: &work.signals)
                }
            }
        }
    }

    private func take(
        _ histogram: NativeHistogram, of id: SeriesID, now: Timestamp
    ) -> (outcome: SampleOutcome, part: UInt32)? {
        let count = histogram.isStale ? Double(bitPattern: StaleMarker.bitPattern) : histogram.count
        if let taken = board.takeHistogram(id, count: count, at: histogram.time, now: now) { return taken }
        // A series that had samples so far, or whose first request is still at work elsewhere.
        guard let labels = index.labels(of: id), joinFamily(native: id, labels.block.span) else { return nil }
        return board.takeHistogram(id, count: count, at: histogram.time, now: now)
    }

    // MARK: Signals

    /// Scores what was worked out from the families in this request.
    func scoreSignals(now: Timestamp, _ work: inout Workspace.Tables, _ counts: inout HistogramCounts) {
        guard !work.signals.isEmpty else { return }
        work.values.removeAll(keepingCapacity: true)
        for signal in work.signals {
            var series = signal.series
            if series == SignalValue.unbound {
                guard let bound = bind(signal, now: now, &work.policies) else {
                    counts.values[.seriesLimit] += 1
                    continue
                }
                series = bound
            }
            if series == SignalValue.unwanted {
                counts.values[.ownSeries] += 1
            } else {
                work.values.append(
                    SeriesValue(id: SeriesID(rawValue: series), time: signal.time, value: signal.value))
            }
        }
        work.signals.removeAll(keepingCapacity: work.signals.capacity <= 1 << 14)
        work.derived.fill(derived: work.values)
        board.score(&work.derived, now: now, &counts.values)
    }

    /// Gives a signal its series.
    /// - Returns: what ``SignalValue/series`` is to say; nil where there is no room.
    private func bind(_ signal: SignalValue, now: Timestamp, _ policies: inout PolicyChooser) -> UInt32? {
        guard let labels = families.labels(of: signal.family, signal: signal.signal),
            labels.count <= SeriesIndex.labelLimitBytes
        else { return SignalValue.unwanted }
        let registration = index.register(labels.span, block: labels.span)
        guard let id = registration.id else {
            metrics.refusedByLimit()
            return nil
        }
        if case .created = registration { metrics.createdSeries.increment() }
        let isOurs = board.beginSignal(
            id, of: signal.family.rawValue, policy: policies.policy(for: labels.span), now: now)
        let series = isOurs ? id.rawValue : SignalValue.unwanted
        families.bind(signal.signal, of: signal.family, to: series)
        return series
    }

    // MARK: Eviction

    /// Tells the families which series are forgotten.
    func leaveFamilies(_ forgotten: ForgottenSeries, shard: Int) {
        for part in forgotten.parts { families.forget(PartID(rawValue: part)) }
        for signal in forgotten.signals {
            families.unbind(
                FamilyID(rawValue: signal.family), from: SeriesID(shard: shard, row: Int(signal.row)).rawValue)
        }
    }
}

extension NativeSample {
    fileprivate init(_ histogram: NativeHistogram) {
        let kind: Kind =
            if !histogram.hasBuckets {
                .bucketless
            } else if histogram.schema == NativeHistogram.customSchema {
                .custom
            } else {
                .exponential(schema: histogram.schema)
            }
        self.init(
            time: histogram.time, count: histogram.count, sum: histogram.sum, zeroCount: histogram.zeroCount,
            zeroThreshold: histogram.zeroThreshold, kind: kind, isReset: histogram.resetHint == .yes,
            isGauge: histogram.resetHint == .gauge)
    }
}
