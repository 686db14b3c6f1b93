internal import Exposition
internal import Histograms
internal import Scoring
internal import SeriesIndexing

extension SelfMetrics {
    /// Registers what is read off the state at each scrape.
    func describe(_ pipeline: Pipeline, settings: Settings) {
        ProcessMetrics.register(in: registry)
        registry.gauge(
            "lapwing_build_info", help: "The program; always 1.",
            labels: ["version": Build.version, "swift_version": Build.swiftVersion, "platform": Build.architecture]
        ).set(1)
        registry.gauge("lapwing_series", help: "Series known now.") { Double(pipeline.index.count) }
        registry.gauge("lapwing_series_limit", help: "Most series that are known at once: --limit.series.")
            .set(Double(settings.seriesLimit))
        registry.gauge("lapwing_series_scored", help: "Live series that have a score.") {
            Double(pipeline.board.population.scored)
        }
        registry.gauge("lapwing_series_warming_up", help: "Live series that are still being learned.") {
            Double(pipeline.board.population.warming)
        }
        histogramFamilies("classic") { $0.kinds.classic }
        histogramFamilies("native") { $0.kinds.native }
        histogramFamilies("new") { $0.kinds.new }
        registry.gauge("lapwing_metric_families_declared", help: "Metric families whose type metadata told.") {
            Double(pipeline.board.names.declaredCount)
        }
        memory("label_blocks") { Double(pipeline.index.memory.blocks) }
        memory("index_tables") { Double(pipeline.index.memory.tables) }
        memory("signals") { Double(pipeline.board.memory.signals) }
        memory("detectors") { Double(pipeline.board.memory.detectors) }
        memory("score_board") { Double(pipeline.board.memory.board) }
        memory("histograms") { Double(pipeline.families.memoryBytes) }

        func histogramFamilies(_ kind: String, count: @escaping @Sendable (HistogramFamilies) -> Int) {
            registry.gauge(
                "lapwing_histograms",
                help: "Histograms scored as a family, by how they are sent; new ones were not seen whole so far.",
                labels: ["kind": kind]
            ) { Double(count(pipeline.families)) }
        }
    }

    private func memory(_ part: String, value: @escaping @Sendable () -> Double?) {
        registry.gauge(
            "lapwing_memory_bytes",
            help: "Memory held by part; what is missing to the resident size is buffers and code.",
            labels: ["part": part], value: value)
    }
}
