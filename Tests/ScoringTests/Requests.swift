import Detectors
import Scoring
import TestSupport
import TimeSeries

let staleMarker = Double(bitPattern: StaleMarker.bitPattern)

/// A time so many seconds after the beginning of the tests' day.
func at(_ seconds: Double) -> Timestamp {
    Timestamp(milliseconds: 1_700_000_000_000 + Int64((seconds * 1000).rounded()))
}

/// A request in the making: series with their samples, times in seconds.
struct Request {
    typealias Sample = (seconds: Double, value: Double)

    private(set) var sampleCount = 0
    private var slices: [SeriesSlice] = []
    private var ids: [UInt32] = []
    private var times: [Timestamp] = []
    private var values: [Double] = []

    init() {}

    init(_ id: SeriesID, _ samples: [Sample]) {
        add(id, samples)
    }

    mutating func add(_ id: SeriesID, _ samples: [Sample]) {
        slices.append(
            SeriesSlice(
                labelStart: 0, labelLength: 0, firstSample: UInt32(times.count), sampleCount: UInt32(samples.count)))
        ids.append(id.rawValue)
        for sample in samples {
            times.append(at(sample.seconds))
            values.append(sample.value)
        }
        sampleCount += samples.count
    }

    var batch: SampleBatch {
        var batch = SampleBatch()
        _ = batch.fill(
            slices: slices.span, ids: ids, skipped: .max, times: times, values: values,
            window: Timestamp(milliseconds: .min)...Timestamp(milliseconds: .max))
        return batch
    }
}

/// All that can be seen of a series, to hold two ways of getting there against each other.
struct SeriesState: Equatable {
    let time: Timestamp
    let valueBits: UInt64
    let choice: SignalChoice
    let score: UInt32?
    let outlook: Outlook
    let reasons: [Reason]

    init?(_ id: SeriesID, on board: ScoreBoard) {
        guard let explanation = board.explain(id) else { return nil }
        time = explanation.signal.lastTime
        valueBits = explanation.signal.lastValue.bitPattern
        choice = explanation.signal.choice
        score = explanation.score?.bitPattern
        outlook = explanation.outlook
        reasons = explanation.reasons
    }
}

extension ScoreBoard {
    /// With the default detector's residual alone: its score is linear in the distance, so that tests can ask for one.
    static func make() -> ScoreBoard {
        do {
            return try ScoreBoard(DetectionPlan(default: DetectionPolicy(parsing: "detector=adaptive(baseline=off)")))
        } catch {
            preconditionFailure("\(error)")
        }
    }

    @discardableResult
    func score(_ request: Request, now: Timestamp = at(0)) -> OutcomeCounts {
        var batch = request.batch
        var counts = OutcomeCounts()
        score(&batch, now: now, &counts)
        return counts
    }

    func begin(_ id: SeriesID, name: String) { begin(id, name: name, now: at(0)) }

    /// Brings a gauge past its warm-up: a little noise around 100, one sample a second up to second -1.
    func warmUp(_ id: SeriesID, seed: UInt64 = 1) {
        begin(id, name: "temperature")
        var numbers = SeededRandom(seed: seed)
        score(Request(id, (-60..<0).map { (Double($0), 100 + numbers.noise()) }))
    }

    /// Sends a gauge the value that earns about this score: scores are linear in the distance from what is expected.
    func push(_ id: SeriesID, score wanted: Double, seconds: Double) {
        guard let outlook = explain(id)?.outlook, let expected = outlook.expected, let upper = outlook.upper else {
            return
        }
        score(Request(id, [(seconds, expected + wanted * (upper - expected))]), now: at(seconds))
    }

    /// The rows that a scrape shows, as ids.
    func shown(_ exposure: ScoreExposure, at seconds: Double, timeToLive: Double = 300) -> [SeriesID] {
        exposed(exposure, since: at(seconds - timeToLive), now: at(seconds)).enumerated().flatMap { shard, exposed in
            exposed.rows.map { SeriesID(shard: shard, row: Int($0)) }
        }
    }
}

extension OutcomeCounts {
    /// As many samples as are named, and no others.
    init(_ pairs: KeyValuePairs<SampleOutcome, Int>) {
        self.init()
        for (outcome, count) in pairs { self[outcome] = count }
    }
}
