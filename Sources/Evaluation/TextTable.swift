/// A table in plain text: columns as wide as their widest entry, two spaces between them.
struct TextTable {
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]]

    /// A table of these columns; the header is aligned as its column.
    init(_ columns: [(title: String, alignment: Alignment)]) {
        alignments = columns.map(\.alignment)
        rows = [columns.map(\.title)]
    }

    /// Adds a row, an entry a column.
    mutating func append(_ row: [String]) {
        precondition(row.count == alignments.count, "\(row.count) entries for \(alignments.count) columns")
        rows.append(row)
    }

    var text: String {
        let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for column in row.indices {
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                if column > 0 { line += "  " }
                line += alignments[column] == .left ? row[column] + space : space + row[column]
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
