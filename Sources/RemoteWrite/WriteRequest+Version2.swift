internal import CRemoteWrite
internal import TimeSeries

extension WriteRequest {
    /// Walks `Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }`.
    ///
    /// Symbols may stand behind the series that use them, so they are collected first.
    mutating func walkVersion2(_ message: WireReader, path: Path) throws(WriteRequestError) {
        symbols.removeAll()
        try forEachField(of: message) { (request, number, part) in
            if number == 4 { request.symbols.append(part) }
        }
        try forEachField(of: message) { (request, number, part) throws(WriteRequestError) in
            guard number == 5 else { return }
            let firstSample = request.times.count
            let rebuiltBefore = request.rebuilt.count
            let before = request.counts
            if path == .recognising, request.walkSeriesVersion2(part) { return }
            request.counts = before
            request.times.removeSubrange(firstSample...)
            request.values.removeSubrange(firstSample...)
            request.rebuilt.shrink(to: rebuiltBefore)
            try request.decodeSeriesVersion2(part)
        }
    }

    private mutating func forEachField(
        of message: WireReader,
        _ body: (inout WriteRequest, _ number: UInt64, _ part: WireReader) throws(WriteRequestError) -> Void
    ) throws(WriteRequestError) {
        var reader = message
        while !reader.isAtEnd {
            guard let tag = reader.tag() else { throw .malformedProtobuf("a field tag is cut off or 0") }
            switch tag {
            case 0x22, 0x2A:
                guard let part = reader.message() else { throw .malformedProtobuf("a symbol or TimeSeries is cut off") }
                try body(&self, tag >> 3, part)
            default:
                guard tag >> 3 != 4, tag >> 3 != 5, reader.skipField(wireType: tag & 7) else {
                    throw .malformedProtobuf("field \(tag >> 3) has wire type \(tag & 7) or is cut off")
                }
            }
        }
    }

    /// Reads one TimeSeries in the layout that senders use: one packed list of references first, samples and metadata behind.
    /// - Returns: false where there is anything else in it.
    private mutating func walkSeriesVersion2(_ message: WireReader) -> Bool {
        var reader = message
        guard !reader.isAtEnd, reader.next == 0x0A else { return false }
        reader.skip(1)
        guard var references = reader.message() else { return false }
        var slice = SeriesSlice(
            labelStart: UInt32(truncatingIfNeeded: rebuilt.count) | Self.rebuiltMark, labelLength: 0,
            firstSample: UInt32(truncatingIfNeeded: times.count), sampleCount: 0)
        while !references.isAtEnd {
            guard let name = references.varint(), let value = references.varint(),
                symbols.appendLabel(name: name, value: value, to: &rebuilt, limitBytes: limitBytes)
            else { return false }
        }
        slice.labelLength = UInt32(truncatingIfNeeded: rebuilt.count) - (slice.labelStart & ~Self.rebuiltMark)
        var startTime: Int64 = 0
        var created: UInt64 = 0
        while !reader.isAtEnd {
            let tag = reader.next
            reader.skip(1)
            switch tag {
            case 0x12:
                guard let part = reader.message(), appendSample(part, startTime: &startTime) else { return false }
                slice.sampleCount += 1
            case 0x2A:
                guard let part = reader.message(), let type = metadataType(part) else { return false }
                slice.type = type
            case 0x30:
                guard let value = reader.varint() else { return false }
                created = value
            default: return false
            }
        }
        if slice.type == .unknown && (startTime != 0 || created != 0) { slice.type = .counter }
        if slice.type != .unknown { counts.metadata += 1 }
        counts.samples += Int(slice.sampleCount)
        finish(slice)
        return true
    }

    /// Reads `Metadata { type = 1; help_ref = 3; unit_ref = 4 }`; nil where there is anything else in it, or
    /// a reference without a symbol.
    private func metadataType(_ message: WireReader) -> MetricType? {
        var reader = message
        var type = MetricType.unknown
        while !reader.isAtEnd {
            let tag = reader.next
            reader.skip(1)
            guard tag == 0x08 || tag == 0x18 || tag == 0x20, let value = reader.varint() else { return nil }
            if tag == 0x08 {
                type = MetricType(wire: Int32(truncatingIfNeeded: value))
            } else if value != 0 && value >= UInt64(symbols.count) {
                return nil
            }
        }
        return type
    }

