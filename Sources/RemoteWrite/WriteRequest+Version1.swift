internal import CRemoteWrite
internal import TimeSeries

extension WriteRequest {
    /// Walks `WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }`.
    mutating func walkVersion1(_ message: WireReader) throws(WriteRequestError) {
        var reader = message
        let start = unsafe message.at
        while !reader.isAtEnd {
            guard let tag = reader.tag() else { throw .malformedProtobuf("a field tag is cut off or 0") }
            switch tag {
            case 0x0A:
                guard let part = reader.message() else { throw .malformedProtobuf("a TimeSeries is cut off") }
                let firstSample = times.count
                if unsafe !walkSeriesVersion1(part, from: start) {
                    times.removeSubrange(firstSample...)
                    values.removeSubrange(firstSample...)
                    try decodeUnusualVersion1(part)
                }
            case 0x1A:
                guard let part = reader.message() else { throw .malformedProtobuf("a MetricMetadata is cut off") }
                try decodeMetadata(part)
            default:
                guard tag >> 3 != 1, tag >> 3 != 3, reader.skipField(wireType: tag & 7) else {
                    throw .malformedProtobuf("field \(tag >> 3) has wire type \(tag & 7) or is cut off")
                }
            }
        }
    }

    /// Reads one TimeSeries in the layout that senders use: all labels first, then samples.
    /// - Returns: false where the layout is another; libprotobuf-c then says whether it is legal.
    private mutating func walkSeriesVersion1(_ message: WireReader, from start: UnsafePointer<UInt8>) -> Bool {
        var reader = message
        while !reader.isAtEnd, reader.next == 0x0A {
            reader.skip(1)
            guard reader.message() != nil else { return false }
        }
        // Safe: both point into the same message.
        var slice = unsafe SeriesSlice(
            labelStart: UInt32(truncatingIfNeeded: message.at - start),
            labelLength: UInt32(truncatingIfNeeded: reader.at - message.at),
            firstSample: UInt32(truncatingIfNeeded: times.count), sampleCount: 0, type: .unknown)
        var startTime: Int64 = 0
        while !reader.isAtEnd {
            // Exemplars and histograms are rare, and only libprotobuf-c says whether they are well formed.
            guard reader.next == 0x12 else { return false }
            reader.skip(1)
            guard let part = reader.message(), appendSample(part, startTime: &startTime) else { return false }
            slice.sampleCount += 1
        }
        // Without data nobody looks at the labels again, so whether they are well formed is to be seen now.
        guard slice.sampleCount > 0 else { return false }
        counts.samples += Int(slice.sampleCount)
        finish(slice)
        return true
    }

    /// Reads `Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }`; what is absent is 0.
    /// - Parameter startTime: gets the bits of the time since when the sample counts (2.0-rc.4), where it says so.
    /// - Returns: false where there is anything else in it.
    @inline(__always)
    mutating func appendSample(_ message: WireReader, startTime: inout Int64) -> Bool {
        var reader = message
        var bits: UInt64 = 0
        var time: UInt64 = 0
        var start: UInt64 = 0
        while !reader.isAtEnd {
            let tag = reader.next
            reader.skip(1)
            switch tag {
            case 0x09:
                guard let value = reader.fixed64() else { return false }
                bits = value
            case 0x10:
                guard let value = reader.varint() else { return false }
                time = value
            case 0x18:
                guard let value = reader.varint() else { return false }
                start = value
            default: return false
            }
        }
        startTime |= Int64(bitPattern: start)
        times.append(Timestamp(milliseconds: Int64(bitPattern: time)))
        values.append(Double(bitPattern: bits))
        return true
    }

    /// The slow and complete way: the whole message by libprotobuf-c.
    mutating func decodeVersion1WithProtobufC(_ message: WireReader) throws(WriteRequestError) {
        defer { arena.reset() }
        guard
            let request = unsafe rw__write_request__unpack(arena.allocator, message.remaining, message.at)
        else { throw .malformedProtobuf("libprotobuf-c cannot read the WriteRequest") }
        // Safe: protobuf-c hands out arrays of the lengths that it names, in the arena, which is reset afterwards.
        for i in unsafe 0..<request.pointee.n_timeseries {
            if let series = unsafe request.pointee.timeseries[i] { unsafe append(series.pointee) }
        }
        for i in unsafe 0..<request.pointee.n_metadata {
            if let entry = unsafe request.pointee.metadata[i] { unsafe append(entry.pointee) }
        }
    }

