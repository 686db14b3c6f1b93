import Foundation
import Testing

@testable import Evaluation

@Suite struct AxisTicksTests {
    @Test func `numbers are round and carry one prefix`() {
        #expect(AxisTicks.numbers(0...2_300, count: 5).map(\.text) == ["0", "0.5k", "1.0k", "1.5k", "2.0k"])
        #expect(AxisTicks.numbers(-0.0021...0.0021, count: 4).map(\.text) == ["-2m", "0", "2m"])
        #expect(AxisTicks.numbers(1e6...(1e6 + 4), count: 4).map(\.text).last == "1.000004M")
        #expect(AxisTicks.numbers(3...3, count: 4).isEmpty)
    }

    @Test(arguments: [30.0, 4_000, 90_000, 1.3e6, 3e7, 4e8, 5e9])
    func `times are few, inside and in order`(span: Double) {
        let start = 1_396_310_417.5
        let ticks = AxisTicks.times(start...(start + span), count: 10)
        #expect((2...12).contains(ticks.count), "\(ticks)")
        #expect(ticks.allSatisfy { (start...(start + span)).contains($0.position) })
        #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.position < $1.position })
        #expect(Set(ticks.map { $0.text + ($0.context ?? "") }).count > 1)
    }

    @Test func `the date stands where it changes`() {
        let ticks = AxisTicks.times(1_396_310_400...(1_396_310_400 + 172_800), count: 10)
        #expect(ticks.compactMap(\.context) == ["2014-04-01", "2014-04-02", "2014-04-03"])
        #expect(ticks.first?.text == "00:00")
    }

    @Test func `civil times agree with the calendar of the system`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for day in stride(from: -12_000, through: 40_000, by: 17) {
            let seconds = day * 86_400 + 12_345
            let time = CivilTime(epochSeconds: seconds)
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(
                time.year == parts.year && time.month == parts.month && time.day == parts.day, "day \(day)")
            #expect(time.second == 12_345)
            let month = CivilTime(epochSeconds: CivilTime.epochSeconds(year: time.year, month: time.month))
            #expect(month.year == time.year && month.month == time.month && month.day == 1 && month.second == 0)
        }
        #expect(CivilTime(epochSeconds: CivilTime.epochSeconds(year: 2014, month: 14)).date == "2015-02-01")
    }
}