    /// The slow and complete way: one TimeSeries by libprotobuf-c.
    private mutating func decodeSeriesVersion2(_ message: WireReader) throws(WriteRequestError) {
        defer { arena.reset() }
        guard let decoded = unsafe rw__time_series_v2__unpack(arena.allocator, message.remaining, message.at) else {
            throw .malformedProtobuf("libprotobuf-c cannot read a TimeSeries")
        }
        counts.unusual += 1
        let firstSample = times.count
        // Safe: protobuf-c's arrays have the lengths that it names.
        var slice = SeriesSlice(
            labelStart: UInt32(truncatingIfNeeded: rebuilt.count) | Self.rebuiltMark, labelLength: 0,
            firstSample: UInt32(truncatingIfNeeded: firstSample), sampleCount: 0)
        let references = unsafe UnsafeBufferPointer(
            start: decoded.pointee.labels_refs, count: decoded.pointee.n_labels_refs)
        let sampleCount = unsafe decoded.pointee.n_samples
        guard unsafe areValid(references) else {
            return refuse(.invalidReference, firstSample: firstSample, samples: sampleCount)
        }
        try unsafe append(references)
        slice.labelLength = UInt32(truncatingIfNeeded: rebuilt.count) - (slice.labelStart & ~Self.rebuiltMark)
        var exemplars = 0
        for i in unsafe 0..<decoded.pointee.n_exemplars {
            guard let exemplar = unsafe decoded.pointee.exemplars[i] else { continue }
            let labels = unsafe UnsafeBufferPointer(
                start: exemplar.pointee.labels_refs, count: exemplar.pointee.n_labels_refs)
            guard unsafe areValid(labels) else {
                return refuse(.invalidReference, firstSample: firstSample, samples: sampleCount)
            }
            exemplars += 1
        }
        if let metadata = unsafe decoded.pointee.metadata {
            guard unsafe metadata.pointee.help_ref == 0 || Int(metadata.pointee.help_ref) < symbols.count,
                unsafe metadata.pointee.unit_ref == 0 || Int(metadata.pointee.unit_ref) < symbols.count
            else { return refuse(.invalidReference, firstSample: firstSample, samples: sampleCount) }
            slice.type = unsafe MetricType(wire: metadata.pointee.type)
        }
        unsafe append(samples: decoded.pointee.samples, count: decoded.pointee.n_samples, to: &slice)
        let firstHistogram = histograms.count
        if let refusal = unsafe takeHistograms(decoded.pointee.histograms, count: decoded.pointee.n_histograms) {
            return refuse(refusal, firstSample: firstSample, samples: sampleCount)
        }
        if slice.type == .unknown, unsafe hasStartTime(decoded.pointee) { slice.type = .counter }
        if slice.type != .unknown { counts.metadata += 1 }
        counts.samples += Int(slice.sampleCount)
        counts.exemplars += exemplars
        slice.histogramCount = unsafe UInt16(clamping: decoded.pointee.n_histograms)
        slice.exemplarCount = UInt16(clamping: exemplars)
        finish(slice, firstHistogram: firstHistogram)
    }

    /// Whether the sender says since when the series counts: only what counts has a start.
    private func hasStartTime(_ series: Rw__TimeSeriesV2) -> Bool {
        if unsafe series.created_timestamp != 0 { return true }
        // Safe: as above.
        for i in unsafe 0..<series.n_samples {
            if let sample = unsafe series.samples[i], unsafe sample.pointee.start_timestamp != 0 { return true }
        }
        return false
    }

    private func areValid(_ references: UnsafeBufferPointer<UInt32>) -> Bool {
        unsafe references.count.isMultiple(of: 2) && references.allSatisfy { Int($0) < symbols.count }
    }

    /// Writes the labels of valid references.
    private mutating func append(_ references: UnsafeBufferPointer<UInt32>) throws(WriteRequestError) {
        for i in stride(from: 0, to: references.count, by: 2) {
            // Safe: they come in pairs.
            guard
                unsafe symbols.appendLabel(
                    name: UInt64(references[i]), value: UInt64(references[i + 1]), to: &rebuilt, limitBytes: limitBytes)
            else { throw .tooLarge(declaredBytes: UInt64(limitBytes) + 1, limitBytes: limitBytes) }
        }
    }
}
