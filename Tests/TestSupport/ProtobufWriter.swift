/// Writes protobuf fields one after another, also in forms that no library would write.
///
/// Nothing is checked on purpose: tests need messages that are legal but odd, and messages that are not legal.
package struct ProtobufWriter {
    package enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case startGroup = 3
        case endGroup = 4
        case fixed32 = 5
        case reserved6 = 6
        case reserved7 = 7
    }

    package var bytes: [UInt8] = []

    package init() {}

    /// A number in base 128; `size` asks for more bytes than it needs, which is legal as long as the number fits.
    package mutating func raw(varint value: UInt64, size: Int = 1) {
        var rest = value
        var written = 1
        while rest > 0x7F || written < size {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
            written += 1
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func tag(_ field: UInt64, _ type: WireType, size: Int = 1) {
        raw(varint: field << 3 | type.rawValue, size: size)
    }

    package mutating func varint(_ field: UInt64, _ value: UInt64) {
        tag(field, .varint)
        raw(varint: value)
    }

    package mutating func varint(_ field: UInt64, _ value: Int64) {
        varint(field, UInt64(bitPattern: value))
    }

    /// A `sint64`: small numbers of either sign are short.
    package mutating func zigZag(_ field: UInt64, _ value: Int64) {
        varint(field, Self.zigZag(value))
    }

    package static func zigZag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value << 1) ^ (value >> 63))
    }

    package mutating func fixed64(_ field: UInt64, _ bits: UInt64) {
        tag(field, .fixed64)
        raw(fixed64: bits)
    }

    package mutating func raw(fixed64 bits: UInt64) {
        for i in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(i)))) }
    }

    package mutating func double(_ field: UInt64, _ value: Double) {
        fixed64(field, value.bitPattern)
    }

    package mutating func bytes(_ field: UInt64, _ content: some Collection<UInt8>) {
        tag(field, .bytes)
        raw(varint: UInt64(content.count))
        bytes += content
    }

    package mutating func string(_ field: UInt64, _ text: String) {
        bytes(field, Array(text.utf8))
    }

    package mutating func message(_ field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        bytes(field, Self.message(body))
    }

    package mutating func packed(_ field: UInt64, _ values: [UInt64]) {
        message(field) { list in
            for value in values { list.raw(varint: value) }
        }
    }

    package static func message(_ body: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        body(&writer)
        return writer.bytes
    }
}
