package import TimeSeries

/// A native histogram as it stood at one scrape; its buckets and custom bounds lie in the columns of the ``WriteRequest``.
///
/// Counts are whole numbers up to 2^53 or fractions; as in Prometheus' `FloatHistogram`, both are kept as `Double`
/// (prometheus/prometheus:model/histogram/float_histogram.go).
package struct NativeHistogram: Sendable, BitwiseCopyable, Equatable {
    /// What the sender knows of a counter that started over, with the numbers of the wire (prompb/types.proto, ResetHint).
    package enum ResetHint: UInt8, Sendable, BitwiseCopyable {
        case unknown = 0
        case yes = 1
        case no = 2
        /// No counter at all: the buckets count what is there now.
        case gauge = 3
    }

    /// The schema whose buckets have bounds of their own.
    package static let customSchema: Int8 = -53
    /// Bucket boundaries of schema `s` are the powers of 2^(2^-s).
    package static let exponentialSchemas: ClosedRange<Int8> = -4...8
    /// The most buckets that one histogram may bring, empty ones and those of both signs counted. Senders stay far below: the
    /// usual limit is 160 (client_golang's `NativeHistogramMaxBucketNumber`, OpenTelemetry's `MaxSize`).
    package static let bucketLimit = 1_000

    package var time: Timestamp
    /// Observations in all. Those that were NaN are counted here and lie in no bucket.
    package var count: Double
    package var sum: Double
    /// Observations no further from 0 than the threshold.
    package var zeroCount: Double
    package var zeroThreshold: Double
    package var schema: Int8
    package var resetHint: ResetHint
    /// Whether counts may be fractions: rates, say.
    package var isFloat: Bool
    /// False where only count and sum can be used: of a schema that is not known, of custom buckets whose bounds were lost
    /// (remote write 1.0), or past a limit.
    package var hasBuckets: Bool
    var firstBucket: UInt32 = 0
    var negativeCount: UInt16 = 0
    var positiveCount: UInt16 = 0
    var firstBound: UInt32 = 0
    var boundCount: UInt16 = 0

    /// By this the sender says that the series has ended; nothing else in it counts.
    package var isStale: Bool { StaleMarker.matches(sum) }

    /// Buckets of negative observations, indices ascending (so away from 0), empty ones left out.
    package var negativeBuckets: Range<Int> { Int(firstBucket)..<Int(firstBucket) + Int(negativeCount) }
    package var positiveBuckets: Range<Int> {
        Int(firstBucket) + Int(negativeCount)..<Int(firstBucket) + Int(negativeCount) + Int(positiveCount)
    }
    /// The upper bounds of custom buckets without the last, which is infinite.
    package var bounds: Range<Int> { Int(firstBound)..<Int(firstBound) + Int(boundCount) }
}
