import Foundation
import Testing
import TimeSeries

@testable import Detectors

/// Holds the detector against the study's prototype on all of NAB, where both are at hand:
///
///     python3 Tests/DetectorsTests/References/make_seasonal_references.py --nab QUALITY OUT
///     LAPWING_QUALITY=QUALITY LAPWING_PROTOTYPE_SCORES=OUT swift test -c release --filter SeasonalPrototypeTests
///
/// Three artificial series without any noise are held against the equations reckoned with 40 digits: there the
/// prototype differs from these, by its own rounding. NAB lies in QUALITY/nab; QUALITY is `../shared/quality` beside
/// the package where the variable is not set.
@Suite struct SeasonalPrototypeTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let data: URL = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let quality =
            environment["LAPWING_QUALITY"].map { URL(filePath: $0) } ?? root.appending(path: "../shared/quality")
        return quality.appending(path: "nab/data")
    }()
    private static let scores = environment["LAPWING_PROTOTYPE_SCORES"].map { URL(filePath: $0) }

    private static var areAtHand: Bool {
        guard let scores else { return false }
        return FileManager.default.fileExists(atPath: data.path)
            && FileManager.default.fileExists(atPath: scores.appending(path: "seasonal").path)
    }

    @Test(.enabled(if: areAtHand, "NAB or the prototype's scores of it are not at hand: see SeasonalPrototypeTests"))
    func `on all of NAB the scores are those of the prototype`() throws {
        let scores = try #require(Self.scores)
        var (files, noiseless, samples, anomalous) = (0, 0, 0, 0)
        var (worstOfDouble, worstOfFloat) = (0.0, 0.0)
        for group in try FileManager.default.contentsOfDirectory(atPath: Self.data.path).sorted() {
            let folder = Self.data.appending(path: group)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names.sorted() where name.hasSuffix(".csv") {
                let series = try Self.rows(of: folder.appending(path: name))
                let prototype = scores.appending(path: "seasonal/\(group)/\(name.dropLast(4))")
                let exactly = prototype.appendingPathExtension("exact.f64")
                let isNoiseless = FileManager.default.fileExists(atPath: exactly.path)
                let expected = try Self.numbers(
                    in: isNoiseless ? exactly : prototype.appendingPathExtension("f64"))
                if isNoiseless { noiseless += 1 }
                try #require(series.count == expected.count)
                let exact = Self.scores(Seasonal<Double>(), series)
                let narrow = Self.scores(Seasonal<Float>(), series)
                var (ofDouble, ofFloat) = (0.0, 0.0)
                for i in expected.indices {
                    ofDouble = max(ofDouble, abs(exact[i] - expected[i]) / max(expected[i], 1e-3))
                    ofFloat = max(ofFloat, abs(narrow[i] - expected[i]) / max(expected[i], 1))
                    if expected[i] > 1 { anomalous += 1 }
                }
                #expect(ofDouble <= 1e-9, "\(group)/\(name)")
                #expect(ofFloat <= 1e-3, "\(group)/\(name)")
                worstOfDouble = max(worstOfDouble, ofDouble)
                worstOfFloat = max(worstOfFloat, ofFloat)
                files += 1
                samples += series.count
            }
        }
        print("NAB: \(files) series, \(samples) values, \(anomalous) above 1;", terminator: " ")
        print("greatest difference in Double \(worstOfDouble), in Float \(worstOfFloat)")
        #expect(files == 58)
        #expect(noiseless == 3)
        #expect(samples == 365_558)
    }

    private static func scores<Number>(
        _ core: Seasonal<Number>, _ series: [(time: Timestamp, value: Double)]
    ) -> [Double] {
        let pattern = DayPattern(separatesRestDays: false)
        let clock = CivilClock.utc
        var state = Seasonal<Number>.State()
        return series.map { sample in
            let slot = pattern.slot(clock.reading(at: sample.time))
            return (core.judge(sample.value, slot: slot, step: 1, state: &state)?.raw).map { Double($0) / 6 } ?? 0
        }
    }

    /// Rows such as `2014-04-01 00:05:00,20.0`, in UTC.
    private static func rows(of file: URL) throws -> [(time: Timestamp, value: Double)] {
        try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst().map { line in
            let text = Array(line.utf8)
            func number(_ range: Range<Int>) -> Int { text[range].reduce(0) { $0 * 10 + Int($1) - 48 } }
            let month = number(5..<7)
            let year = number(0..<4) - (month <= 2 ? 1 : 0)
            // The days of Hinnant's days_from_civil: years begin in March.
            let day = 365 * year + year / 4 - year / 100 + year / 400 + (153 * ((month + 9) % 12) + 2) / 5
            let seconds = number(11..<13) * 3_600 + number(14..<16) * 60 + number(17..<19)
            let value = try #require(Double(line.dropFirst(20)))
            return (
                Timestamp(milliseconds: Int64((day + number(8..<10) - 1 - 719_468) * 86_400 + seconds) * 1_000), value
            )
        }
    }

    /// Little-endian doubles.
    private static func numbers(in file: URL) throws -> [Double] {
        let bytes = [UInt8](try Data(contentsOf: file))
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            Double(bitPattern: (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) })
        }
    }
}
