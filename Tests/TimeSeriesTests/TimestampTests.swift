import Testing
import TimeSeries

@Suite struct TimestampTests {
    @Test func `counts seconds between moments, in either direction`() {
        let early = Timestamp(milliseconds: 1_000)
        let late = Timestamp(milliseconds: 3_500)
        #expect(late.seconds(since: early) == 2.5)
        #expect(early.seconds(since: late) == -2.5)
        #expect(early < late)
        #expect(late.seconds == 3.5)
    }

    @Test func `does not trap at the ends of what a sender can write`() {
        let first = Timestamp(milliseconds: .min)
        let last = Timestamp(milliseconds: .max)
        #expect(last.seconds(since: first) > 1.8e16)
        #expect(last.advanced(byMilliseconds: 1) == last)
        #expect(first.advanced(byMilliseconds: -1) == first)
        #expect(first.advanced(byMilliseconds: .max).milliseconds == -1)
    }
}
