internal import Web

/// `/api/v1/status/*`, in the shapes of Prometheus' HTTP API.
struct Status: Sendable {
    let flags: [String: String]

    func buildInfo() -> WebAnswer {
        .json(
            200,
            JSON.success([
                "version": Build.version, "revision": "", "branch": "", "buildUser": "", "buildDate": "",
                "swiftVersion": Build.swiftVersion, "platform": Build.architecture,
            ]))
    }

    func flagValues() -> WebAnswer {
        .json(200, JSON.success(flags))
    }
}
