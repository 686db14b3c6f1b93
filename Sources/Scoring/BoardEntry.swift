/// What the score board keeps a series: 16 bytes.
struct BoardEntry: BitwiseCopyable, Sendable {
    /// The last score; NaN while warming up and after a stale marker.
    var score = Float.nan
    /// The place of the series' familiarity filter; negative where it never had an episode.
    var familiarity: Int32 = -1
    /// When the score last stood above 1, in seconds since 1970 by the samples' time.
    var lastAnomaly: UInt32 = 0
    var hasOpenEpisode = false
    /// Whether the last scrape showed it: such a series is not dropped for a small change.
    var isExposed = false
}
