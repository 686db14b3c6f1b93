import Foundation

/// The series of the Numenta benchmark and the scores of the study's prototypes on them, where both are at hand: LAPWING_QUALITY
/// names the folder with nab/data, LAPWING_PROTOTYPE_SCORES what Tests/DetectorsTests/References/make_nab_scores.py wrote.
package struct NABScores {
    package struct Series {
        /// Group and name, without an extension.
        package let name: String
        package let values: [Double]
        /// Seconds since 1970.
        package let times: [Double]
    }

    private let scores: URL
    package let series: [Series]

    package static var areAtHand: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment["LAPWING_QUALITY"] != nil && environment["LAPWING_PROTOTYPE_SCORES"] != nil
    }

    package init() throws {
        let environment = ProcessInfo.processInfo.environment
        let data = URL(filePath: environment["LAPWING_QUALITY"] ?? "").appending(path: "nab/data")
        let scores = URL(filePath: environment["LAPWING_PROTOTYPE_SCORES"] ?? "")
        self.scores = scores
        var series: [Series] = []
        for group in try FileManager.default.contentsOfDirectory(atPath: data.path).sorted() {
            let folder = data.appending(path: group)
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for file in files.sorted() where file.hasSuffix(".csv") {
                let name = "\(group)/\(file.dropLast(4))"
                let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                let values = text.split(whereSeparator: \.isNewline).dropFirst().compactMap {
                    Double($0.split(separator: ",")[1])
                }
                let times = try Self.numbers(scores.appending(path: "times/\(name).f64"))
                series.append(Series(name: name, values: values, times: times))
            }
        }
        self.series = series
    }

    /// A prototype's scores of a series.
    package func scores(of prototype: String, _ series: Series) throws -> [Double] {
        try Self.numbers(scores.appending(path: "\(prototype)/\(series.name).f64"))
    }

    private static func numbers(_ url: URL) throws -> [Double] {
        let data = try Data(contentsOf: url)
        return stride(from: 0, to: data.count, by: 8).map { start in
            Double(bitPattern: data[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }
    }
}
