import Testing
import TimeSeries

@testable import Datasets

@Suite struct TimeTextTests {
    private static func milliseconds(_ text: String) -> Int64? {
        var reader = TimeText()
        let bytes = Array(text.utf8)
        return reader.read(bytes.span, 0..<bytes.count)?.milliseconds
    }

    /// The expected values are those of Python's datetime.
    @Test(
        arguments: [
            ("1491041280", 1_491_041_280_000), ("1491041280.1234", 1_491_041_280_123),
            ("1491041280.9996", 1_491_041_281_000),
            ("-1", -1000), ("-1.5", -1500), ("0", 0), ("1491041280123", 1_491_041_280_123),
            ("1491041280123456", 1_491_041_280_123), ("1491041280123500", 1_491_041_280_124),
            ("1491041280123456789", 1_491_041_280_123), ("1.49104128e9", 1_491_041_280_000),
            ("1970-01-01", 0), ("2000-02-29 00:00:00", 951_782_400_000), ("2015-02-26 21:42:53", 1_424_986_973_000),
            ("2015-02-26T21:42:53Z", 1_424_986_973_000), ("2015-02-26T21:42:53.25z", 1_424_986_973_250),
            ("2015-02-26 21:42:53,9996", 1_424_986_974_000), ("2015-02-26T21:42", 1_424_986_920_000),
            ("2015-02-26T21:42:53+01:30", 1_424_981_573_000), ("2015-02-26 21:42:53-0800", 1_425_015_773_000),
            ("2015-02-26T21:42:53 +01", 1_424_983_373_000), ("0001-01-01", -62_135_596_800_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("1969-12-31 23:59:59.5", -500),
        ] as [(String, Int64)]) func `reads`(text: String, expected: Int64)
    {
        #expect(Self.milliseconds(text) == expected)
        #expect(Self.milliseconds(" \(text) ") == expected)
    }

    @Test(arguments: [
        "", "-", ".", "yesterday", "2015-13-01", "2015-00-01", "2015-02-29", "1900-02-29", "2015-04-31", "2015-01-00",
        "0000-01-01", "2015-02-26T", "2015-02-26 24:00:00", "2015-02-26 21:60:00", "2015-02-26 21:42:61",
        "2015-02-26 21:42:53.", "2015-02-26 21:42:53Zx", "2015-02-26 21:42:53+", "2015-02-26 21:42:53+25:00",
        "2015-2-26 21:42", "9999-12-31T23:59:59.9996", "1e300", "1e-400x", "99999999999999999999999", "NaN", "inf",
        "15-02-26 21:42:53", "2015-02-26\u{0}21:42:53", "1491041280.1.2",
    ]) func `refuses`(text: String) {
        #expect(Self.milliseconds(text) == nil)
    }

    @Test func `goes through every day of four centuries in steps of one day`() {
        var expected: Int64 = -62_135_596_800_000 + 1599 * 365 * 86_400_000 + (399 - 12) * 86_400_000
        for year in 1600..<2000 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...days {
                    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
                    guard Self.milliseconds("\(year)-\(two(month + 1))-\(two(day))") == expected else {
                        Issue.record("\(year)-\(month + 1)-\(day) is not \(expected)")
                        return
                    }
                    expected += 86_400_000
                }
            }
        }
        #expect(expected == 946_684_800_000)
    }

    @Test func `keeps the unit of the first number`() {
        var reader = TimeText()
        func read(_ text: String) -> Int64? {
            let bytes = Array(text.utf8)
            return reader.read(bytes.span, 0..<bytes.count)?.milliseconds
        }
        #expect(read("99999999999") == 99_999_999_999_000)
        #expect(read("1491041280123") == nil)
        #expect(reader.unit == .seconds)
        #expect(read("5") == 5000)
        #expect(UnixUnit(ofMagnitude: 1e11) == .milliseconds)
        #expect(UnixUnit(ofMagnitude: 1e14) == .microseconds)
        #expect(UnixUnit(ofMagnitude: 1e17) == .nanoseconds)
    }
}
