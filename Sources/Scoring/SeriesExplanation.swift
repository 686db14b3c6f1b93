package import Detectors

/// All that is known of one series.
package struct SeriesExplanation: Sendable {
    package let signal: Signal
    /// Nil while warming up and after a stale marker.
    package let score: Float?
    package let smoothed: Float
    /// Whether the last score began an anomaly.
    package let isOnset: Bool
    package let detector: String
    package let policy: DetectionPolicy
    package let outlook: Outlook
    package let reasons: [Reason]
    package let hasOpenEpisode: Bool
    /// The part of a histogram family that it is, or the family that it is a signal of: numbers of whoever keeps the families.
    package let link: UInt32?
}
