import ArgumentParser
import Detectors
import Scoring
import TimeSeries

/// How samples are judged: the flags that `detect` and `evaluate` share.
struct DetectionFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What else decides: \(Self.keys). As --detection.default of serve.", valueName: "key=value, ..."))
    var detection = ""

    @Option(help: "What is judged: value; rate (a counter's increase a second); auto (what the metric seems to be).")
    var signal = SignalFlag.value

    private static let keys = DetectionPolicy.keys.filter { $0 != "detector" }.joined(separator: ", ")

    /// The policy that judges by a detector.
    func policy(_ detector: DetectorSpecification) throws(ValidationError) -> DetectionPolicy {
        do {
            _ = try DetectionPolicy(parsing: "detector=\(detector)")
        } catch {
            throw ValidationError("--detector: \(error)")
        }
        do {
            // In one text: a time zone is the detector's, which must be there before it.
            return try DetectionPolicy(parsing: "detector=\(detector), \(detection)")
        } catch {
            throw ValidationError("--detection: \(error)")
        }
    }

    /// The policies of detectors that are separated by commas, of which there is at least one.
    func policies(_ detectors: String) throws(ValidationError) -> [DetectionPolicy] {
        let specifications: [DetectorSpecification]
        do {
            specifications = try DetectorSpecification.list(parsing: detectors)
        } catch {
            throw ValidationError("--detector: \(error)")
        }
        var policies: [DetectionPolicy] = []
        for specification in specifications { policies.append(try policy(specification)) }
        return policies
    }
}

/// What is judged of a metric.
enum SignalFlag: String, ExpressibleByArgument, CaseIterable, Sendable {
    case value
    case rate
    case auto

    func choice(metricName: String) -> SignalChoice {
        switch self {
        case .value: .valueByMetadata
        case .rate: .rateByMetadata
        case .auto: SignalChoice(metricName: metricName, type: .unknown)
        }
    }
}
