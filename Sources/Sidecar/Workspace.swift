internal import Histograms
internal import RemoteWrite
internal import Scoring
internal import SeriesIndexing
internal import Synchronization

/// What one request works in: columns and buffers that keep their memory from request to request.
struct Workspace: ~Copyable, Sendable {
    var request = WriteRequest()
    var tables: Tables

    /// What is made of the request; apart from it, so that one can be written while the other is read.
    struct Tables: ~Copyable, Sendable {
        var lookup = SeriesLookup()
        var batch = SampleBatch()
        var histogramLookup = SeriesLookup()
        /// Samples on their way into histogram families, the signals that came out, and those again as samples.
        var parts = PartBatch()
        var signals: [SignalValue] = []
        var values: [SeriesValue] = []
        var derived = SampleBatch()
        var labels: LabelDecoder
        var policies: PolicyChooser

        init(labels: consuming LabelDecoder, policies: PolicyChooser) {
            self.labels = labels
            self.policies = policies
        }
    }

    init(labels: consuming LabelDecoder, policies: PolicyChooser) {
        tables = Tables(labels: labels, policies: policies)
    }
}

/// Lends workspaces: there are as many as requests were ever worked on at once, which is at most one a thread.
final class WorkspacePool: Sendable {
    private final class Place: Sendable {
        let workspace: Mutex<Workspace>

        init(_ workspace: consuming sending Workspace) {
            self.workspace = Mutex(workspace)
        }
    }

    private let limits: LabelDecoder.Limits
    private let droppedLabels: [String]
    private let plan: DetectionPlan
    private let free = Mutex<[Place]>([])

    init(limits: LabelDecoder.Limits, droppedLabels: [String], plan: DetectionPlan) {
        self.limits = limits
        self.plan = plan
        self.droppedLabels = droppedLabels
    }

    func withWorkspace<Result: Sendable>(_ body: (inout WriteRequest, inout Workspace.Tables) -> Result) -> Result {
        let place =
            free.withLock { $0.popLast() }
            ?? Place(
                Workspace(labels: LabelDecoder(limits: limits, dropping: droppedLabels), policies: plan.chooser))
        defer { free.withLock { $0.append(place) } }
        return place.workspace.withLock { body(&$0.request, &$0.tables) }
    }
}
