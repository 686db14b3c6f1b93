internal import Detectors

/// What the score board keeps a series: 24 bytes.
struct BoardEntry: BitwiseCopyable, Sendable {
    /// A series of which no sample was taken yet has no place in any lane.
    static let noPlace = UInt32.max
    /// A histogram's part never gets one.
    static let partPlace = UInt32.max - 1

    /// The last score; NaN while warming up and after a stale marker.
    var score = Float.nan
    /// The mean of the last scores, see ``ScoreSmoothing``.
    var smoothed: Float = 0
    /// The place of the series' familiarity filter; negative where it never had an episode.
    var familiarity: Int32 = -1
    /// When the score last stood above 1, in seconds since 1970 by the samples' time; 0 for never.
    var lastAnomaly: UInt32 = 0
    /// Where the series' state lies in its lane's bank.
    var place = Self.noPlace
    /// Under which policy the series falls.
    var lane: UInt8 = 0
    var hasOpenEpisode = false
    /// Whether the last score began an anomaly.
    var isOnset = false
    /// Whether the last scrape showed it: such a series is not dropped for a small change.
    var isExposed = false

    var hasPlace: Bool { place < Self.partPlace }

    /// Takes the series' next score.
    @inline(__always)
    mutating func take(_ score: Float, step: Float) {
        self.score = score
        smoothed += ScoreSmoothing.gain(step: step) * (min(score, ScoreSmoothing.cap) - smoothed)
    }
}

/// A mean of the last scores, for graphs, for ranking, and for alerts that must not be hasty.
///
/// The half-life is 8 steps (see ``Pace``), and a score counts for 20 at most, so that one absurd value is not remembered
/// for long (study of detection quality, section 6.4).
enum ScoreSmoothing {
    static var cap: Float { 20 }

    /// 1 - 2^(-step/8), to six digits.
    @inline(__always)
    static func gain(step: Float) -> Float {
        let x = step * 0.086_643_398
        return x * (1 - x * (0.5 - x * (1 / 6 - x * (1 / 24))))
    }
}

/// The first score above 1 after a rest: what is worth one notification.
enum Onset {
    /// For so many steps (see ``Pace``) no score may have been above 1.
    static var restSteps: Float { 90 }
}
