/// The closures behind the paths; `Web` knows the paths, methods and limits, their owner knows the answers.
///
/// They are called on an event loop, because a batch is at most some tens of milliseconds of pure work and a hop to another
/// thread costs as much as a small batch: so none of them may wait for anything but a lock that is held briefly.
/// What takes longer belongs into a ``WebAnswer/Body/stream(_:)``, which has a task of its own.
package struct WebRoutes: Sendable {
    package typealias Route = @Sendable (WebCall) -> WebAnswer

    /// `POST /api/v1/write` and `/api/v1/push`: takes the whole body.
    package var write: Route
    /// `GET /metrics`.
    package var metrics: Route
    /// `GET /-/healthy`: the only path that is still asked while draining.
    package var healthy: Route
    /// `GET /-/ready`.
    package var ready: Route
    /// `GET /api/v1/status/buildinfo`.
    package var buildInfo: Route
    /// `GET /api/v1/status/flags`.
    package var flags: Route
    /// `GET /api/v1/explain`.
    package var explain: Route
    /// `POST /api/v1/detect`: takes the whole body.
    package var detect: Route
    /// Whether the process is on its way out: new requests are then sent away, those that have begun are finished.
    package var isDraining: @Sendable () -> Bool

    package init(
        write: @escaping Route, metrics: @escaping Route, healthy: @escaping Route, ready: @escaping Route,
        buildInfo: @escaping Route, flags: @escaping Route, explain: @escaping Route,
        detect: @escaping Route, isDraining: @escaping @Sendable () -> Bool
    ) {
        self.write = write
        self.metrics = metrics
        self.healthy = healthy
        self.ready = ready
        self.buildInfo = buildInfo
        self.flags = flags
        self.explain = explain
        self.detect = detect
        self.isDraining = isDraining
    }
}
