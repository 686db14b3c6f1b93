internal import CRemoteWrite
internal import TimeSeries

/// Decodes a label block that was not seen before, and says whether a series may have such labels.
///
/// The labels are read by libprotobuf-c into an arena, checked, sorted and written anew as ``Labels``. Prometheus sends them
/// sorted, so most blocks come out as they went in; vmagent does not.
package struct LabelDecoder: ~Copyable, Sendable {
    /// What a set of labels may not be.
    package enum Refusal: String, Error, CaseIterable {
        case malformed = "malformed_labels"
        case missingName = "missing_metric_name"
        case emptyLabelName = "empty_label_name"
        case duplicateName = "duplicate_label_name"
        case invalidUTF8 = "invalid_utf8"
        case tooManyLabels = "too_many_labels"
        case nameTooLong = "label_name_too_long"
        case valueTooLong = "label_value_too_long"
        case setTooLong = "label_set_too_long"

        /// Whether the sender broke the protocol, rather than a limit of ours.
        package var isInvalid: Bool {
            switch self {
            case .tooManyLabels, .nameTooLong, .valueTooLong, .setTooLong: false
            default: true
            }
        }
    }

    /// How large a set of labels may be.
    package struct Limits: Sendable {
        package var labels = 64
        package var nameBytes = 1024
        package var valueBytes = 4096
        /// All labels together, as they stand in a block.
        package static let setBytes = 256 << 10

        package init() {}
    }

    // Safe: pairs live only while one block is decoded, and point into that block.
    @safe private struct Pair: @unchecked Sendable {
        var name: UnsafeBufferPointer<UInt8>
        var value: UnsafeBufferPointer<UInt8>
    }

    private let limits: Limits
    private let dropped: [[UInt8]]
    private let arena = MessageArena()
    private var pairs: [Pair] = []
    private var output = ByteArena()

    /// - Parameter dropping: names of labels that are taken off every series, such as a sender's external labels.
    package init(limits: Limits, dropping: [String] = []) {
        self.limits = limits
        dropped = dropping.map { Array($0.utf8) }
    }

    /// Reads a block and lends it in canonical form, with the metric's name.
    package mutating func withCanonical<Result>(
        _ block: Span<UInt8>, _ body: (_ labels: Span<UInt8>, _ metricName: Span<UInt8>) throws(Refusal) -> Result
    ) throws(Refusal) -> Result {
        let name = try decode(block)
        return try output.withBytes { (labels) throws(Refusal) in try body(labels, labels.extracting(name)) }
    }

    /// Writes the canonical form into `output`.
    /// - Returns: where in it the metric's name stands.
    private mutating func decode(_ block: Span<UInt8>) throws(Refusal) -> Range<Int> {
        defer {
            pairs.removeAll(keepingCapacity: true)
            arena.reset()
        }
        // A label of two bytes takes some fifty once it is decoded.
        guard block.count <= Limits.setBytes else { throw .setTooLong }
        // Safe: the message lies in the arena until it is reset, and the block is lent for the length of the call.
        try unsafe block.withUnsafeBufferPointer { (bytes) throws(Refusal) in
            guard let series = unsafe rw__time_series__unpack(arena.allocator, bytes.count, bytes.baseAddress) else {
                throw .malformed
            }
            try unsafe collect(series.pointee)
        }
        try sortPairs()
        output.reset(keepingBytes: 1 << 20)
        var name: Range<Int>?
        for pair in pairs {
            if unsafe pair.value.isEmpty { continue }
            if unsafe !dropped.isEmpty && isDropped(pair.name) { continue }
            unsafe output.append(name: pair.name, value: pair.value)
            if unsafe isMetricName(pair.name) { name = unsafe output.count - pair.value.count..<output.count }
        }
        guard output.count <= Limits.setBytes else { throw .setTooLong }
        guard let name else { throw .missingName }
        return name
    }

    private mutating func collect(_ series: Rw__TimeSeries) throws(Refusal) {
        let count = unsafe series.n_labels
        guard count <= limits.labels else { throw .tooManyLabels }
        for i in 0..<count {
            guard let label = unsafe series.labels[i] else { continue }
            let pair = unsafe Pair(name: label.pointee.name.bytes, value: label.pointee.value.bytes)
            guard unsafe !pair.name.isEmpty else { throw .emptyLabelName }
            guard unsafe pair.name.count <= limits.nameBytes else { throw .nameTooLong }
            guard unsafe pair.value.count <= limits.valueBytes else { throw .valueTooLong }
            guard unsafe isUTF8(pair.name) && isUTF8(pair.value) else { throw .invalidUTF8 }
            pairs.append(pair)
        }
    }

    /// Brings the names into byte order, as Prometheus has them; most senders did so already.
    private mutating func sortPairs() throws(Refusal) {
        var ordered = true
        for i in pairs.indices.dropFirst() {
            if unsafe Self.compare(pairs[i - 1].name, pairs[i].name) >= 0 { ordered = false }
        }
        if ordered { return }
        pairs.sort { unsafe Self.compare($0.name, $1.name) < 0 }
        for i in pairs.indices.dropFirst() where unsafe Self.compare(pairs[i - 1].name, pairs[i].name) == 0 {
            throw .duplicateName
        }
    }

    private static func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        // Safe: not more is read than the shorter of the two has.
        let common = min(left.count, right.count)
        for i in 0..<common {
            let difference = unsafe Int(left[i]) - Int(right[i])
            if difference != 0 { return difference }
        }
        return left.count - right.count
    }

    private func isMetricName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count == 8, let start = name.baseAddress else { return false }
        // Safe: eight bytes were seen to be there.
        let word = unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
        return UInt64(littleEndian: word) == 0x5F5F_656D_616E_5F5F  // "__name__"
    }

    private func isDropped(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        for candidate in dropped where unsafe name.elementsEqual(candidate) { return true }
        return false
    }

    /// Nearly all labels are ASCII, which one look at each byte shows.
    private func isUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var seen: UInt8 = 0
        for i in 0..<text.count { seen |= unsafe text[i] }
        if seen < 0x80 { return true }
        return unsafe String(validating: text, as: UTF8.self) != nil
    }
}

extension ByteArena {
    /// Writes a label in the form of remote write 1.0, with the shortest lengths.
    mutating func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        let inside = 2 + varintSize(name.count) + name.count + varintSize(value.count) + value.count
        let whole = 1 + varintSize(inside) + inside
        // Safe: exactly the bytes that were reserved are written; an empty buffer may have no pointer, and is not read.
        var at = unsafe reserve(whole)
        unsafe at = Self.write(0x0A, inside, to: at)
        unsafe at = Self.write(0x0A, name.count, to: at)
        if let bytes = name.baseAddress { unsafe at.update(from: bytes, count: name.count) }
        unsafe at = Self.write(0x12, value.count, to: at + name.count)
        if let bytes = value.baseAddress { unsafe at.update(from: bytes, count: value.count) }
        commit(whole)
    }
}
