/// One series of a request in plain values, to be written as remote write 1.0 or 2.0.
package struct WireSeries {
    package var labels: [WireLabel]
    package var samples: [WireSample]
    package var exemplars: [WireExemplar] = []
    package var histograms: [WireHistogram] = []
    /// 2.0 only.
    package var metadata: WireMetadata?
    /// 2.0-rc.3's start of the series; 0 is not written.
    package var created: Int64 = 0

    package init(labels: [WireLabel], samples: [WireSample] = []) {
        self.labels = labels
        self.samples = samples
    }

    /// A series with a metric's name, labels in the order given, and samples as (milliseconds, value).
    package init(_ name: String, _ labels: [(String, String)] = [], _ samples: [(Int64, Double)] = []) {
        self.labels = [WireLabel("__name__", name)] + labels.map { WireLabel($0.0, $0.1) }
        self.samples = samples.map { WireSample(time: $0.0, bits: $0.1.bitPattern) }
    }
}

/// A pair as it is sent: any bytes, since senders make mistakes.
package struct WireLabel: Hashable {
    package var name: [UInt8]
    package var value: [UInt8]

    package init(_ name: String, _ value: String) {
        self.init(bytes: Array(name.utf8), Array(value.utf8))
    }

    package init(bytes name: [UInt8], _ value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

package struct WireSample: Equatable {
    package var time: Int64
    package var bits: UInt64
    /// 2.0-rc.4's start of the series; 0 is not written.
    package var startTime: Int64 = 0

    package init(time: Int64, bits: UInt64, startTime: Int64 = 0) {
        self.time = time
        self.bits = bits
        self.startTime = startTime
    }
}

package struct WireExemplar {
    package var labels: [WireLabel]
    package var value: Double
    package var time: Int64

    package init(labels: [WireLabel] = [WireLabel("trace_id", "7")], value: Double = 1, time: Int64) {
        self.labels = labels
        self.value = value
        self.time = time
    }
}

package struct WireMetadata {
    package var type: UInt64
    package var help: String
    package var unit: String

    package init(type: UInt64, help: String = "", unit: String = "") {
        self.type = type
        self.help = help
        self.unit = unit
    }
}

/// A native histogram; buckets are counts, written as differences where they are whole numbers.
package struct WireHistogram {
    package enum Buckets {
        case whole(count: UInt64, zero: UInt64, positive: [Int64], negative: [Int64])
        case fractions(count: Double, zero: Double, positive: [Double], negative: [Double])
    }

    package var buckets: Buckets
    package var sum: Double
    package var schema: Int64 = 0
    package var time: Int64
    package var customValues: [Double] = []

    package init(_ buckets: Buckets, sum: Double = 1, schema: Int64 = 0, time: Int64) {
        self.buckets = buckets
        self.sum = sum
        self.schema = schema
        self.time = time
    }

    /// What Prometheus sends where a histogram's series ends.
    package static func stale(time: Int64) -> WireHistogram {
        WireHistogram(
            .whole(count: 0, zero: 0, positive: [], negative: []), sum: Double(bitPattern: 0x7ff0_0000_0000_0002),
            time: time)
    }
}
