package import TimeSeries

/// Netdata's detector: a value is anomalous when its last changes are further from two centres than all of those that
/// each of several models was trained on.
///
/// The feature is six smoothed differences in a row (mean of three), with no level: a step is seen for eight values. A
/// model is two centres, found by k-means over the last `window` features; its score is
///
///     a = |δ - δmin| / (δmax - δmin),    δ the mean of the distances to both centres
///
/// with δmin and δmax from the training. The raw score is the least of all models': they must be unanimous.
///
/// Different from Netdata: a ring of samples and a training every `retrain` of them in place of six and three hours of
/// seconds; one iteration a sample, ten in all, so that no sample waits for a training; centres start at the farthest
/// vectors in place of random ones; the score is not cut at 1, and the range has a floor, so that the first change of a
/// constant series is a high score and no division by 0.
package struct KMeansDetector: Detector {
    package static let description = DetectorDescription(
        name: "kmeans",
        purpose: """
            Unusual changes, as Netdata finds them: few false alarms on quiet series; blind to levels and to the time of \
            day, and a step is seen for eight values only.
            """,
        source: "netdata/netdata:src/ml/{ml.cc, ml_features.cc, ml_kmeans.cc}", warmUp: 261,
        parameters: [
            DetectorParameter("models", .whole(1...18, default: 8), "models that must be unanimous"),
            DetectorParameter("window", .whole(60...240, default: 240), "samples that a model is trained on"),
            DetectorParameter("retrain", .whole(30...10_000, default: 120), "samples from one training to the next"),
            DetectorParameter(
                "threshold", .number(0.5...10, default: 0.99), "of the range of the training that is anomalous"),
        ])

    package typealias State = KMeansState
    package let divisor: Float
    private let models: Int
    private let window: Int
    private let retrain: Int

    package init(_ parameters: DetectorParameters) {
        divisor = Float(parameters["threshold"])
        models = parameters.whole("models")
        window = parameters.whole("window")
        retrain = parameters.whole("retrain")
    }

    package func makeState() -> State {
        var state = State()
        // The first differences of a series, and the window that they begin.
        state.untilTraining = UInt16(window + 8)
        return state
    }

    @inline(__always)
    package func judge(_ sample: SignalSample, state: inout State) -> Judgement {
        let feature = state.take(sample.value)
        let raw = score(feature, state)
        if state.pass > 0 {
            state.train(window: window, models: models)
        } else if state.untilTraining == 0 {
            state.pass = 1
            state.untilTraining = UInt16(retrain)
        }
        state.untilTraining -= state.untilTraining > 0 ? 1 : 0
        return Judgement(score: raw, deviation: .nan)
    }

    /// NaN while there is no model.
    @inline(__always)
    private func score(_ feature: State.Feature, _ state: borrowing State) -> Float {
        var least = Float.infinity
        for i in 0..<Int(state.made) {
            let model = state.models[i]
            let a = abs(model.distance(feature) - model.least) / (model.most - model.least + state.tiny)
            least = smaller(least, a)
            // The first model that finds the value normal ends it, as there.
            if least < 0.5 * divisor { break }
        }
        return state.made == 0 ? .nan : least
    }

    package func outlook(_ state: State, at time: Timestamp) -> Outlook {
        .none(warmUpLeft: state.made > 0 ? 0 : max(1, Self.description.warmUp - Int(state.seen)))
    }

    package func reasons(_ state: State) -> [Reason] {
        if state.made == 0 { return [] }
        let newest = Int((state.next + UInt16(models) - 1) % UInt16(models))
        let model = state.models[newest]
        return [
            Reason("models", Double(state.made)),
            Reason("distance to the newest model", Double(model.distance(state.newest))),
            Reason("least distance in training", Double(model.least)),
            Reason("greatest distance in training", Double(model.most)),
        ]
    }
}
