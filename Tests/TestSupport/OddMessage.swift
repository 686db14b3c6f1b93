/// Writes messages in every form that protobuf allows, and now and then in one that it does not.
///
/// `oddity` is the chance of each single liberty: 0 writes as Prometheus does.
package struct OddMessage {
    package var random: SeededRandom
    package let oddity: Double
    /// The chance of each single breach of the format.
    package let breakage: Double
    /// The chance of an unknown field in each message.
    package var unknownFields: Double
    /// Whether scalars stand twice now and then, with another value first.
    package var repeatsScalars = true

    package init(random: SeededRandom, oddity: Double, breakage: Double) {
        self.random = random
        self.oddity = oddity
        self.breakage = breakage
        unknownFields = oddity
    }

    // MARK: Fields

    private mutating func isOdd() -> Bool { random.chance(oddity) }
    private mutating func isBroken() -> Bool { random.chance(breakage) }

    mutating func tag(_ field: UInt64, _ type: ProtobufWriter.WireType) -> [UInt8] {
        let size = isBroken() ? 6 : isOdd() ? 1 + random.below(5) : 1
        let type = isBroken() ? random.pick([.varint, .fixed64, .bytes, .startGroup, .fixed32, .reserved7]) : type
        return ProtobufWriter.message { $0.tag(field, type, size: size) }
    }

    mutating func varint(_ field: UInt64, _ value: UInt64) -> [UInt8] {
        let size = isBroken() ? 11 : isOdd() ? 1 + random.below(10) : 1
        return tag(field, .varint) + ProtobufWriter.message { $0.raw(varint: value, size: size) }
    }

    mutating func fixed64(_ field: UInt64, _ bits: UInt64) -> [UInt8] {
        tag(field, .fixed64) + ProtobufWriter.message { $0.raw(fixed64: bits) }
    }

    mutating func bytes(_ field: UInt64, _ content: [UInt8]) -> [UInt8] {
        let size = isBroken() ? 6 : isOdd() ? 1 + random.below(5) : 1
        let length = isBroken() ? content.count + 1 + random.below(9) : content.count
        return tag(field, .bytes) + ProtobufWriter.message { $0.raw(varint: UInt64(length), size: size) } + content
    }

    private mutating func unknownField() -> [UInt8] {
        let field = random.pick([7, 9, 15, 16, 100, 2047, 1 << 28] as [UInt64]) + 20
        switch random.below(4) {
        case 0: return varint(field, random.next() >> UInt64(random.below(64)))
        case 1: return fixed64(field, random.next())
        case 2: return bytes(field, random.bytes(random.below(5)))
        default: return tag(field, .fixed32) + random.bytes(4)
        }
    }

    /// Joins fields: with unknown ones among them, in another order, or cut off.
    mutating func message(_ fields: [[UInt8]]) -> [UInt8] {
        var fields = fields
        if random.chance(unknownFields) { fields.insert(unknownField(), at: random.below(fields.count + 1)) }
        if isOdd() { fields.shuffle(using: &random) }
        var joined = Array(fields.joined())
        if isBroken(), !joined.isEmpty { joined.removeLast(1 + random.below(joined.count)) }
        return joined
    }

    // MARK: Parts that both versions have

    mutating func label(_ label: WireLabel) -> [UInt8] {
        var fields: [[UInt8]] = []
        if repeatsScalars && isOdd() { fields.append(bytes(random.chance(0.5) ? 1 : 2, [0x7A])) }
        if !(label.name.isEmpty && random.chance(0.5)) { fields.append(bytes(1, label.name)) }
        if !(label.value.isEmpty && random.chance(0.5)) { fields.append(bytes(2, label.value)) }
        return message(fields)
    }

    mutating func sample(_ sample: WireSample) -> [UInt8] {
        var fields: [[UInt8]] = []
        // Of a scalar that stands twice, the last counts.
        if isOdd() { fields.append(fixed64(1, random.next())) }
        if isOdd() { fields.append(varint(2, random.next())) }
        if isOdd() { fields.append(varint(3, random.next() >> 40)) }
        if sample.bits != 0 || isOdd() { fields.append(fixed64(1, sample.bits)) }
        if sample.time != 0 || isOdd() { fields.append(varint(2, UInt64(bitPattern: sample.time))) }
        if sample.startTime != 0 || isOdd() { fields.append(varint(3, UInt64(bitPattern: sample.startTime))) }
        return message(fields)
    }

    mutating func histogram(_ histogram: WireHistogram) -> [UInt8] {
        let plain = WriteMessage.histogram(histogram)
        if isOdd() { return plain + unknownField() }
        if isBroken() { return Array(plain.dropLast(1 + random.below(plain.count))) }
        return plain
    }

    mutating func exemplar(_ exemplar: WireExemplar, labels: [[UInt8]]) -> [UInt8] {
        message(labels + [fixed64(2, exemplar.value.bitPattern), varint(3, UInt64(bitPattern: exemplar.time))])
    }

    // MARK: Requests

    package mutating func version1(_ series: [WireSeries]) -> [UInt8] {
        var fields: [[UInt8]] = []
        for one in series {
            fields.append(bytes(1, timeSeriesVersion1(one)))
            guard let metadata = one.metadata, random.chance(0.3) else { continue }
            let parts = [
                varint(1, metadata.type), bytes(2, one.labels.first?.value ?? []), bytes(4, Array(metadata.help.utf8)),
            ]
            let entry = message(parts)
            fields.append(bytes(3, entry))
        }
        return message(fields)
    }

    private mutating func timeSeriesVersion1(_ series: WireSeries) -> [UInt8] {
        var fields: [[UInt8]] = []
        for label in series.labels {
            let content = self.label(label)
            fields.append(bytes(1, content))
        }
        fields += samples(series)
        for exemplar in series.exemplars {
            var labels: [[UInt8]] = []
            for label in exemplar.labels {
                let content = self.label(label)
                labels.append(bytes(1, content))
            }
            let content = self.exemplar(exemplar, labels: labels)
            fields.append(bytes(3, content))
        }
        fields += histograms(series, field: 4)
        return message(fields)
    }

    package mutating func version2(_ series: [WireSeries]) -> [UInt8] {
        var symbols = WriteMessage.Symbols()
        var parts: [[UInt8]] = []
        for one in series {
            let content = timeSeriesVersion2(one, &symbols)
            parts.append(bytes(5, content))
        }
        var table: [[UInt8]] = []
        for symbol in symbols.list { table.append(bytes(4, symbol)) }
        // Only whole tables change places: the order inside is what the numbers mean.
        var joined = isOdd() ? parts + table : table + parts
        if random.chance(unknownFields) { joined.insert(unknownField(), at: random.below(joined.count + 1)) }
        return Array(joined.joined())
    }

    private mutating func timeSeriesVersion2(_ series: WireSeries, _ symbols: inout WriteMessage.Symbols) -> [UInt8] {
        var fields = references(to: series.labels, &symbols) + samples(series)
        fields += histograms(series, field: 3)
        for exemplar in series.exemplars {
            let labels = references(to: exemplar.labels, &symbols)
            let content = self.exemplar(exemplar, labels: labels)
            fields.append(bytes(4, content))
        }
        if let metadata = series.metadata {
            // A message that stands twice is merged.
            if isOdd() {
                let content = varint(random.pick([1, 3, 4]), UInt64(random.below(9)))
                fields.append(bytes(5, content))
            }
            var help = symbols.reference(to: metadata.help)
            if isOdd() { help += random.pick([1, 3, 1 << 20, 1 << 32]) }
            let parts = [varint(1, metadata.type), varint(3, help), varint(4, symbols.reference(to: metadata.unit))]
            let content = message(parts)
            fields.append(bytes(5, content))
        }
        if isOdd() { fields.append(varint(6, random.next() >> 40)) }
        if series.created != 0 || isOdd() { fields.append(varint(6, UInt64(bitPattern: series.created))) }
        return message(fields)
    }

    /// The list of references: packed as it should be, one by one, or some of each.
    private mutating func references(to labels: [WireLabel], _ symbols: inout WriteMessage.Symbols) -> [[UInt8]] {
        var numbers = symbols.references(to: labels)
        if isOdd(), !numbers.isEmpty {
            switch random.below(3) {
            case 0: numbers.removeLast()
            case 1: numbers[random.below(numbers.count)] = random.next() >> UInt64(random.below(64))
            default: numbers.append(0)
            }
        }
        if !isOdd() { return numbers.isEmpty ? [] : [bytes(1, packed(numbers))] }
        let cut = random.below(numbers.count + 1)
        var fields = [bytes(1, packed(Array(numbers[..<cut])))]
        for number in numbers[cut...] { fields.append(varint(1, number)) }
        return fields
    }

    private mutating func packed(_ numbers: [UInt64]) -> [UInt8] {
        ProtobufWriter.message { list in
            for number in numbers { list.raw(varint: number) }
        }
    }

    private mutating func samples(_ series: WireSeries) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        for sample in series.samples {
            let content = self.sample(sample)
            fields.append(bytes(2, content))
        }
        return fields
    }

    private mutating func histograms(_ series: WireSeries, field: UInt64) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        for histogram in series.histograms {
            let content = self.histogram(histogram)
            fields.append(bytes(field, content))
        }
        return fields
    }
}

extension OddMessage {
    /// The labels of a series alone, in odd forms.
    package mutating func labels(_ labels: [WireLabel]) -> [UInt8] {
        var fields: [[UInt8]] = []
        for label in labels {
            let content = self.label(label)
            fields.append(bytes(1, content))
        }
        return message(fields)
    }
}
