import TimeSeries

@testable import SeriesIndexing

/// The pairs as a sender would write them, in the order given.
func block(_ pairs: [(String, String)]) -> [UInt8] {
    var block: [UInt8] = []
    for (name, value) in pairs {
        LabelBlock.append(name: Array(name.utf8).span, value: Array(value.utf8).span, to: &block)
    }
    return block
}

/// Blocks laid one after another, as in a request, with some bytes that belong to none between them.
struct LaidOut {
    var bytes: [UInt8] = [0xFF]
    var slices: [SeriesSlice] = []

    init(_ blocks: [[UInt8]]) {
        for block in blocks {
            slices.append(
                SeriesSlice(
                    labelStart: UInt32(bytes.count), labelLength: UInt32(block.count),
                    firstSample: UInt32(slices.count), sampleCount: 1))
            bytes += block + [0xFF]
        }
    }
}

extension SeriesIndex {
    /// Registers labels as a sender brings them; in their canonical order where no other is given.
    func register(_ labels: Labels, as sent: [UInt8]? = nil) -> Registration {
        let canonical = labels.block
        let block = sent ?? canonical
        return register(canonical.span, block: block.span)
    }
}
