/// The paths that are known.
enum Endpoint: String {
    case write = "/api/v1/write"
    case push = "/api/v1/push"
    case metrics = "/metrics"
    case healthy = "/-/healthy"
    case ready = "/-/ready"
    case buildInfo = "/api/v1/status/buildinfo"
    case flags = "/api/v1/status/flags"
    case explain = "/api/v1/explain"
    case detect = "/api/v1/detect"
    case otlp = "/api/v1/otlp/v1/metrics"
    case index = "/"
    case other

    init(path: String) {
        // VictoriaMetrics takes writes under this prefix too, and so do configurations written for it.
        let prefix = "/prometheus/api/v1/"
        if path.hasPrefix(prefix) {
            switch path {
            case "/prometheus/api/v1/write": self = .write
            case "/prometheus/api/v1/push": self = .push
            default: self = .other
            }
        } else {
            self = Endpoint(rawValue: path) ?? .other
        }
    }

    var takesWrites: Bool { self == .write || self == .push }

    /// What `Allow` says; nil where every method is answered alike.
    var allow: String? {
        switch self {
        case .write, .push, .detect: "POST"
        case .otlp, .other: nil
        default: "GET, HEAD"
        }
    }

    /// The page at `/`, for a person with a browser.
    static let page = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>Lapwing</title></head><body>
        <h1>Lapwing</h1>
        <p>Remote write goes to <code>POST /api/v1/write</code> (or <code>/api/v1/push</code>).</p>
        <p>A series of your own is scored by <code>POST /api/v1/detect</code>.</p>
        <ul>
        <li><a href="/metrics">/metrics</a>: scores and self-metrics; narrow them with <code>match[]</code></li>
        <li><a href="/api/v1/explain">/api/v1/explain</a>: why a score is as it is</li>
        <li><a href="/api/v1/status/flags">/api/v1/status/flags</a>: the settings in force</li>
        <li><a href="/api/v1/status/buildinfo">/api/v1/status/buildinfo</a>: the version</li>
        <li><a href="/-/ready">/-/ready</a>: ready to take samples</li>
        <li><a href="/-/healthy">/-/healthy</a>: alive</li>
        </ul>
        </body></html>

        """
}
