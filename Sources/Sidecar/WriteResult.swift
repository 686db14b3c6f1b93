internal import RemoteWrite
internal import TimeSeries

/// The series of a request that break the protocol, and what they carried.
struct InvalidSeries {
    /// One for each.
    var reasons: [String]
    var samples = 0
    var histograms = 0
    var exemplars = 0

    mutating func add(_ slice: SeriesSlice, _ reason: String) {
        reasons.append(reason)
        samples += Int(slice.sampleCount)
        histograms += Int(slice.histogramCount)
        exemplars += Int(slice.exemplarCount)
    }

    /// As above for a series without samples, whose slice points at its histograms.
    mutating func add(histograms slice: SeriesSlice, _ reason: String) {
        reasons.append(reason)
        histograms += Int(slice.histogramCount)
        exemplars += Int(slice.exemplarCount)
    }
}

/// What a sender is told of its request.
///
/// The policy follows what senders do with an answer (remote write 1.0 and 2.0; Prometheus and vmagent observed): 204 whenever
/// the body could be read, since what we ignore on purpose (late, doubled, too old) would only be sent again for ever; 400 where the
/// sender broke the protocol. To vmagent's zstd a single bad series is no reason for 400: it would fall back to snappy for good.
package struct WriteResult: Equatable, Sendable {
    /// What was written, as 2.0 wants it told; what is ignored on purpose counts as written.
    package struct Written: Equatable, Sendable {
        package var samples = 0
        package var histograms = 0
        package var exemplars = 0
    }

    package let status: Int
    /// For the person who reads the sender's log; empty where all is well.
    package let message: String
    /// Nil for 1.0, whose senders take such headers for an error.
    package let written: Written?

    /// A body of which nothing could be read.
    init(rejecting error: WriteRequestError, _ message: WriteProtocol) {
        status = 400
        self.message = "\(error)"
        written = message == .version2 ? Written() : nil
    }

    init(
        _ request: borrowing WriteRequest, invalid: InvalidSeries, _ message: WriteProtocol
    ) {
        let isForgiven = message == .version1 && request.encoding == .zstd
        status = invalid.reasons.isEmpty || isForgiven ? 204 : 400
        self.message = Self.describe(invalid.reasons)
        written =
            message == .version1
            ? nil
            : Written(
                samples: request.counts.samples - invalid.samples,
                histograms: request.counts.histograms - invalid.histograms,
                exemplars: request.counts.exemplars - invalid.exemplars)
    }

    private static func describe(_ invalid: [String]) -> String {
        if invalid.isEmpty { return "" }
        var byReason: [String: Int] = [:]
        for reason in invalid { byReason[reason, default: 0] += 1 }
        let list = byReason.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return "\(invalid.count) series refused (\(list)); the rest of the request was taken"
    }
}
