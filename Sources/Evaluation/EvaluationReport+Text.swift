extension EvaluationReport {
    /// Aligned tables in plain text, a row a detector; with `perSeries` a row a series and detector after them.
    ///
    /// A figure that does not exist (no labels, not asked for) is "-".
    package func text(perSeries: Bool = false) -> String {
        var sections: [String] = []
        if let first = nab.first {
            sections += [Self.heading(first), nabScores, nabCounts]
            if perSeries { sections.append(nabSeries) }
        }
        if let first = labels.first {
            sections += [Self.heading(first), labelMeasures]
            if labels.contains(where: { $0.best != nil }) { sections.append(labelBest) }
            if perSeries { sections.append(labelSeries) }
        }
        return sections.joined(separator: "\n")
    }

    private static func heading(_ nab: NABReport) -> String {
        let alarms =
            nab.onsetRest > 0
            ? "one alarm an episode (\(nab.onsetRest) rows of rest)" : "every row above the threshold an alarm"
        return "NAB: \(nab.seriesCount) series, \(nab.windows) windows, "
            + "\(NumberText.fixed(nab.weeks, 1)) series-weeks, \(alarms)\n"
    }

    private static func heading(_ labels: LabelReport) -> String {
        "Labels: \(labels.perSeries.count) series, \(labels.points) points, \(labels.events) events, "
            + "\(NumberText.fixed(labels.weeks, 1)) series-weeks after "
            + "\(NumberText.short(labels.options.warmUpDays)) days of warm-up\n"
    }

    private var nabScores: String {
        var table = TextTable([
            ("detector", .left), ("profile", .left), ("at threshold", .right), ("score", .right),
            ("best threshold", .right), ("best score", .right),
        ])
        for report in nab {
            for result in report.results {
                table.append([
                    report.detector, result.profile.name, NumberText.short(report.threshold),
                    NumberText.fixed(result.fixed, 2), NumberText.short(result.bestThreshold),
                    NumberText.fixed(result.best, 2),
                ])
            }
        }
        return table.text
    }

    private var nabCounts: String {
        var table = TextTable([
            ("detector", .left), ("threshold", .left), ("windows hit", .right), ("false alarms", .right),
            ("per series-week", .right),
        ])
        for report in nab {
            for (name, counts) in [("fixed", report.fixed), ("best standard", report.best)] {
                table.append([
                    report.detector, "\(name) \(NumberText.short(counts.threshold))",
                    "\(counts.windowsHit)/\(counts.windows)", String(counts.falseAlarmPoints),
                    NumberText.fixed(counts.falseAlarmsPerSeriesWeek, 2),
                ])
            }
        }
        return table.text
    }

    private var nabSeries: String {
        var table = TextTable([
            ("detector", .left), ("series", .left), ("windows hit", .right), ("false alarms", .right),
        ])
        for report in nab {
            for (name, counts) in report.perSeries {
                table.append([
                    report.detector, name, "\(counts.windowsHit)/\(counts.windows)", String(counts.falseAlarmPoints),
                ])
            }
        }
        return table.text
    }

    private var labelMeasures: String {
        var table = TextTable([
            ("detector", .left), ("threshold", .right), ("VUS-PR", .right), ("AUC-PR", .right),
            ("event recall", .right), ("false alarms/series-week", .right), ("F1 event", .right), ("point", .right),
            ("delay-7", .right), ("range", .right),
        ])
        for report in labels {
            let fixed = report.fixed
            table.append(
                [
                    report.detector, NumberText.short(fixed.threshold), NumberText.fixed(report.vusPR ?? .nan, 4),
                    NumberText.fixed(report.aucPR ?? .nan, 4), NumberText.fixed(fixed.eventRecall, 3),
                    NumberText.fixed(fixed.falseAlarmsPerSeriesWeek, 3),
                ] + [fixed.eventF1, fixed.pointF1, fixed.delayF1, fixed.rangeF1].map { NumberText.fixed($0, 3) })
        }
        return table.text
    }

    private var labelBest: String {
        var table = TextTable([
            ("detector", .left), ("best F1 event", .right), ("point", .right), ("delay-7", .right), ("range", .right),
            ("recall at 1 false alarm/week", .right), ("at 0.25", .right),
        ])
        for report in labels {
            guard let best = report.best else { continue }
            let f1 = [(best.event, best.event.eventF1), (best.point, best.point.pointF1)]
            let others = [(best.delay, best.delay.delayF1), (best.range, best.range.rangeF1)]
            table.append(
                [report.detector]
                    + (f1 + others).map {
                        "\(NumberText.fixed($0.1, 3)) at \(NumberText.short($0.0.threshold))"
                    }
                    + [best.recallWithinOne, best.recallWithinQuarter].map { NumberText.fixed($0, 3) })
        }
        return table.text
    }

    private var labelSeries: String {
        var table = TextTable([
            ("detector", .left), ("series", .left), ("events hit", .right), ("false alarms", .right),
            ("per week", .right), ("VUS-PR", .right),
        ])
        for report in labels {
            for one in report.perSeries {
                table.append([
                    report.detector, one.name, "\(one.events.hits)/\(one.events.hits + one.events.misses)",
                    String(one.events.falseAlarms), NumberText.fixed(one.falseAlarmsPerSeriesWeek, 2),
                    NumberText.fixed(one.vusPR ?? .nan, 4),
                ])
            }
        }
        return table.text
    }
}
