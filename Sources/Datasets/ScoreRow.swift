/// What is written about one row.
package struct ScoreRow: Sendable, BitwiseCopyable, Equatable {
    package var value: Double
    package var score: Double
    package var smoothed: Double
    package var onset: Double
    /// NaN where the detector has none; likewise the band.
    package var expected: Double
    package var lower: Double
    package var upper: Double

    package init(
        value: Double, score: Double, smoothed: Double, onset: Double, expected: Double = .nan, lower: Double = .nan,
        upper: Double = .nan
    ) {
        self.value = value
        self.score = score
        self.smoothed = smoothed
        self.onset = onset
        self.expected = expected
        self.lower = lower
        self.upper = upper
    }

    /// No score, as a malformed row has.
    package static var none: ScoreRow { ScoreRow(value: .nan, score: .nan, smoothed: .nan, onset: .nan) }

    static let header = "timestamp,value,score,smoothed,onset,expected,lower,upper\n"

    /// Appends the numbers and the end of the line; the band's are empty where there are none.
    func append(to text: inout [UInt8]) {
        func comma() { text.append(UInt8(ascii: ",")) }
        comma()
        NumberText.append(value, to: &text)
        comma()
        NumberText.append(score, to: &text)
        comma()
        NumberText.append(smoothed, to: &text)
        comma()
        NumberText.append(onset, to: &text)
        comma()
        if !expected.isNaN { NumberText.append(expected, to: &text) }
        comma()
        if !lower.isNaN { NumberText.append(lower, to: &text) }
        comma()
        if !upper.isNaN { NumberText.append(upper, to: &text) }
        text.append(UInt8(ascii: "\n"))
    }
}
