internal import NIOCore
internal import RemoteWrite
internal import TimeSeries
internal import Web

/// `POST /api/v1/write`: negotiates, hands the body to the pipeline, and says what came of it.
struct WriteRoute: Sendable {
    let pipeline: Pipeline

    func answer(_ call: WebCall, now: Timestamp) -> WebAnswer {
        let message: WriteProtocol
        do throws(UnsupportedContent) {
            message = try WriteProtocol(contentType: call.joinedHeader("content-type"))
            // Only whether it is accepted counts: the body itself says which of the two it is.
            _ = try WriteEncoding(contentEncoding: call.joinedHeader("content-encoding"))
        } catch {
            return .text(415, "\(error)\n")
        }
        let result = pipeline.receive(call.body.readableBytesUInt8Span, as: message, now: now)
        var headers: [(String, String)] = []
        if let written = result.written {
            headers = [
                ("X-Prometheus-Remote-Write-Samples-Written", "\(written.samples)"),
                ("X-Prometheus-Remote-Write-Histograms-Written", "\(written.histograms)"),
                ("X-Prometheus-Remote-Write-Exemplars-Written", "\(written.exemplars)"),
            ]
        }
        if result.status == 204 { return WebAnswer(status: 204, headers: headers) }
        return .text(result.status, result.message + "\n", headers: headers)
    }
}
