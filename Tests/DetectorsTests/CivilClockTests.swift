import Foundation
import Testing
import TimeSeries

@testable import Detectors

@Suite struct CivilClockTests {
    /// Moments, and what Python's zoneinfo says of them: References/make_seasonal_references.py.
    private static let references: [String: [[Int64]]] = {
        guard
            let url = Bundle.module.url(forResource: "civil-clock", withExtension: "json", subdirectory: "References"),
            let data = try? Data(contentsOf: url)
        else { return [:] }
        return (try? JSONDecoder().decode([String: [[Int64]]].self, from: data)) ?? [:]
    }()

    @Test(arguments: [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu",
        "Pacific/Apia", "America/Sao_Paulo", "Africa/Cairo",
    ])
    func `shows what another library shows, around each change of the clock`(zone: String) throws {
        let clock = try CivilClock(zone: zone, detector: "test")
        let rows = try #require(Self.references[zone])
        #expect(rows.count >= 100)
        for row in rows {
            let reading = clock.reading(at: Timestamp(milliseconds: row[0] * 1_000))
            #expect(reading.millisecondOfDay == row[1] * 1_000, "\(row[0])")
            #expect(reading.isRestDay == (row[2] >= 5), "\(row[0])")
        }
    }

    @Test func `agrees with Foundation every eleven hours up to 2100`() throws {
        for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"] {
            let zone = try #require(TimeZone(identifier: name))
            let clock = try CivilClock(zone: name, detector: "test")
            for second in stride(from: 1_600_000_000, to: 4_102_444_800, by: 11 * 3_600 * 10) {
                let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
                #expect(
                    clock.milliseconds(at: Timestamp(milliseconds: Int64(second) * 1_000))
                        == Int64(second + offset) * 1_000)
            }
        }
    }

    @Test func `a change of the clock leaves the hours of the day where they are`() throws {
        let clock = try CivilClock(zone: "Europe/Berlin", detector: "test")
        // 09:00 in Berlin on the days around 2026-03-29, when the clock was put forward.
        for (day, hourOfUTC) in [(27, 8), (28, 8), (29, 7), (30, 7)] as [(Int64, Int64)] {
            let midnight: Int64 = 1_772_323_200_000 + (day - 1) * 86_400_000
            let reading = clock.reading(at: Timestamp(milliseconds: midnight + hourOfUTC * 3_600_000))
            #expect(reading.millisecondOfDay == 9 * 3_600_000)
            #expect(reading.isRestDay == (day == 28 || day == 29))
        }
    }

    @Test func `holidays are days off, by the date on the wall`() throws {
        let clock = try CivilClock(
            zone: "Asia/Kathmandu", holidays: " 2026-12-25; 2027-01-01|2024-02-29;1970-01-01;", detector: "test")
        func isRestDay(_ text: String) throws -> Bool {
            let date = try #require(try? Date(text, strategy: .iso8601))
            return clock.reading(at: Timestamp(milliseconds: Int64(date.timeIntervalSince1970) * 1_000)).isRestDay
        }
        for (text, expected) in [
            ("2026-12-24T18:14:59Z", false), ("2026-12-24T18:15:00Z", true), ("2026-12-25T18:14:59Z", true),
            ("2026-12-27T18:15:00Z", false), ("2027-01-01T03:00:00Z", true), ("2024-02-29T03:00:00Z", true),
            ("2024-02-28T03:00:00Z", false), ("1970-01-01T03:00:00Z", true), ("2060-01-01T03:00:00Z", false),
        ] {
            #expect(try isRestDay(text) == expected, "\(text)")
        }
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "25.12.2026", "2026-1-01", "x", "2026-12-25;oops",
        "1969-12-31", "2100-02-29",
    ])
    func `refuses what is no date, and says which`(text: String) {
        #expect {
            try CivilClock(zone: "UTC", holidays: text, detector: "seasonal")
        } throws: { error in
            "\(error)".contains("holidays=\(text.split(separator: ";").last ?? "") of seasonal")
                && "\(error)".contains("2026-12-25")
        }
    }

    @Test func `refuses a zone that is not known`() {
        #expect {
            try CivilClock(zone: "Europe/Atlantis", detector: "seasonal")
        } throws: { error in
            "\(error)".contains("timezone=Europe/Atlantis of seasonal")
        }
    }

    @Test func `any time at all can be read`() throws {
        for zone in ["UTC", "America/New_York"] {
            let clock = try CivilClock(zone: zone, detector: "test")
            for milliseconds in [Int64.min, -86_400_001, -1, 0, 1, 4_102_444_800_000, 1 << 50, .max] {
                let reading = clock.reading(at: Timestamp(milliseconds: milliseconds))
                #expect((0..<86_400_000).contains(reading.millisecondOfDay))
            }
        }
    }
}
