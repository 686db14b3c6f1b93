internal import TimeSeries

/// Which family a series of a classic histogram belongs to, and as what.
///
/// The family is named by the labels of its series with the name's suffix and `le` taken away
/// (prometheus.io/docs/concepts/metric_types, "Histogram").
struct FamilyKey: Equatable {
    enum Role: Equatable {
        case bucket(upperBound: Double)
        case sum, count
    }

    private static let suffixes: [(text: [UInt8], isBucket: Bool)] = [
        (Array("_bucket".utf8), true), (Array("_sum".utf8), false), (Array("_count".utf8), false),
    ]
    private static let nameLabel = Array("__name__".utf8)
    private static let boundLabel = Array("le".utf8)

    /// A canonical label block with the bare name.
    let block: [UInt8]
    let role: Role

    /// Nil for a series that is no part of a classic histogram: of another name, a bucket whose bound is not a number, a sum
    /// or count with a bound.
    init?(_ labels: Span<UInt8>) {
        var name: [UInt8] = []
        var bound: String?
        LabelBlock.forEachLabel(in: labels) { label, value in
            if label.equals(Self.nameLabel) { name = Array(value) }
            if label.equals(Self.boundLabel) { bound = String(decodingUTF8: value) }
        }
        guard let suffix = Self.suffixes.first(where: { name.count > $0.text.count && name.ends(with: $0.text) }),
            suffix.isBucket == (bound != nil)
        else { return nil }
        if let bound {
            // "1", "1.0" and "1e0" are one bound. Old clients write "+Inf", some "Inf".
            guard let upperBound = Double(bound), !upperBound.isNaN, upperBound != -.infinity else { return nil }
            role = .bucket(upperBound: upperBound)
        } else {
            role = suffix.text.count == 4 ? .sum : .count
        }
        name.removeLast(suffix.text.count)
        block = Self.block(labels, name: name, dropsBound: true)
    }

    /// The labels of one of a family's signals.
    static func labels(of family: [UInt8], signal: HistogramSignal) -> [UInt8] {
        var name: [UInt8] = []
        LabelBlock.forEachLabel(in: family.span) { label, value in
            if label.equals(Self.nameLabel) { name = Array(value) }
        }
        return block(family.span, name: name + Array(signal.suffix.utf8), dropsBound: false)
    }

    /// The labels of a family's sum and count.
    static func counterLabels(of family: [UInt8]) -> [[UInt8]] {
        var name: [UInt8] = []
        LabelBlock.forEachLabel(in: family.span) { label, value in
            if label.equals(Self.nameLabel) { name = Array(value) }
        }
        return suffixes.filter { !$0.isBucket }.map { block(family.span, name: name + $0.text, dropsBound: false) }
    }

    private static func block(_ labels: Span<UInt8>, name: [UInt8], dropsBound: Bool) -> [UInt8] {
        var block: [UInt8] = []
        block.reserveCapacity(labels.count + 8)
        LabelBlock.forEachLabel(in: labels) { label, value in
            if label.equals(nameLabel) {
                LabelBlock.append(name: label, value: name.span, to: &block)
            } else if !dropsBound || !label.equals(boundLabel) {
                LabelBlock.append(name: label, value: value, to: &block)
            }
        }
        return block
    }
}

extension Array where Element == UInt8 {
    init(_ bytes: Span<UInt8>) {
        self.init()
        reserveCapacity(bytes.count)
        for i in bytes.indices { append(bytes[i]) }
    }

    fileprivate func ends(with suffix: [UInt8]) -> Bool { self.suffix(suffix.count).elementsEqual(suffix) }
}

extension Span<UInt8> {
    fileprivate func equals(_ bytes: [UInt8]) -> Bool {
        guard count == bytes.count else { return false }
        for i in indices where self[i] != bytes[i] { return false }
        return true
    }
}
