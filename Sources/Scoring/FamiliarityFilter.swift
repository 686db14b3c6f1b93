package import Detectors

/// How much a series must have been seen doing, and how lately, for more of it to be no news.
package struct FamiliarityFilter: Sendable, Equatable {
    /// A score is familiar while remembered episodes of at least this weight were about as strong. The user's dial: less
    /// means quieter. No score is familiar to an infinite budget.
    package var budget: Float
    /// The time in which a remembered episode fades to half of one, in seconds.
    package var halfLifeSeconds: Double
    /// An episode is about as strong as a score where its peak was at least this share of it.
    package var likeness: Float = 0.7
    /// The first so many samples of an episode are held against all that is remembered, however strong: the height of a
    /// lone spike is no news of a series that is known for its spikes.
    package var unconfirmedSamples: UInt8 = 0
    /// An episode weighs 1, and 1 more for every so many further steps that it lasts, up to the budget. A sample counts five
    /// steps at most here.
    package var stepsPerWeight: Float = .infinity

    package init(budget: Float = 8, halfLifeSeconds: Double = 7 * 86_400) {
        precondition(budget > 0, "the budget of the familiarity filter is \(budget), must be above 0")
        precondition(
            halfLifeSeconds > 0, "the half-life of the familiarity filter is \(halfLifeSeconds) s, must be above 0")
        self.budget = budget
        self.halfLifeSeconds = halfLifeSeconds
    }

    /// The filter that stands behind a detector unless the user says otherwise.
    package init(_ kind: FamiliarityKind) {
        switch kind {
        case .standard: self.init()
        case .patient: self.init(halfLifeSeconds: 14 * 86_400)
        case .confirming:
            // Found with the default detector, on the study's synthetic and labelled series.
            self.init(budget: 6.5, halfLifeSeconds: 3.5 * 86_400)
            likeness = 1
            unconfirmedSamples = 2
            stepsPerWeight = 20
        }
    }

    /// Filter H of the study of detection quality, section 6.4.2: eight episodes, half-life one week.
    package static let standard = FamiliarityFilter()

    /// What an episode of so many samples adds to the memory.
    func weight(ofEpisode samples: Float, interval: Float) -> Float {
        let steps = interval > 0 ? min(interval / Pace.shortestStep, 5) : 1
        return min(1 + (samples - 1) * steps / stepsPerWeight, max(budget, 1))
    }
}
