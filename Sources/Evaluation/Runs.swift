/// The runs of `true`, each from its first to its last row.
func runs(in mask: [Bool]) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    var start: Int?
    for row in mask.indices {
        if mask[row] {
            start = start ?? row
        } else if let first = start {
            runs.append(first...(row - 1))
            start = nil
        }
    }
    if let first = start { runs.append(first...(mask.count - 1)) }
    return runs
}

/// Runs that begin at most `gap` rows after the one before has ended, joined into one.
func joined(_ runs: [ClosedRange<Int>], within gap: Int) -> [ClosedRange<Int>] {
    var joined: [ClosedRange<Int>] = []
    for run in runs {
        if let last = joined.last, run.lowerBound - last.upperBound <= gap {
            joined[joined.count - 1] = last.lowerBound...run.upperBound
        } else {
            joined.append(run)
        }
    }
    return joined
}
