package import RemoteWrite
package import Scoring

/// Everything that a person can set, with the defaults that the flags show.
package struct Settings: Sendable {
    package var listenAddress = ListenAddress(host: "127.0.0.1", port: 9599)
    package var connectionLimit = 512
    /// A request must have arrived within this time, however slowly it drips.
    package var readTimeout = Duration.seconds(30)
    /// A connection without a request is closed after this time; senders keep theirs for 90 s and more.
    package var idleTimeout = Duration.seconds(300)
    package var storagePath = "data"
    package var rulesPath: String?

    /// The most bytes that a body may have, compressed or decompressed.
    package var bodyLimitBytes = 32 << 20
    /// The most bytes of bodies that are held at once.
    package var inFlightLimitBytes = 64 << 20
    package var seriesLimit = 1_000_000
    package var labelLimits = LabelDecoder.Limits()
    /// The most histograms, by their labels without `le`, that are looked at as families. The buckets of others are scored one
    /// by one.
    package var histogramFamilyLimit = 100_000

    /// Labels that are taken off every series: a sender's external labels, which its own database does not have.
    package var droppedLabels: [String] = []
    /// A series without a sample for so long is forgotten.
    package var idleSeriesTimeout = Duration.seconds(3600)
    /// Samples older than this are ignored.
    package var sampleAgeLimit = Duration.seconds(7 * 86400)
    /// Samples further in the future than this are ignored.
    package var sampleAheadLimit = Duration.seconds(600)

    /// How each series is judged.
    package var detection = DetectionPlan()

    package var exposure = ScoreExposure.all
    /// What is exposed of a series; the score always is.
    package var outputs: [ScoreOutput] = [.score]
    /// A score whose sample is older is not shown: its sender fell silent.
    package var scoreTimeToLive = Duration.seconds(300)

    package init() {}
}

/// Where a server listens.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[v6]:port`, or `:port` for every interface, as Prometheus does.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits), port <= 65535 else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            host = host.dropFirst().dropLast()
        } else if host.contains(where: { ":[]".contains($0) }) {
            return nil
        }
        self.host = host.isEmpty ? "0.0.0.0" : String(host)
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Duration {
    /// Reads a duration as Prometheus writes it: `500ms`, `30s`, `5m`, `1h30m`, `7d`, `2w`, `1y`, each unit once, large ones first.
    package init?(prometheus text: String) {
        let units: [(name: String, milliseconds: Int64)] = [
            ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
            ("s", 1000),
            ("ms", 1),
        ]
        var milliseconds: Int64 = 0
        var allowed = units[...]
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        if rest == "0" { rest = "" }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            let name = rest.prefix { $0.isLetter }
            rest = rest[name.endIndex...]
            guard let count = Int64(digits), let unit = allowed.firstIndex(where: { $0.name == name }) else {
                return nil
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: units[unit].milliseconds)
            let (sum, sumOverflow) = milliseconds.addingReportingOverflow(product)
            guard !overflow, !sumOverflow else { return nil }
            milliseconds = sum
            allowed = allowed[(unit + 1)...]
        }
        self = .milliseconds(milliseconds)
    }

    /// Whole milliseconds.
    package var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

    /// As Prometheus writes it.
    package var prometheus: String {
        var left = milliseconds
        if left == 0 { return "0s" }
        var text = ""
        for (name, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
            as [(String, Int64)]
        {
            if left >= size {
                text += "\(left / size)\(name)"
                left %= size
            }
        }
        return text
    }
}

/// A number of bytes as people write it: `32MiB`, `64MB` and `1GB` (powers of two, as in Prometheus' flags), or plain digits.
package struct ByteCount: Equatable, Sendable, CustomStringConvertible {
    package let bytes: Int

    package init(_ bytes: Int) {
        self.bytes = bytes
    }

    package init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits) else { return nil }
        let shift: Int
        switch text[digits.endIndex...].uppercased() {
        case "", "B": shift = 0
        case "KB", "KIB": shift = 10
        case "MB", "MIB": shift = 20
        case "GB", "GIB": shift = 30
        default: return nil
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else { return nil }
        self.bytes = bytes
    }

    package var description: String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes > 0 && bytes & (1 << shift - 1) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)"
    }
}
