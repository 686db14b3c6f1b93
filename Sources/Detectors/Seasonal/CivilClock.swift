internal import Foundation
internal import TimeSeries

/// Time of day and kind of day as people live them: in a time zone, with its daylight saving, and with days off.
///
/// What recurs every day recurs by the clock on the wall. Where the clock is moved by an hour in spring, a pattern kept
/// in UTC is wrong for half a year, one kept in civil time is not. All that the zone's rules say from 1970 to 2100 is
/// worked out when the clock is made, so that reading it costs a few additions and two look-ups, and calls nobody.
/// Times before and after have the first and the last offset of that span.
/// - Complexity: O(1) a reading; making one asks Foundation for about 260 changes of the clock. At most 8 KB, and a bit
///   for each day between the first and the last holiday.
package struct CivilClock: Sendable {
    /// A moment as the clock shows it.
    struct Reading: Sendable, BitwiseCopyable, Equatable {
        /// Milliseconds since midnight on the wall, 0 to 86,399,999: without the hour that was skipped that day, and
        /// the same again in the hour that came twice.
        var millisecondOfDay: Int
        /// Saturday, Sunday, or one of the days that were named as holidays.
        var isRestDay: Bool

        /// Which of `count` equal parts of the day this is.
        @inline(__always)
        func part(of count: Int) -> Int { millisecondOfDay / (86_400_000 / count) }
    }

    /// From `start` on, in milliseconds since 1970, the clock is ahead of UTC by `offset` milliseconds.
    private struct Span: Sendable, BitwiseCopyable {
        var start: Int64
        var offset: Int64
    }

    /// Nil for UTC, and for zones that are a fixed offset from it.
    private let table: [Span]?
    /// For each stretch of 2^31 ms (25 days) since 1970, the span in which it begins: most stretches hold no change.
    private let firstSpans: [UInt16]
    private let fixedOffset: Int64
    /// A bit for each day from `firstHoliday`, in days since 1970, on.
    private let holidays: [UInt64]
    private let firstHoliday: Int

    private static let stretchBits: Int64 = 31
    /// 2100-01-01, in milliseconds.
    private static let end: Int64 = 4_102_444_800_000

    /// The clock of UTC without holidays.
    package static var utc: CivilClock { CivilClock(spans: [Span(start: 0, offset: 0)], holidays: []) }

    /// - Parameters:
    ///   - zone: a name of the tz database, such as `Europe/Berlin`, or `UTC`.
    ///   - holidays: dates such as `2026-12-25;2027-01-01`, separated by `;` or `|`; may be empty.
    ///   - detector: for whom; stands in errors.
    /// - Throws: for a zone that is not known and for text that is no date, with that text.
    package init(zone: String, holidays: String = "", detector: String) throws(DetectorError) {
        let dates = try CivilDate.days(in: holidays, detector: detector)
        guard zone != "UTC" else {
            self = CivilClock(spans: [Span(start: 0, offset: 0)], holidays: dates)
            return
        }
        guard let known = TimeZone(identifier: zone) else {
            throw .badValue(
                zone, parameter: "timezone", detector: detector,
                allowed: "UTC or a name of the tz database such as Europe/Berlin")
        }
        self = CivilClock(spans: Self.spans(of: known), holidays: dates)
    }

    private init(spans: [Span], holidays: [Int]) {
        fixedOffset = spans[0].offset
        let first = holidays.first ?? 0
        firstHoliday = first
        var bits = [UInt64](repeating: 0, count: holidays.last.map { ($0 - first) / 64 + 1 } ?? 0)
        for day in holidays { bits[(day - first) / 64] |= 1 << UInt64((day - first) % 64) }
        self.holidays = bits
        guard spans.count > 1 else {
            table = nil
            firstSpans = []
            return
        }
        table = spans
        var span = 0
        firstSpans = stride(from: 0, through: Self.end, by: 1 << Self.stretchBits).map { start in
            while span + 1 < spans.count, spans[span + 1].start <= start { span += 1 }
            return UInt16(span)
        }
    }

    /// Milliseconds since the clock on the wall showed 1970-01-01 00:00.
    @inline(__always)
    func milliseconds(at time: Timestamp) -> Int64 {
        // Times that no clock shows are held within what can be added to.
        let utc = max(-1 << 60, min(1 << 60, time.milliseconds))
        return utc + offset(at: utc)
    }

    /// The clock's reading at a moment.
    @inline(__always)
    func reading(at time: Timestamp) -> Reading {
        let local = milliseconds(at: time)
        let (quotient, remainder) = local.quotientAndRemainder(dividingBy: 86_400_000)
        let isBefore = remainder < 0
        let day = Int(isBefore ? quotient - 1 : quotient)
        return Reading(
            millisecondOfDay: Int(isBefore ? remainder + 86_400_000 : remainder), isRestDay: isRestDay(day))
    }

    @inline(__always)
    private func offset(at utc: Int64) -> Int64 {
        guard let table else { return fixedOffset }
        let stretch = Int(max(0, min(Self.end, utc)) >> Self.stretchBits)
        var span = Int(firstSpans[stretch])
        while span + 1 < table.count, table[span + 1].start <= utc { span += 1 }
        return table[span].offset
    }

    @inline(__always)
    private func isRestDay(_ day: Int) -> Bool {
        // 1970-01-01, day 0, was a Thursday. Days before it have a negative remainder.
        let weekday = (day % 7 + 10) % 7
        return weekday >= 5 || (isHoliday(day))
    }

    @inline(__always)
    private func isHoliday(_ day: Int) -> Bool {
        let place = day - firstHoliday
        guard place >= 0, place < holidays.count * 64 else { return false }
        return holidays[place >> 6] >> UInt64(place & 63) & 1 == 1
    }

    private static func spans(of zone: TimeZone) -> [Span] {
        var moment = Date(timeIntervalSince1970: 0)
        var spans = [Span(start: 0, offset: Int64(zone.secondsFromGMT(for: moment)) * 1_000)]
        while let change = zone.nextDaylightSavingTimeTransition(after: moment), change > moment,
            change.timeIntervalSince1970 * 1_000 < Double(end)
        {
            moment = change
            let offset = Int64(zone.secondsFromGMT(for: change)) * 1_000
            guard offset != spans[spans.count - 1].offset else { continue }
            spans.append(Span(start: Int64((change.timeIntervalSince1970 * 1_000).rounded()), offset: offset))
        }
        return spans
    }
}
