/// Which scores a scrape shows.
package enum ScoreExposure: Equatable, Sendable {
    case all
    /// Those that stood above 1 within the last five minutes: a series that swings around 1 does not flicker.
    case anomalous
    /// The highest scores, at most so many. A series that was shown keeps its place until it is clearly passed.
    case top(Int)

    /// How long an anomaly is remembered by ``anomalous``.
    package static let anomalousSeconds: UInt32 = 300
    /// A score that was shown counts this much more when places are given.
    package static let incumbentFactor: Float = 1.25

    /// Reads `all`, `anomalous` or `top:N`.
    package init?(_ text: String) {
        switch text {
        case "all": self = .all
        case "anomalous": self = .anomalous
        default:
            guard text.hasPrefix("top:"), let count = Int(text.dropFirst(4)), count > 0 else { return nil }
            self = .top(count)
        }
    }
}

extension ScoreExposure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .all: "all"
        case .anomalous: "anomalous"
        case .top(let count): "top:\(count)"
        }
    }
}
