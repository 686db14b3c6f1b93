/// Where an axis puts a number: a range of data onto a range of pixels.
struct PlotScale {
    let data: ClosedRange<Double>
    let start: Double
    let end: Double

    func callAsFunction(_ number: Double) -> Double {
        let span = data.upperBound - data.lowerBound
        return span > 0 ? start + (number - data.lowerBound) / span * (end - start) : (start + end) / 2
    }
}

/// A line or an area through many rows, reduced to what a pixel column can show.
///
/// Each column keeps its first, lowest, highest and last row, so that no spike is lost; a picture's size is bounded by its
/// width, however long the series.
enum PlotPath {
    /// A line through the finite rows; others break it.
    static func line(_ numbers: [Double], x: [Double], y: PlotScale) -> String {
        var path = ""
        for piece in pieces(numbers, x: x) {
            for (k, row) in piece.enumerated() {
                path += (k == 0 ? "M" : "L") + point(x[row], y(numbers[row]))
            }
            // A single row has no length; a stroke of nothing with round ends is a dot.
            if piece.count == 1 { path += "h0" }
        }
        return path
    }

    /// The area between two lines, the widest of each pixel column, where both are finite.
    static func band(lower: [Double], upper: [Double], x: [Double], y: PlotScale) -> String {
        var path = ""
        var columns: [(x: Double, low: Double, high: Double)] = []
        func close() {
            guard columns.count > 1 else { return columns.removeAll() }
            let there = columns.map { point($0.x, y($0.high)) }
            let back = columns.reversed().map { point($0.x, y($0.low)) }
            path += "M" + (there + back).joined(separator: "L") + "Z"
            columns.removeAll()
        }
        for row in x.indices {
            guard lower[row].isFinite, upper[row].isFinite else {
                close()
                continue
            }
            if let last = columns.last, last.x.rounded() == x[row].rounded() {
                columns[columns.count - 1] = (last.x, min(last.low, lower[row]), max(last.high, upper[row]))
            } else {
                columns.append((x[row], lower[row], upper[row]))
            }
        }
        close()
        return path
    }

    /// The rows to draw, a list for each stretch without gaps.
    private static func pieces(_ numbers: [Double], x: [Double]) -> [[Int]] {
        var pieces: [[Int]] = []
        var piece: [Int] = []
        var column: (first: Int, low: Int, high: Int, last: Int)?
        func endColumn() {
            guard let rows = column else { return }
            for row in [rows.first, min(rows.low, rows.high), max(rows.low, rows.high), rows.last]
            where piece.last != row { piece.append(row) }
            column = nil
        }
        for row in numbers.indices {
            guard numbers[row].isFinite else {
                // A gap that no pixel can show would only make the picture long.
                if let rows = column, x[row].rounded() == x[rows.first].rounded() { continue }
                endColumn()
                if !piece.isEmpty { pieces.append(piece) }
                piece = []
                continue
            }
            if let rows = column, x[row].rounded() == x[rows.first].rounded() {
                column = (
                    rows.first, numbers[row] < numbers[rows.low] ? row : rows.low,
                    numbers[row] > numbers[rows.high] ? row : rows.high, row
                )
            } else {
                endColumn()
                column = (row, row, row, row)
            }
        }
        endColumn()
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }

    static func point(_ x: Double, _ y: Double) -> String { "\(pixels(x)) \(pixels(y))" }

    /// A length to a tenth of a pixel, kept within what every viewer can draw.
    static func pixels(_ length: Double) -> String {
        let tenths = Int((min(max(length, -1e5), 1e5) * 10).rounded())
        return tenths.isMultiple(of: 10)
            ? String(tenths / 10) : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
