/// What was found of one detector: by the Numenta benchmark, by point labels, or both.
package struct DetectorEvaluation: Sendable {
    package let detector: String
    package let nab: NABReport?
    package let labels: LabelReport?

    package init(nab: NABReport) {
        (detector, self.nab, labels) = (nab.detector, nab, nil)
    }

    package init(labels: LabelReport) {
        (detector, nab, self.labels) = (labels.detector, nil, labels)
    }

    /// Both reports of one detector, which must carry the same name.
    package init(nab: NABReport, labels: LabelReport) {
        precondition(nab.detector == labels.detector, "reports of \(nab.detector) and of \(labels.detector)")
        (detector, self.nab, self.labels) = (nab.detector, nab, labels)
    }
}

/// Detectors side by side on the same series, as text for a terminal and as JSON.
package struct EvaluationReport: Sendable {
    package let detectors: [DetectorEvaluation]

    package init(_ detectors: [DetectorEvaluation]) { self.detectors = detectors }

    var nab: [NABReport] { detectors.compactMap(\.nab) }
    var labels: [LabelReport] { detectors.compactMap(\.labels) }
}
