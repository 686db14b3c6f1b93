/// Writes requests as senders do: labels first, then samples, what is zero left out.
package enum WriteMessage {
    /// `prometheus.WriteRequest`; metadata are (family, type).
    package static func version1(_ series: [WireSeries], metadata: [(String, UInt64)] = []) -> [UInt8] {
        ProtobufWriter.message { request in
            for one in series { request.bytes(1, timeSeriesVersion1(one)) }
            for (family, type) in metadata {
                request.message(3) { entry in
                    if type != 0 { entry.varint(1, type) }
                    entry.string(2, family)
                }
            }
        }
    }

    package static func timeSeriesVersion1(_ series: WireSeries) -> [UInt8] {
        ProtobufWriter.message { message in
            for label in series.labels { message.bytes(1, self.label(label)) }
            for sample in series.samples { message.bytes(2, self.sample(sample)) }
            for exemplar in series.exemplars {
                message.message(3) { part in
                    for label in exemplar.labels { part.bytes(1, self.label(label)) }
                    valueAndTime(exemplar.value, exemplar.time, &part)
                }
            }
            for histogram in series.histograms { message.bytes(4, self.histogram(histogram)) }
        }
    }

    /// `io.prometheus.write.v2.Request`, with the symbols in front and `""` as the first of them.
    package static func version2(_ series: [WireSeries]) -> [UInt8] {
        var symbols = Symbols()
        let parts = series.map { timeSeriesVersion2($0, &symbols) }
        return ProtobufWriter.message { request in
            for symbol in symbols.list { request.bytes(4, symbol) }
            for part in parts { request.bytes(5, part) }
        }
    }

    package static func timeSeriesVersion2(_ series: WireSeries, _ symbols: inout Symbols) -> [UInt8] {
        let references = symbols.references(to: series.labels)
        let exemplars = series.exemplars.map { (symbols.references(to: $0.labels), $0) }
        let metadata = series.metadata.map { ($0.type, symbols.reference(to: $0.help), symbols.reference(to: $0.unit)) }
        return ProtobufWriter.message { message in
            if !references.isEmpty { message.packed(1, references) }
            for sample in series.samples { message.bytes(2, self.sample(sample)) }
            for histogram in series.histograms { message.bytes(3, self.histogram(histogram)) }
            for (labels, exemplar) in exemplars {
                message.message(4) { part in
                    if !labels.isEmpty { part.packed(1, labels) }
                    valueAndTime(exemplar.value, exemplar.time, &part)
                }
            }
            if let (type, help, unit) = metadata {
                message.message(5) { part in
                    for (field, value) in [(1 as UInt64, type), (3, help), (4, unit)] where value != 0 {
                        part.varint(field, value)
                    }
                }
            }
            if series.created != 0 { message.varint(6, series.created) }
        }
    }

    package static func label(_ label: WireLabel) -> [UInt8] {
        ProtobufWriter.message { message in
            message.bytes(1, label.name)
            message.bytes(2, label.value)
        }
    }

    package static func sample(_ sample: WireSample) -> [UInt8] {
        ProtobufWriter.message { message in
            if sample.bits != 0 { message.fixed64(1, sample.bits) }
            if sample.time != 0 { message.varint(2, sample.time) }
            if sample.startTime != 0 { message.varint(3, sample.startTime) }
        }
    }

    package static func histogram(_ histogram: WireHistogram) -> [UInt8] {
        ProtobufWriter.message { message in
            switch histogram.buckets {
            case .whole(let count, let zero, let positive, let negative):
                message.varint(1, count)
                common(histogram, &message)
                message.varint(6, zero)
                whole(negative, spans: 8, deltas: 9, &message)
                whole(positive, spans: 11, deltas: 12, &message)
            case .fractions(let count, let zero, let positive, let negative):
                message.double(2, count)
                common(histogram, &message)
                message.double(7, zero)
                fractions(negative, spans: 8, counts: 10, &message)
                fractions(positive, spans: 11, counts: 13, &message)
            }
            message.varint(15, histogram.time)
            if !histogram.customValues.isEmpty {
                message.message(16) { list in
                    for value in histogram.customValues { list.raw(fixed64: value.bitPattern) }
                }
            }
        }
    }

    private static func common(_ histogram: WireHistogram, _ message: inout ProtobufWriter) {
        message.double(3, histogram.sum)
        message.zigZag(4, histogram.schema)
    }

    private static func whole(_ counts: [Int64], spans: UInt64, deltas: UInt64, _ message: inout ProtobufWriter) {
        guard !counts.isEmpty else { return }
        message.message(spans) { $0.varint(2, UInt64(counts.count)) }
        var before: Int64 = 0
        message.packed(
            deltas,
            counts.map { count in
                defer { before = count }
                return ProtobufWriter.zigZag(count &- before)
            })
    }

    private static func fractions(_ values: [Double], spans: UInt64, counts: UInt64, _ message: inout ProtobufWriter) {
        guard !values.isEmpty else { return }
        message.message(spans) { $0.varint(2, UInt64(values.count)) }
        message.message(counts) { list in
            for value in values { list.raw(fixed64: value.bitPattern) }
        }
    }

    private static func valueAndTime(_ value: Double, _ time: Int64, _ message: inout ProtobufWriter) {
        if value != 0 { message.double(2, value) }
        if time != 0 { message.varint(3, time) }
    }

    /// Numbers the texts of a 2.0 request in the order in which they are met.
    package struct Symbols {
        package private(set) var list: [[UInt8]] = [[]]
        private var numbers: [[UInt8]: UInt64] = [[]: 0]

        package init() {}

        package mutating func reference(to text: String) -> UInt64 { reference(to: Array(text.utf8)) }

        package mutating func reference(to text: [UInt8]) -> UInt64 {
            if let number = numbers[text] { return number }
            numbers[text] = UInt64(list.count)
            list.append(text)
            return UInt64(list.count - 1)
        }

        package mutating func references(to labels: [WireLabel]) -> [UInt64] {
            labels.flatMap { [reference(to: $0.name), reference(to: $0.value)] }
        }
    }
}
