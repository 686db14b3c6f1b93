internal import FoundationEssentials
internal import TimeSeries

extension SeriesFile {
    /// Reads JSON lines: an object a line. The keys of the first good one decide what is what: later ones may lack a
    /// metric, which is then missing, and what else they have is left out.
    static func readJSONLines(
        _ bytes: [UInt8], from start: Int, relativePath: String, limits: ReadingLimits
    ) throws(DatasetError) -> SeriesColumns {
        let text = bytes.span
        guard let layout = try objectLayout(text, start, relativePath, limits) else {
            throw DatasetError("\(relativePath): no line is a JSON object with a time and a number")
        }
        var columns = SeriesColumns(
            relativePath: relativePath, limits: limits, names: layout.metrics, hasLabels: layout.hasLabels)
        var object = FlatObject()
        var row = Array(repeating: Double.nan, count: layout.metrics.count)
        var at = start
        var line = 0
        while at < text.count {
            let end = ByteText.endOfLine(text, from: at)
            let range = trimmedLine(text, at..<end)
            at = end + 1
            line += 1
            if range.isEmpty { continue }
            if range.count > limits.lineBytes {
                let fault = SeparatedRecord.Fault.tooLong(limit: limits.lineBytes)
                try columns.appendMalformed(line: line, text: .none, fault.reason)
                continue
            }
            object.read(text, range)
            if let fault = object.fault {
                try columns.appendMalformed(line: line, text: .none, fault)
                continue
            }
            var (time, timeRange, label, reason) = (Timestamp?.none, TextRange.none, false, String?.none)
            for place in row.indices { row[place] = .nan }
            for place in object.members.indices {
                let member = object.members[place]
                let range = member.value
                switch layout.role(text, member.key, at: place) {
                case .time:
                    timeRange = TextRange(range.lowerBound, range.upperBound)
                    time = columns.timeText.read(text, range)
                case .metric(let metric):
                    if let value = NumberText.read(text, range).value {
                        row[metric] = value
                    } else {
                        reason = "\(layout.metrics[metric]) \(ByteText.quoted(text, range)) is no number"
                    }
                case .label:
                    if let read = readLabel(text, range) {
                        label = read
                    } else {
                        reason = "the label \(ByteText.quoted(text, range)) is no number"
                    }
                case .other: break
                }
            }
            if let time, reason == nil {
                try columns.append(time: time, text: timeRange, values: row, label: label)
            } else {
                let noTime =
                    timeRange == .none ? "there is no time" : "\(ByteText.quoted(text, timeRange.bounds)) is no time"
                try columns.appendMalformed(line: line, text: timeRange, time == nil ? noTime : reason ?? "")
            }
        }
        return columns
    }

    private static func trimmedLine(_ text: Span<UInt8>, _ line: Range<Int>) -> Range<Int> {
        let isReturn = !line.isEmpty && text[line.upperBound - 1] == 0x0D
        return ByteText.trimmed(text, isReturn ? line.lowerBound..<line.upperBound - 1 : line)
    }

    private static func objectLayout(
        _ text: Span<UInt8>, _ start: Int, _ relativePath: String, _ limits: ReadingLimits
    ) throws(DatasetError) -> ObjectLayout? {
        var object = FlatObject()
        var at = start
        while at < text.count {
            let end = ByteText.endOfLine(text, from: at)
            let range = trimmedLine(text, at..<end)
            at = end + 1
            if range.isEmpty || range.count > limits.lineBytes { continue }
            object.read(text, range)
            if object.fault != nil || object.members.isEmpty { continue }
            if object.members.count > limits.columns {
                throw DatasetError(
                    "\(relativePath): \(object.members.count) keys, the limit is \(limits.columns); split the file")
            }
            let layout = ObjectLayout(object, text)
            if !layout.metrics.isEmpty { return layout }
        }
        return nil
    }
}

/// What each key of an input's objects stands for.
struct ObjectLayout {
    enum Role: Equatable { case time, metric(Int), label, other }

    let metrics: [String]
    let hasLabels: Bool
    /// The keys of the first object as they stand, since later objects mostly have the same in the same order.
    private let expected: [(key: [UInt8], role: Role)]
    private let roles: [String: Role]

    init(_ object: FlatObject, _ text: Span<UInt8>) {
        let names = object.members.map { Self.name(text, $0.key) }
        let columns = ColumnRoles(names: names)
        var metrics: [String] = []
        var roles: [String: Role] = [:]
        for place in names.indices where roles[names[place]] == nil {
            let member = object.members[place]
            let isNumber = !member.isNested && NumberText.read(text, member.value) != .unreadable
            if place == columns.time {
                roles[names[place]] = .time
            } else if place == columns.label {
                roles[names[place]] = .label
            } else if columns.value == nil ? isNumber && !ColumnRoles.isLabel(names[place]) : place == columns.value {
                roles[names[place]] = .metric(metrics.count)
                metrics.append(names[place])
            } else {
                roles[names[place]] = .other
            }
        }
        self.metrics = metrics
        self.roles = roles
        hasLabels = columns.label != nil
        var expected: [(key: [UInt8], role: Role)] = []
        for place in names.indices {
            expected.append((ByteText.array(text, object.members[place].key), roles[names[place]] ?? .other))
        }
        self.expected = expected
    }

    func role(_ text: Span<UInt8>, _ key: Range<Int>, at place: Int) -> Role {
        if place < expected.count, expected[place].key.count == key.count {
            var same = 0
            while same < key.count, expected[place].key[same] == text[key.lowerBound + same] { same += 1 }
            if same == key.count { return expected[place].role }
        }
        return roles[Self.name(text, key)] ?? .other
    }

    private static func name(_ text: Span<UInt8>, _ key: Range<Int>) -> String {
        let raw = ByteText.array(text, key)
        if raw.contains(0x5C), let name = try? JSONDecoder().decode(String.self, from: Data([0x22] + raw + [0x22])) {
            return name
        }
        return String(decoding: raw, as: UTF8.self)
    }
}
