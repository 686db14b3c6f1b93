public import ArgumentParser
public import Logging
import RemoteWrite
import Scoring
import Sidecar

/// `lapwing serve`: receives, scores, exposes, until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Receive samples by remote write, score them, expose the scores.",
        discussion: """
            Every flag can also stand in the environment: --web.listen-address as LAPWING_WEB_LISTEN_ADDRESS. \
            Durations are written as in Prometheus (30s, 5m, 1h30m, 7d), sizes as 32MiB or plain bytes.
            """)

    @Option(name: .customLong("web.listen-address"), help: "Address to listen on; :9599 means every interface.")
    var listenAddress = Settings().listenAddress

    @Option(name: .customLong("web.max-connections"), help: "Most connections at once.")
    var maxConnections = Settings().connectionLimit

    @Option(name: .customLong("web.read-timeout"), help: "A request must have arrived within this time.")
    var readTimeout = Settings().readTimeout

    @Option(name: .customLong("web.idle-timeout"), help: "A connection without a request is closed after this time.")
    var idleTimeout = Settings().idleTimeout

    @Option(name: .customLong("storage.path"), help: "Folder for what must survive a restart; one process a folder.")
    var storagePath = Settings().storagePath

    @Option(
        name: .customLong("rules.path"),
        help: "Folder or file of rules. This version checks that it exists and reads no rule yet.")
    var rulesPath: String?

    @Option(name: .customLong("log.level"), help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = Logger.Level.info

    @Option(name: .customLong("log.format"), help: "logfmt or json.")
    var logFormat = LogFormat.logfmt

    @Option(name: .customLong("limit.body-bytes"), help: "Largest request body, compressed or decompressed.")
    var bodyBytes = ByteCount(Settings().bodyLimitBytes)

    @Option(
        name: .customLong("limit.in-flight-bytes"),
        help: "Most bytes of request bodies held at once; beyond, senders are told to wait.")
    var inFlightBytes = ByteCount(Settings().inFlightLimitBytes)

    @Option(
        name: .customLong("limit.series"), help: "Most series known at once; beyond, new ones are refused and counted.")
    var series = Settings().seriesLimit

    @Option(
        name: .customLong("limit.histogram-families"),
        help: "Most histograms scored as a family; buckets beyond are scored by themselves.")
    var histogramFamilies = Settings().histogramFamilyLimit

    @Option(name: .customLong("limit.labels"), help: "Most labels a series.")
    var labels = Settings().labelLimits.labels

    @Option(name: .customLong("limit.label-name-bytes"), help: "Longest label name.")
    var labelNameBytes = Settings().labelLimits.nameBytes

    @Option(name: .customLong("limit.label-value-bytes"), help: "Longest label value.")
    var labelValueBytes = Settings().labelLimits.valueBytes

    @Option(
        name: .customLong("series.drop-labels"),
        help: "Labels to take off every series, separated by commas: the sender's external_labels.")
    var dropLabels = ""

    @Option(name: .customLong("series.idle-timeout"), help: "A series without a sample for so long is forgotten.")
    var idleSeriesTimeout = Settings().idleSeriesTimeout

    @Option(name: .customLong("samples.max-age"), help: "Older samples are ignored and counted.")
    var maxAge = Settings().sampleAgeLimit

    @Option(name: .customLong("samples.max-ahead"), help: "Samples further in the future are ignored and counted.")
    var maxAhead = Settings().sampleAheadLimit

    @Option(
        name: .customLong("detection.default"),
        help:
            "How series are judged: key=value pairs, such as detector=seasonal, sensitivity=1.5. See lapwing detectors."
    )
    var detectionDefault = ""

    @Option(
        name: .customLong("detection.select"),
        help: ArgumentHelp(
            "How a selection of series is judged, may be given again; the first selector that fits decides.",
            valueName: "selector => key=value, ..."))
    var detection: [String] = []

    @Option(
        name: .customLong("scores.outputs"),
        help: "Gauges of a series: score, smoothed, onset, expected, lower, upper, separated by commas.")
    var outputs = ScoreOutputs(list: Settings().outputs)

    @Option(name: .customLong("scores.expose"), help: "Which scores /metrics shows: all, anomalous, or top:N.")
    var expose = Settings().exposure

    @Option(name: .customLong("scores.ttl"), help: "A score whose sample is older than this is not shown.")
    var scoreTTL = Settings().scoreTimeToLive

    /// The flags with their values, as `/api/v1/status/flags` shows them.
    private var flags: [String: String] {
        [
            "web.listen-address": "\(listenAddress)", "web.max-connections": "\(maxConnections)",
            "web.read-timeout": readTimeout.prometheus, "web.idle-timeout": idleTimeout.prometheus,
            "storage.path": storagePath, "rules.path": rulesPath ?? "", "log.level": "\(logLevel)",
            "log.format": logFormat.rawValue, "limit.body-bytes": "\(bodyBytes)",
            "limit.in-flight-bytes": "\(inFlightBytes)", "limit.series": "\(series)",
            "limit.histogram-families": "\(histogramFamilies)", "limit.labels": "\(labels)",
            "limit.label-name-bytes": "\(labelNameBytes)", "limit.label-value-bytes": "\(labelValueBytes)",
            "series.drop-labels": dropLabels, "series.idle-timeout": idleSeriesTimeout.prometheus,
            "detection.default": detectionDefault, "detection.select": detection.joined(separator: "\n"),
            "scores.outputs": "\(outputs)",
            "samples.max-age": maxAge.prometheus, "samples.max-ahead": maxAhead.prometheus,
            "scores.expose": "\(expose)", "scores.ttl": scoreTTL.prometheus,
        ]
    }

    /// The names of all flags.
    static var flagNames: [String] {
        guard let command = try? Serve.parse([]) else { return [] }
        return command.flags.keys.sorted()
    }

    func validate() throws {
        try check("web.max-connections", maxConnections, in: 1...100_000)
        try check("limit.series", series, in: 1...100_000_000)
        try check("limit.histogram-families", histogramFamilies, in: 16...10_000_000)
        try check("limit.labels", labels, in: 1...1000)
        try check("limit.label-name-bytes", labelNameBytes, in: 1...16_384)
        try check("limit.label-value-bytes", labelValueBytes, in: 1...65_536)
        try check("limit.body-bytes", bodyBytes.bytes, in: 1024...(1 << 30))
        try check("limit.in-flight-bytes", inFlightBytes.bytes, in: bodyBytes.bytes...(64 << 30))
        for (flag, duration) in [
            ("web.read-timeout", readTimeout), ("web.idle-timeout", idleTimeout),
            ("series.idle-timeout", idleSeriesTimeout),
            ("samples.max-age", maxAge), ("scores.ttl", scoreTTL),
        ] where duration <= .zero {
            throw ValidationError("--\(flag) must be longer than 0s")
        }
        _ = try plan()
    }

    private func check(_ flag: String, _ value: Int, in range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw ValidationError("--\(flag) is \(value), but must be from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private func plan() throws -> DetectionPlan {
        var plan: DetectionPlan
        do {
            plan = DetectionPlan(default: try DetectionPolicy(parsing: detectionDefault))
        } catch {
            throw ValidationError("--detection.default: \(error)")
        }
        do {
            // In the environment one to a line.
            for selection in detection.flatMap({ $0.split(separator: "\n") }) {
                try plan.add(parsing: String(selection))
            }
        } catch {
            throw ValidationError("--detection.select: \(error)")
        }
        return plan
    }

    private func settings() throws -> Settings {
        var settings = Settings()
        settings.listenAddress = listenAddress
        settings.connectionLimit = maxConnections
        settings.readTimeout = readTimeout
        settings.idleTimeout = idleTimeout
        settings.storagePath = storagePath
        settings.rulesPath = rulesPath
        settings.bodyLimitBytes = bodyBytes.bytes
        settings.inFlightLimitBytes = inFlightBytes.bytes
        settings.seriesLimit = series
        settings.histogramFamilyLimit = histogramFamilies
        settings.labelLimits.labels = labels
        settings.labelLimits.nameBytes = labelNameBytes
        settings.labelLimits.valueBytes = labelValueBytes
        settings.droppedLabels = dropLabels.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        settings.idleSeriesTimeout = idleSeriesTimeout
        settings.sampleAgeLimit = maxAge
        settings.sampleAheadLimit = maxAhead
        settings.detection = try plan()
        settings.outputs = outputs.list
        settings.exposure = expose
        settings.scoreTimeToLive = scoreTTL
        return settings
    }

    func run() async throws {
        let sidecar = Sidecar(settings: try settings(), flags: flags, logger: logFormat.makeLogger(level: logLevel))
        try await sidecar.run()
    }
}

extension ListenAddress: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension ByteCount: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
    package var defaultValueDescription: String { description }
}

extension Duration: @retroactive ExpressibleByArgument {
    public init?(argument: String) { self.init(prometheus: argument) }
    public var defaultValueDescription: String { prometheus }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}

/// The gauges of `--scores.outputs`.
struct ScoreOutputs: ExpressibleByArgument, CustomStringConvertible {
    let list: [ScoreOutput]

    init(list: [ScoreOutput]) { self.list = list }

    init?(argument: String) {
        guard let list = ScoreOutput.list(argument) else { return nil }
        self.list = list
    }

    var description: String { list.map(\.rawValue).joined(separator: ",") }
    var defaultValueDescription: String { description }
}

extension ScoreExposure: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
    package var defaultValueDescription: String { description }
}
