internal import TimeSeries

/// What the columns of an input are: one time, the metrics, perhaps labels of anomalies.
struct ColumnRoles: Equatable {
    var time: Int
    var label: Int?
    /// Metrics that are certain (`value`), or nil where every other numeric column is one.
    var value: Int?

    private static let timeNames = ["timestamp", "time", "ts", "date", "datetime"]
    private static let labelNames = ["label", "is_anomaly", "anomaly"]

    /// - Precondition: there is at least one name.
    init(names: [String]) {
        let small = names.map { $0.lowercased() }
        func place(of candidates: [String]) -> Int? {
            for name in candidates {
                if let place = small.firstIndex(of: name) { return place }
            }
            return nil
        }
        time = place(of: Self.timeNames) ?? 0
        let labels = place(of: Self.labelNames)
        label = labels == time ? nil : labels
        value = small.indices.first { small[$0] == "value" && $0 != time && $0 != label }
    }

    static func isLabel(_ name: String) -> Bool { labelNames.contains(name.lowercased()) }
}

/// The columns of an input while it is read.
struct SeriesColumns {
    let relativePath: String
    let limits: ReadingLimits
    let names: [String]
    var times: [Timestamp] = []
    var values: [[Double]]
    var labels: [Bool]?
    var timeTexts: [TextRange] = []
    var malformedRows: [Int] = []
    var problems = RowProblems()
    var timeText = TimeText()

    init(relativePath: String, limits: ReadingLimits, names: [String], hasLabels: Bool) {
        self.relativePath = relativePath
        self.limits = limits
        self.names = names
        values = Array(repeating: [], count: names.count)
        labels = hasLabels ? [] : nil
    }

    mutating func reserve(rows: Int) {
        let rows = min(rows, limits.rows)
        times.reserveCapacity(rows)
        timeTexts.reserveCapacity(rows)
        for place in values.indices { values[place].reserveCapacity(rows) }
        labels?.reserveCapacity(rows)
    }

    mutating func append(time: Timestamp, text: TextRange, values row: [Double], label: Bool) throws(DatasetError) {
        try checkRoom()
        times.append(time)
        timeTexts.append(text)
        for place in row.indices { values[place].append(row[place]) }
        labels?.append(label)
    }

    mutating func appendMalformed(
        line: Int, text: TextRange, _ reason: @autoclosure () -> String
    ) throws(DatasetError) {
        try checkRoom()
        malformedRows.append(times.count)
        problems.add(file: relativePath, line: line, reason: reason())
        times.append(times.last ?? Timestamp(milliseconds: 0))
        timeTexts.append(text)
        for place in values.indices { values[place].append(.nan) }
        labels?.append(false)
    }

    private func checkRoom() throws(DatasetError) {
        let rows = times.count
        if rows >= limits.rows {
            throw DatasetError("\(relativePath): more than \(limits.rows) rows; split the file")
        }
        if (rows + 1) * values.count > limits.values {
            throw DatasetError(
                "\(relativePath): more than \(limits.values) values (\(values.count) metrics a row); split the file")
        }
    }

    consuming func finish(bytes: [UInt8]) -> SeriesFile {
        // Malformed rows at the start have no row before them.
        var leading = 0
        while leading < malformedRows.count, malformedRows[leading] == leading { leading += 1 }
        if leading < times.count {
            for row in 0..<leading { times[row] = times[leading] }
        }
        var metrics: [SeriesFile.Metric] = []
        for place in names.indices { metrics.append(.init(name: names[place], values: values[place])) }
        return SeriesFile(
            relativePath: relativePath, times: times, metrics: metrics, labels: labels, malformedRows: malformedRows,
            problems: problems, bytes: bytes, timeTexts: timeTexts)
    }
}
