internal import NIOCore
internal import NIOHTTP1

/// Decides on a request by its header alone, so that nothing is read of a body that nobody wants.
struct Admission: Sendable {
    enum Verdict: Sendable {
        /// Read the body, then ask the route.
        case collect(declaredBytes: Int?)
        /// The answer is known already.
        case answer(WebAnswer)
        /// So is this one, and nothing more is taken on this connection.
        case refuse(WebAnswer, ConnectionEnd)
    }

    let configuration: WebConfiguration
    let routes: WebRoutes

    func verdict(on head: HTTPRequestHead, for endpoint: Endpoint, target: RequestTarget) -> Verdict {
        if endpoint != .healthy, routes.isDraining() {
            return .refuse(comeAgain("Lapwing is shutting down.\n"), .draining)
        }
        if endpoint.takesWrites {
            return verdict(onWrite: head, target: target)
        }
        if endpoint == .detect {
            return head.method == .POST ? verdict(onBodyOf: head) : .answer(Self.notAllowed("POST"))
        }
        if let allow = endpoint.allow, head.method != .GET, head.method != .HEAD {
            return .answer(Self.notAllowed(allow))
        }
        let call = WebCall(method: head.method.rawValue, target: target, headers: head.headers, body: ByteBuffer())
        return .answer(answer(to: call, at: endpoint))
    }

    private func verdict(onWrite head: HTTPRequestHead, target: RequestTarget) -> Verdict {
        let isPost = head.method == .POST
        if isPost || head.method == .GET, target.query.value(of: "get_vm_proto_version") != nil {
            // An old vmagent asks so whether it may send zstd.
            return .answer(.text(200, "1"))
        }
        guard isPost else { return .answer(Self.notAllowed("POST")) }
        return verdict(onBodyOf: head)
    }

    private func verdict(onBodyOf head: HTTPRequestHead) -> Verdict {
        let declared = head.headers.first(name: "content-length").map { Int($0) ?? Int.max }
        if let declared, declared > configuration.bodyLimitBytes {
            return .refuse(tooLarge("\(declared) bytes"), .error)
        }
        return .collect(declaredBytes: declared)
    }

    private func answer(to call: WebCall, at endpoint: Endpoint) -> WebAnswer {
        switch endpoint {
        case .metrics: routes.metrics(call)
        case .healthy: routes.healthy(call)
        case .ready: routes.ready(call)
        case .buildInfo: routes.buildInfo(call)
        case .flags: routes.flags(call)
        case .explain: routes.explain(call)
        case .index: WebAnswer(status: 200, contentType: "text/html; charset=utf-8", bytes: Endpoint.page.utf8)
        case .otlp: .text(404, Self.otlpHint)
        case .write, .push, .detect, .other: .text(404, "404: nothing is served here; / lists what there is.\n")
        }
    }

    private static let otlpHint = """
        OTLP is not taken here. Send Prometheus remote write to /api/v1/write; \
        the OpenTelemetry collector does so with its prometheusremotewrite exporter.\n
        """

    static func notAllowed(_ allow: String) -> WebAnswer {
        .text(405, "405: this path takes \(allow).\n", headers: [("Allow", allow)])
    }

    /// 400 and not 413: vmagent would send the same body again for ever after 413, and drops it after 400.
    func tooLarge(_ size: String) -> WebAnswer {
        let limit = configuration.bodyLimitBytes
        return .text(
            400, "the body has \(size), the limit is \(limit): send smaller batches or raise the body limit.\n")
    }

    func comeAgain(_ reason: String) -> WebAnswer {
        .comeAgain(afterSeconds: configuration.retryAfterSeconds, reason)
    }
}
