package import Detectors

/// All that is known of one series.
package struct SeriesExplanation: Sendable {
    package let signal: Signal
    /// Nil while warming up and after a stale marker.
    package let score: Float?
    package let detector: String
    package let outlook: Outlook
    package let reasons: [Reason]
    package let hasOpenEpisode: Bool
}
