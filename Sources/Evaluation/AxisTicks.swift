/// A mark on an axis: where, and what it says; times carry the date below where it changes.
struct AxisTick: Equatable {
    let position: Double
    let text: String
    var context: String?
}

/// Round marks for the axes of a picture.
enum AxisTicks {
    /// About `count` marks at multiples of 1, 2 or 5 times a power of ten.
    static func numbers(_ range: ClosedRange<Double>, count: Int) -> [AxisTick] {
        let rough = (range.upperBound - range.lowerBound) / Double(count)
        guard rough > 0, rough.isFinite else { return [] }
        let unit = NumberText.power(NumberText.floorLog10(rough))
        guard unit > 0, unit.isFinite else { return [] }
        let step = ([1, 2, 5].map { $0 * unit }.first { $0 >= rough }) ?? 10 * unit
        let first = (range.lowerBound / step).rounded(.up)
        let last = (range.upperBound / step).rounded(.down)
        guard first <= last, abs(first) < 1e15, last - first < 100 else { return [] }
        let largest = max(abs(first), abs(last)) * step
        return (0...Int(last - first)).map { k in
            let position = (first + Double(k)) * step
            return AxisTick(position: position, text: NumberText.tick(position, step: step, largest: largest))
        }
    }

    /// At most `count` marks at round times in UTC, for epoch seconds.
    static func times(_ range: ClosedRange<Double>, count: Int) -> [AxisTick] {
        // Year 1 to 9999: what a timestamp can mean.
        guard range.lowerBound > -6.2e10, range.upperBound < 2.5e11 else { return [] }
        let span = range.upperBound - range.lowerBound
        let start = Int(range.lowerBound.rounded(.up))
        let end = Int(range.upperBound.rounded(.down))
        guard start <= end else { return [] }
        if let step = steps.first(where: { span / Double($0) <= Double(count) }) {
            // Weeks begin on a Monday; the epoch was a Thursday.
            let origin = step.isMultiple(of: 7 * 86_400) ? 4 * 86_400 : 0
            let first = -(origin - start).flooredDivision(by: step) * step + origin
            return labelled(stride(from: first, through: end, by: step).map { $0 }, step: step)
        }
        let months = [1, 2, 3, 6].first { span / (Double($0) * 2.63e6) <= Double(count) }
        var step = months ?? 12
        while span / (Double(step) * 2.63e6) > Double(count) { step *= 2 }
        let year = CivilTime(epochSeconds: start).year
        let from = months == nil ? year - year % max(step / 12, 1) : year
        let marks = stride(from: 1, through: step * (count + 2) + 12 * (year - from + 1), by: step).map {
            CivilTime.epochSeconds(year: from, month: $0)
        }
        return labelled(marks.filter { (start...end).contains($0) }, step: step * 2_629_746)
    }

    private static let steps =
        [1, 2, 5, 10, 15, 30].map { $0 } + [1, 2, 5, 10, 15, 30].map { $0 * 60 }
        + [1, 2, 3, 6, 12].map { $0 * 3_600 } + [1, 2, 7, 14].map { $0 * 86_400 }

    private static func labelled(_ marks: [Int], step: Int) -> [AxisTick] {
        var before: String?
        return marks.map { mark in
            let time = CivilTime(epochSeconds: mark)
            let (text, context): (String, String?) =
                switch step {
                case ..<60: (time.clockWithSeconds, time.date)
                case ..<86_400: (time.clock, time.date)
                case ..<(28 * 86_400): (time.monthAndDay, String(time.year))
                case ..<(360 * 86_400): (time.monthName, String(time.year))
                default: (String(time.year), nil)
                }
            defer { before = context }
            return AxisTick(position: Double(mark), text: text, context: context == before ? nil : context)
        }
    }
}
