internal import Foundation
package import TimeSeries

/// A stretch of time that a person labelled as anomalous, both ends included.
package struct LabelWindow: Equatable, Sendable {
    package let start: Timestamp
    package let end: Timestamp

    package func contains(_ time: Timestamp) -> Bool { start <= time && time <= end }
}

/// The inputs below one path, and where their labels are.
package struct DataFolder: Sendable {
    package enum Labels: Equatable, Sendable {
        /// The windows of each relative path, as in the Numenta Anomaly Benchmark (numenta/NAB).
        case nab([String: [LabelWindow]])
        /// At least one input has a column of labels.
        case columns
        /// Normal data: whatever is found there is a false alarm.
        case none
    }

    package let inputs: [InputFile]
    package let labels: Labels

    /// A folder with `data/` and `labels/combined_windows.json` is taken as NAB's, its inputs are those below `data/`.
    package init(path: String) throws {
        let root = path.hasSuffix("/") ? String(path.dropLast()) : path
        let windows = root + "/labels/combined_windows.json"
        let files = FileManager.default
        if files.fileExists(atPath: root + "/data"), files.fileExists(atPath: windows) {
            inputs = try InputFile.find([root + "/data"])
            labels = .nab(try Self.readWindows(windows))
        } else {
            inputs = try InputFile.find([path])
            labels = inputs.contains(where: SeriesFile.hasLabels) ? .columns : .none
        }
    }

    /// Reads NAB's `combined_windows.json`: relative path to pairs of times.
    package static func readWindows(_ path: String) throws -> [String: [LabelWindow]] {
        let pairs: [String: [[String]]]
        do {
            pairs = try JSONDecoder().decode(
                [String: [[String]]].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw DatasetError("\(path): no JSON object of lists of [start, end]: \(error.localizedDescription)")
        }
        return try pairs.mapValues { windows in
            try windows.map { pair in
                let times = pair.compactMap(Self.time)
                guard times.count == 2, pair.count == 2, times[0] <= times[1] else {
                    throw DatasetError("\(path): \(pair) is no window; write [start, end] as times")
                }
                return LabelWindow(start: times[0], end: times[1])
            }
        }
    }

    private static func time(_ text: String) -> Timestamp? {
        var reader = TimeText()
        let bytes = Array(text.utf8)
        return reader.read(bytes.span, 0..<bytes.count)
    }
}