    private mutating func decodeUnusualVersion1(_ message: WireReader) throws(WriteRequestError) {
        defer { arena.reset() }
        guard let series = unsafe rw__time_series__unpack(arena.allocator, message.remaining, message.at) else {
            throw .malformedProtobuf("libprotobuf-c cannot read a TimeSeries")
        }
        // Safe: as above.
        unsafe append(series.pointee)
    }

    private mutating func decodeMetadata(_ message: WireReader) throws(WriteRequestError) {
        defer { arena.reset() }
        guard let entry = unsafe rw__metric_metadata__unpack(arena.allocator, message.remaining, message.at) else {
            throw .malformedProtobuf("libprotobuf-c cannot read a MetricMetadata")
        }
        unsafe append(entry.pointee)
    }

    /// Writes a decoded TimeSeries into the columns, its labels as a block of their own.
    private mutating func append(_ series: Rw__TimeSeries) {
        counts.unusual += 1
        let firstSample = times.count
        var slice = SeriesSlice(
            labelStart: UInt32(truncatingIfNeeded: rebuilt.count) | Self.rebuiltMark, labelLength: 0,
            firstSample: UInt32(truncatingIfNeeded: firstSample), sampleCount: 0)
        // Safe: protobuf-c's arrays have the lengths that it names.
        for i in unsafe 0..<series.n_labels {
            if let label = unsafe series.labels[i] {
                unsafe rebuilt.append(name: label.pointee.name.bytes, value: label.pointee.value.bytes)
            }
        }
        slice.labelLength = UInt32(truncatingIfNeeded: rebuilt.count) - (slice.labelStart & ~Self.rebuiltMark)
        unsafe append(samples: series.samples, count: series.n_samples, to: &slice)
        let firstHistogram = histograms.count
        if let refusal = unsafe takeHistograms(series.histograms, count: series.n_histograms) {
            return refuse(refusal, firstSample: firstSample, samples: Int(slice.sampleCount))
        }
        counts.samples += Int(slice.sampleCount)
        counts.exemplars += unsafe series.n_exemplars
        slice.histogramCount = unsafe UInt16(clamping: series.n_histograms)
        slice.exemplarCount = unsafe UInt16(clamping: series.n_exemplars)
        finish(slice, firstHistogram: firstHistogram)
    }

    mutating func append(
        samples: UnsafeMutablePointer<UnsafeMutablePointer<Rw__Sample>?>?, count: Int, to slice: inout SeriesSlice
    ) {
        // Safe: the array has the length that came with it.
        guard let samples = unsafe samples else { return }
        for i in 0..<count {
            guard let sample = unsafe samples[i] else { continue }
            unsafe times.append(Timestamp(milliseconds: sample.pointee.timestamp))
            unsafe values.append(sample.pointee.value)
            slice.sampleCount += 1
        }
    }

    private mutating func append(_ entry: Rw__MetricMetadata) {
        counts.metadata += 1
        let type = unsafe MetricType(wire: entry.type)
        // Safe: the arena holds the name until it is reset.
        let name = unsafe String(decoding: entry.metric_family_name.bytes, as: UTF8.self)
        metadata.append(Metadata(family: name, type: type))
    }
}

extension MetricType {
    /// The type of that number; unknown where there is none.
    init(wire number: Int32) {
        self = UInt8(exactly: number).flatMap(MetricType.init(rawValue:)) ?? .unknown
    }
}

extension ProtobufCBinaryData {
    /// The bytes; empty where the field was absent.
    var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: data, count: len) }
}

/// How many bytes a length takes on the wire.
func varintSize(_ length: Int) -> Int {
    var size = 1
    var rest = length >> 7
    while rest > 0 {
        size += 1
        rest >>= 7
    }
    return size
}
