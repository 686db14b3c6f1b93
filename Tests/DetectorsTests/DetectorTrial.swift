import TimeSeries

@testable import Detectors

/// One detector on one series, a minute between the values.
struct DetectorTrial<D: Detector> {
    let detector: D
    var state: D.State
    private var seen: Int64 = 0

    init(_ type: D.Type = D.self, _ given: [String: String] = [:]) throws {
        detector = try D(DetectorParameters(given, for: D.description))
        state = detector.makeState()
    }

    /// With the raw score.
    mutating func judge(_ value: Double) -> Judgement {
        seen += 1
        let time = Timestamp(milliseconds: 60_000 * seen)
        return detector.judge(SignalSample(interval: 60, time: time, value: value), state: &state)
    }

    mutating func judge(_ values: [Double]) -> [Judgement] { values.map { judge($0) } }

    /// The scores where above 1 is anomalous; NaN while warming up.
    mutating func scores(_ values: [Double]) -> [Float] { judge(values).map { $0.score / detector.divisor } }

    var outlook: Outlook { detector.outlook(state, at: Timestamp(milliseconds: 60_000 * (seen + 1))) }
    var reasons: [Reason] { detector.reasons(state) }
}

/// What all detectors of a group are held to, in one place. Each answers with what it saw, for `#expect` to judge.
enum DetectorProperties {
    /// The greatest score of a series that has one and the same value, or nearly so, and then of its first change.
    static func constant<D: Detector>(_: D.Type) throws -> (quiet: Float, change: Float) {
        var quiet: Float = 0
        var change = Float.infinity
        for level in [0, 7, -1e-9, 1e15, 1e300] {
            var trial = try DetectorTrial(D.self)
            let values = (0..<1_500).map { level == 1e15 && $0 % 3 == 0 ? level.nextUp : level }
            quiet = max(quiet, trial.scores(values).filter { !$0.isNaN }.max() ?? 0)
            if abs(level) < 1e100 {
                let changed = level == 1e15 ? 2e15 : level + 1
                change = min(change, trial.scores([Double](repeating: changed, count: 64)).max() ?? 0)
            }
        }
        return (quiet, change)
    }

    /// Whether every judgement of values of all sizes is sound.
    static func isSound<D: Detector>(_: D.Type) throws -> Bool {
        let extremes = [
            1e300, -1e300, 0, 1e-300, .greatestFiniteMagnitude, 1, -1, .leastNonzeroMagnitude, 1e40, -1e17, 3,
        ]
        var noise = Noise(seed: 5)
        var trial = try DetectorTrial(D.self)
        for i in 0..<3_000 {
            let value = i % 7 < 3 ? extremes[Int(noise.next() % UInt64(extremes.count))] : noise.value()
            let isWarm = trial.outlook.warmUpLeft == 0
            let judgement = trial.judge(value)
            if isWarm == judgement.score.isNaN { return false }
            if judgement.score < 0 { return false }
        }
        return trial.outlook.warmUpLeft == 0 && trial.reasons.allSatisfy { !$0.value.isNaN }
    }

    /// The anomalous samples among 1,000 normal ones, and the score of a change of 60 standard deviations after them, 3,000
    /// samples after an absurd value.
    static func afterAbsurd<D: Detector>(_: D.Type) throws -> (alarms: Int, change: Float) {
        let noise = Noise(seed: 6).values(5_000)
        var trial = try DetectorTrial(D.self)
        _ = trial.judge(Array(noise[..<1_000]))
        _ = trial.judge(1e300)
        _ = trial.judge(Array(noise[1_000..<4_000]))
        let alarms = trial.scores(Array(noise[4_000...])).filter { $0 > 1 }.count
        return (alarms, trial.scores(Noise(seed: 7).values(64).map { $0 + 120 }).max() ?? 0)
    }

    /// The greatest relative difference of scores when a series is multiplied and moved.
    static func variance<D: Detector>(_: D.Type, scale: Double, shift: Double) throws -> Float {
        let values = Noise(seed: 8).withSpikes(2_000).map { ($0 * 1_024).rounded() / 1_024 }
        var first = try DetectorTrial(D.self)
        var second = try DetectorTrial(D.self)
        var worst: Float = 0
        for value in values {
            let a = first.judge(value).score
            let b = second.judge(value * scale + shift).score
            if !a.isNaN { worst = max(worst, abs(a - b) / max(a, first.detector.divisor * 0.1)) }
        }
        return worst
    }

    /// Whether a copied state goes on as the original does.
    static func goesOn<D: Detector>(_: D.Type) throws -> Bool {
        var first = try DetectorTrial(D.self)
        _ = first.judge(Noise(seed: 9).values(700))
        var second = first
        let rest = Noise(seed: 10).withSpikes(700)
        let firstRest = first.judge(rest)
        return zip(firstRest, second.judge(rest)).allSatisfy { $0.score.bitPattern == $1.score.bitPattern }
    }

    /// The samples before the first judgement.
    static func warmUp<D: Detector>(_: D.Type) throws -> Int? {
        var trial = try DetectorTrial(D.self)
        let left = trial.outlook.warmUpLeft
        let judged = trial.judge(Noise(seed: 11).values(left + 1))
        return judged.dropLast().allSatisfy(\.isWarmingUp) && judged.last?.isWarmingUp == false ? left : nil
    }
}
