import Testing

@testable import Datasets

@Suite struct ProgressTests {
    private static func line(_ bytes: Int) -> ProgressLine {
        var line = ProgressLine(totalBytes: 100, totalFiles: 27)
        line.bytes = bytes
        line.files = 12
        line.rows = 1_290_000
        return line
    }

    @Test func `shows how far it is and what is left`() {
        let text = Self.line(45).text(elapsed: .seconds(9), width: 10)
        #expect(text == "[====>     ] 45 % 12/27 files 1.2 M rows 11.0 s left")
        #expect(Self.line(0).text(elapsed: .zero, width: 10) == "[>         ] 0 % 12/27 files 1.2 M rows 0.0 s")
        #expect(
            Self.line(300).text(elapsed: .seconds(75), width: 4) == "[====] 100 % 12/27 files 1.2 M rows 1 min 15 s")
        let unknown = ProgressLine(totalBytes: 0, totalFiles: 1).text(elapsed: .seconds(2))
        #expect(unknown == "0/1 files 0 rows 2.0 s")
    }

    @Test func `shortens counts without rounding up`() {
        #expect(
            [0, 999, 1000, 999_999, 1_000_000, 4_000_000_000].map(ProgressLine.short) == [
                "0", "999", "1.0 k", "999.9 k", "1.0 M", "4.0 G",
            ])
        #expect(
            [0.99, 59.99, 60, 7260, .infinity].map(ProgressLine.time) == [
                "0.9 s", "59.9 s", "1 min 0 s", "2 h 1 min", "long",
            ])
    }

    /// The times of the updates that were drawn, of one a hundredth of a second.
    private static func drawn(isTerminal: Bool, hundredths: Int) -> [String] {
        var written: [String] = []
        var display = ProgressDisplay(isTerminal: isTerminal) { written.append($0) }
        for time in 0..<hundredths {
            display.update(Self.line(time * 100 / hundredths), elapsed: .milliseconds(time * 10))
        }
        display.finish(Self.line(100), elapsed: .milliseconds(hundredths * 10))
        return written
    }

    @Test func `redraws a terminal ten times a second`() {
        let written = Self.drawn(isTerminal: true, hundredths: 100)
        #expect(written.count == 12)
        #expect(written.dropLast().allSatisfy { $0.hasPrefix("\r[") && $0.hasSuffix("\u{1B}[K") })
        #expect(written.last == "\n")
    }

    @Test func `writes plain lines every five seconds elsewhere`() {
        let written = Self.drawn(isTerminal: false, hundredths: 1100)
        #expect(written.count == 3)
        #expect(written.allSatisfy { $0.hasPrefix("[") && $0.hasSuffix("\n") && !$0.contains("\r") })
        #expect(Self.drawn(isTerminal: false, hundredths: 100).count == 1)
    }
}
