import Foundation

/// A file that `lapwing detect` wrote.
struct ScoreTable {
    static let header = "timestamp,value,score,smoothed,onset,expected,lower,upper"

    let times: [String]
    let values: [Double]
    let scores: [Double]
    let onsets: [Double]
    let expected: [Double?]

    init(_ path: String) throws {
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        guard !lines.isEmpty, lines.removeFirst() == Self.header else { throw TestbedError("\(path): another header") }
        let rows = try lines.map { line in
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 8 else { throw TestbedError("\(path): \(line)") }
            return fields
        }
        func column(_ place: Int) throws -> [Double] {
            try rows.map { row in
                guard let number = Double(row[place]) else { throw TestbedError("\(path): \(row[place])") }
                return number
            }
        }
        times = rows.map { String($0[0]) }
        values = try column(1)
        scores = try column(2)
        onsets = try column(4)
        expected = rows.map { Double($0[5]) }
    }
}

/// Series with known anomalies, for files.
enum SampleSeries {
    /// A wave with small noise, a row a minute, and single high values at some rows.
    static func values(_ count: Int, spikes: Set<Int> = []) -> [Double] {
        var state: UInt64 = 7
        return (0..<count).map { row in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Double(state >> 40) / Double(1 << 24) - 0.5
            return 50 + 5 * sin(Double(row) / 30) + noise + (spikes.contains(row) ? 60 : 0)
        }
    }

    static let start = 1_700_000_000

    static func csv(_ values: [Double], labels: Set<Int>? = nil) -> String {
        var text = labels == nil ? "timestamp,value\n" : "timestamp,value,label\n"
        for (row, value) in values.enumerated() {
            text += "\(start + 60 * row),\(value)"
            if let labels { text += labels.contains(row) ? ",1" : ",0" }
            text += "\n"
        }
        return text
    }
}

extension Testbed {
    /// Writes a file into the folder, with the folders on the way to it.
    func write(below name: String, _ text: String) throws {
        let place = URL(fileURLWithPath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: place)
    }

    /// The files below a folder, sorted.
    func files(below name: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: "\(folder)/\(name)")?.allObjects as? [String] ?? []
        return found.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(name)/\(path)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }
}
