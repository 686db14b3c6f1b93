internal import TimeSeries

extension SeriesFile {
    /// Reads separated values: a header, then a row a line; the separator is the comma, semicolon or tab that the
    /// header has most of.
    static func readSeparatedValues(
        _ bytes: [UInt8], from start: Int, relativePath: String, limits: ReadingLimits
    ) throws(DatasetError) -> SeriesColumns {
        let text = bytes.span
        var at = start
        var line = 1
        while at < text.count,
            ByteText.trimmed(text, at..<ByteText.endOfLine(text, from: at)).isEmpty
                || text[at] == 0x0D
        {
            at = min(ByteText.endOfLine(text, from: at) + 1, text.count)
            line += 1
        }
        if at >= text.count { throw DatasetError("\(relativePath): the file is empty; a header line is needed") }
        let separator = separator(text, from: at)
        var record = SeparatedRecord()
        record.read(text, from: at, separator: separator, limit: limits.lineBytes)
        if let fault = record.fault {
            throw DatasetError("\(relativePath):\(line): the header cannot be read: \(fault.reason)")
        }
        if record.fields.count > limits.columns {
            throw DatasetError(
                "\(relativePath): \(record.fields.count) columns, the limit is \(limits.columns); split the file")
        }
        var names: [String] = []
        for field in record.fields.indices { names.append(record.text(text, field)) }
        try refuseData(record, text, relativePath)
        at = record.end
        line += record.lines

        let width = names.count
        let roles = ColumnRoles(names: names)
        let places = roles.value.map { [$0] } ?? numericColumns(text, at, separator, roles, names, limits)
        if places.isEmpty {
            throw DatasetError("\(relativePath): no numeric column besides the time; name one `value`")
        }
        var columns = SeriesColumns(
            relativePath: relativePath, limits: limits, names: places.map { names[$0] }, hasLabels: roles.label != nil)
        var row = Array(repeating: 0.0, count: places.count)
        var isFirst = true
        while at < text.count {
            record.read(text, from: at, separator: separator, limit: limits.lineBytes)
            let (next, lines) = (record.end, record.lines)
            defer {
                at = next
                line += lines
            }
            if record.isBlank(text) { continue }
            if isFirst {
                isFirst = false
                // From the length of the first row; an estimate, never more than the bytes can hold.
                columns.reserve(rows: min((text.count - at) / max(next - at, 8) + 1, limits.values / places.count))
            }
            var timeRange = TextRange.none
            if record.fault == nil, roles.time < record.fields.count {
                let range = ByteText.trimmed(text, record.fields[roles.time])
                timeRange = TextRange(range.lowerBound, range.upperBound)
            }
            if let fault = record.fault {
                try columns.appendMalformed(line: line, text: timeRange, fault.reason)
                continue
            }
            guard record.fields.count == width else {
                try columns.appendMalformed(
                    line: line, text: timeRange, "\(record.fields.count) columns where the header has \(width)")
                continue
            }
            guard let time = columns.timeText.read(text, timeRange.bounds) else {
                try columns.appendMalformed(
                    line: line, text: timeRange, "\(ByteText.quoted(text, timeRange.bounds)) is no time")
                continue
            }
            var unreadable: Int?
            for place in places.indices {
                if let value = NumberText.read(text, record.fields[places[place]]).value {
                    row[place] = value
                } else {
                    unreadable = unreadable ?? places[place]
                }
            }
            var label = false
            if let place = roles.label {
                if let read = readLabel(text, record.fields[place]) {
                    label = read
                } else {
                    unreadable = unreadable ?? place
                }
            }
            if let unreadable {
                try columns.appendMalformed(
                    line: line, text: timeRange,
                    "\(names[unreadable]) \(ByteText.quoted(text, record.fields[unreadable])) is no number")
                continue
            }
            try columns.append(time: time, text: timeRange, values: row, label: label)
        }
        return columns
    }

    /// Any number above 0 and `true` are an anomaly; nil for what is neither a number nor a word of these.
    static func readLabel(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool? {
        if let value = NumberText.read(text, range).value { return value > 0 }
        let word = ByteText.trimmed(text, range)
        if ByteText.matches(text, word, "true") { return true }
        return ByteText.matches(text, word, "false") ? false : nil
    }

    private static func separator(_ text: Span<UInt8>, from start: Int) -> UInt8 {
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        var counts = [0, 0, 0]
        var isQuoted = false
        for at in start..<ByteText.endOfLine(text, from: start) {
            if text[at] == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if let candidate = candidates.firstIndex(of: text[at]) { counts[candidate] += 1 }
        }
        var best = 0
        for candidate in 1..<3 where counts[candidate] > counts[best] { best = candidate }
        return candidates[best]
    }

    /// A file without a header would lose its first row, and its columns have no names.
    private static func refuseData(
        _ record: SeparatedRecord, _ text: Span<UInt8>, _ relativePath: String
    ) throws(DatasetError) {
        var numbers = 0
        for field in record.fields {
            var time = TimeText()
            if time.read(text, field) != nil {
                numbers += 1
            } else if NumberText.read(text, field).value != nil {
                numbers += 1
            }
        }
        if numbers == record.fields.count {
            throw DatasetError(
                "\(relativePath): the first line is data; put a header before it, such as timestamp,value")
        }
    }

    /// Columns that are numbers in at least half of the first hundred rows that have something there.
    private static func numericColumns(
        _ text: Span<UInt8>, _ start: Int, _ separator: UInt8, _ roles: ColumnRoles, _ names: [String],
        _ limits: ReadingLimits
    ) -> [Int] {
        var balance = Array(repeating: 0, count: names.count)
        var record = SeparatedRecord()
        var at = start
        var rows = 0
        while at < text.count, rows < 100 {
            record.read(text, from: at, separator: separator, limit: limits.lineBytes)
            at = record.end
            rows += 1
            guard record.fault == nil, record.fields.count == names.count else { continue }
            for place in names.indices {
                switch NumberText.read(text, record.fields[place]) {
                case .number: balance[place] += 1
                case .missing: break
                case .unreadable: balance[place] -= 1
                }
            }
        }
        return names.indices.filter { balance[$0] >= 0 && $0 != roles.time && !ColumnRoles.isLabel(names[$0]) }
    }
}
