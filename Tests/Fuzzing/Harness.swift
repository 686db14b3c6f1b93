import RemoteWrite
import TestSupport
import TimeSeries

// Built once for each target, by Tests/Fuzzing/run: with BODY, MESSAGE or LABELS, and with VERSION2 for remote write 2.0.

#if VERSION2
    private let version = WriteProtocol.version2
#else
    private let version = WriteProtocol.version1
#endif

/// Called by libFuzzer with one input after another.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    #if BODY
        checkBody(input)
    #elseif MESSAGE
        checkMessage(input)
    #else
        checkLabels(input)
    #endif
    return 0
}

/// The body as it comes from the network, of either encoding.
func checkBody(_ body: [UInt8]) {
    expectAgreement(on: body, limitBytes: 1 << 20)
}

/// The message behind the decompressor, which few mutations would survive.
func checkMessage(_ message: [UInt8]) {
    // An unknown field in front makes the message larger than the arena's first piece. It then ends where its memory ends,
    // and the address sanitizer sees a single byte that is read too far.
    let length = padding.count + message.count
    let body = Snappy.block(declaring: UInt64(length), compressedPadding + Snappy.literal(message))
    expectAgreement(on: body, limitBytes: length)
}

private let padding = ProtobufWriter.message { $0.bytes(15, [UInt8](repeating: 0, count: 128 * 1024)) }
private let compressedPadding = Snappy.elements(padding)

private func expectAgreement(on body: [UInt8], limitBytes: Int) {
    if let disagreement = Decoded.disagreement(on: body, as: version, limitBytes: limitBytes) {
        fatalError(disagreement)
    }
}

/// A label block: whatever is accepted is in canonical form.
func checkLabels(_ block: [UInt8]) {
    var decoder = LabelDecoder(limits: LabelDecoder.Limits())
    guard case .success(let labels) = decoder.labels(of: block.span) else { return }
    let pairs = labels.pairs
    precondition(decoder.labels(of: labels.block.span) == .success(labels), "decoding the canonical form changes it")
    precondition(Labels(pairs) == labels, "the canonical form is not what its pairs make")
    precondition(labels["__name__"]?.isEmpty == false, "a series without a name")
    for pair in pairs { precondition(!pair.name.isEmpty && !pair.value.isEmpty, "an empty name or value") }
    for (left, right) in zip(pairs, pairs.dropFirst()) {
        precondition(left.name.utf8.lexicographicallyPrecedes(right.name.utf8), "names out of order, or one twice")
    }
}
