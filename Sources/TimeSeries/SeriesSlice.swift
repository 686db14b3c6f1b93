/// Where in a request's bytes the labels of one series stand, and where in its columns the samples.
package struct SeriesSlice: Sendable, BitwiseCopyable, Equatable {
    /// Offset and length, in bytes, of the label block (see ``Labels``).
    package var labelStart: UInt32
    package var labelLength: UInt32
    /// The series' samples: consecutive in the sample columns.
    package var firstSample: UInt32
    package var sampleCount: UInt32
    /// What else the series carries; counted, never scored. Numbers past 65,535 stay there.
    package var histogramCount: UInt16 = 0
    package var exemplarCount: UInt16 = 0
    /// What the request itself says of the metric (2.0 only).
    package var type: MetricType

    @inlinable @inline(__always)
    package init(
        labelStart: UInt32, labelLength: UInt32, firstSample: UInt32, sampleCount: UInt32, type: MetricType = .unknown
    ) {
        self.labelStart = labelStart
        self.labelLength = labelLength
        self.firstSample = firstSample
        self.sampleCount = sampleCount
        self.type = type
    }

    @inlinable package var labels: Range<Int> { Int(labelStart)..<Int(labelStart) + Int(labelLength) }
    @inlinable package var samples: Range<Int> { Int(firstSample)..<Int(firstSample) + Int(sampleCount) }
}
