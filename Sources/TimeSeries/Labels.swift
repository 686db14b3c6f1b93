/// The labels of a series as Prometheus means them: names unique and in byte order, no empty name, no empty value, valid UTF-8.
///
/// They stand one after another in one run of bytes, in the very form in which remote write 1.0 carries them: for each label the
/// byte `0x0A`, the length of the pair, and in it `0x0A`, length, name, `0x12`, length, value. So the label block of a
/// Prometheus that sends 1.0 *is* the `Labels`, equal labels are equal bytes, and nothing is copied to recognise them.
package struct Labels: Hashable, Sendable {
    package let block: [UInt8]

    /// Takes a block that is known to be in order; see ``LabelBlock/append(name:value:to:)`` for making one.
    package init(canonicalBlock block: [UInt8]) {
        self.block = block
    }

    /// Sorts pairs and drops those with an empty value. Of a name that stands twice, the last pair counts.
    package init(_ pairs: [(name: String, value: String)]) {
        var byName: [String: String] = [:]
        for pair in pairs where !pair.name.isEmpty { byName[pair.name] = pair.value }
        let sorted = byName.filter { !$0.value.isEmpty }.sorted { left, right in
            left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
        }
        var block: [UInt8] = []
        for (name, value) in sorted {
            LabelBlock.append(name: Array(name.utf8).span, value: Array(value.utf8).span, to: &block)
        }
        self.block = block
    }

    /// The pairs as text, in order.
    package var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        LabelBlock.forEachLabel(in: block.span) { name, value in
            pairs.append((String(decodingUTF8: name), String(decodingUTF8: value)))
        }
        return pairs
    }

    /// The value of a label; nil where the series has none of that name.
    package subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }
}

extension Labels: CustomStringConvertible {
    /// As a PromQL selector: `http_requests_total{job="api"}`.
    package var description: String {
        var name = ""
        var rest: [String] = []
        for pair in pairs {
            if pair.name == "__name__" {
                name = pair.value
            } else {
                rest.append("\(pair.name)=\(pair.value.debugDescription)")
            }
        }
        return rest.isEmpty ? name : "\(name){\(rest.joined(separator: ","))}"
    }
}

/// Reading and writing the bytes of ``Labels``.
package enum LabelBlock {
    /// Calls `body` with each pair of a well-formed block, in order; stops quietly where the block ends or is malformed.
    @inlinable
    package static func forEachLabel(in block: Span<UInt8>, _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void)
    {
        var at = 0
        while at < block.count, block[at] == 0x0A {
            at += 1
            guard let pairLength = length(in: block, at: &at) else { return }
            let end = at + pairLength
            guard end <= block.count, at < end, block[at] == 0x0A else { return }
            at += 1
            guard let nameLength = length(in: block, at: &at), at + nameLength < end else { return }
            let name = block.extracting(at..<at + nameLength)
            at += nameLength
            guard block[at] == 0x12 else { return }
            at += 1
            guard let valueLength = length(in: block, at: &at), at + valueLength == end else { return }
            body(name, block.extracting(at..<end))
            at = end
        }
    }

    /// Appends one pair to a block.
    package static func append(name: Span<UInt8>, value: Span<UInt8>, to block: inout [UInt8]) {
        let pair = 2 + lengthSize(name.count) + name.count + lengthSize(value.count) + value.count
        block.append(0x0A)
        append(length: pair, to: &block)
        block.append(0x0A)
        append(length: name.count, to: &block)
        for i in name.indices { block.append(name[i]) }
        block.append(0x12)
        append(length: value.count, to: &block)
        for i in value.indices { block.append(value[i]) }
    }

    @usableFromInline
    static func length(in block: Span<UInt8>, at: inout Int) -> Int? {
        var value = 0
        var shift = 0
        while at < block.count, shift < 35 {
            let byte = block[at]
            at += 1
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    private static func lengthSize(_ length: Int) -> Int {
        var size = 1
        var rest = length >> 7
        while rest > 0 {
            size += 1
            rest >>= 7
        }
        return size
    }

    private static func append(length: Int, to block: inout [UInt8]) {
        var rest = length
        while rest > 0x7F {
            block.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        block.append(UInt8(truncatingIfNeeded: rest))
    }
}

extension String {
    /// Text from bytes; what is not UTF-8 becomes U+FFFD.
    package init(decodingUTF8 bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}
