/// What a metric's metadata says that it is, with the numbers of the wire (prometheus/prometheus:prompb/types.proto; 2.0 has the same).
package enum MetricType: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case unknown = 0
    case counter = 1
    case gauge = 2
    case histogram = 3
    case gaugeHistogram = 4
    case summary = 5
    case info = 6
    case stateset = 7

    package var name: String { "\(self)".lowercased() }
}
