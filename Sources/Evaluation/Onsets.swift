/// One alarm an episode: scores of which only the first of each episode reaches the threshold.
///
/// An episode begins with a score of at least `threshold` and ends when `rest` rows have passed since the last such
/// score. Its first score stays; all others are lowered to just below the threshold. The benchmark counts every false
/// point, people count the calls that they get: this makes the two the same.
/// - Parameter rest: In rows; 0 changes nothing.
/// - Complexity: O(rows).
package func onsetScores(_ scores: [Double], threshold: Double, rest: Int) -> [Double] {
    guard rest > 0 else { return scores }
    let below = threshold.nextDown
    var onsets = scores
    var last: Int?
    for row in scores.indices {
        let reaches = scores[row] >= threshold
        if !reaches || last.map({ row - $0 < rest }) == true { onsets[row] = min(scores[row], below) }
        if reaches { last = row }
    }
    return onsets
}

/// The rows at which an episode begins, as `onsetScores` tells them: what a person is called for.
package func onsetRows(_ scores: [Double], threshold: Double, rest: Int) -> [Int] {
    let onsets = onsetScores(scores.map(finite), threshold: threshold, rest: rest)
    return onsets.indices.filter { onsets[$0] >= threshold }
}
