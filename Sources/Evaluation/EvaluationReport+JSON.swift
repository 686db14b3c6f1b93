extension EvaluationReport {
    /// One JSON object with all figures, unrounded; a figure that does not exist is null.
    package func json() -> String {
        JSONValue.object([
            (
                "detectors",
                .array(
                    detectors.map { one in
                        .object([
                            ("detector", .string(one.detector)), ("nab", one.nab?.json ?? .null),
                            ("labels", one.labels?.json ?? .null),
                        ])
                    })
            )
        ]).text
    }
}

extension NABReport {
    fileprivate var json: JSONValue {
        .object([
            ("threshold", .number(threshold)), ("onsetRest", .integer(onsetRest)), ("windows", .integer(windows)),
            ("seriesWeeks", .number(weeks)),
            (
                "profiles",
                .array(
                    results.map {
                        .object([
                            ("profile", .string($0.profile.name)), ("best", .number($0.best)),
                            ("bestThreshold", .number($0.bestThreshold)), ("fixed", .number($0.fixed)),
                        ])
                    })
            ),
            ("fixed", .object(fixed.json)), ("bestStandard", .object(best.json)),
            ("series", .array(perSeries.map { .object([("name", .string($0.name))] + $0.counts.json) })),
        ])
    }
}

extension NABCounts {
    fileprivate var json: [(key: String, value: JSONValue)] {
        [
            ("threshold", .number(threshold)), ("windowsHit", .integer(windowsHit)), ("windows", .integer(windows)),
            ("falseAlarmPoints", .integer(falseAlarmPoints)),
            ("falseAlarmsPerSeriesWeek", .number(falseAlarmsPerSeriesWeek)),
        ]
    }
}

extension LabelReport {
    fileprivate var json: JSONValue {
        .object([
            ("options", options.json), ("points", .integer(points)), ("events", .integer(events)),
            ("seriesWeeks", .number(weeks)), ("vusPR", .optional(vusPR)), ("aucPR", .optional(aucPR)),
            ("fixed", fixed.json), ("best", best?.json ?? .null), ("series", .array(perSeries.map(\.json))),
        ])
    }
}

extension LabelOptions {
    fileprivate var json: JSONValue {
        let buffer: JSONValue =
            switch self.buffer {
            case .period: .string("period")
            case .rows(let rows): .integer(rows)
            case .none: .null
            }
        return .object([
            ("threshold", .number(threshold)), ("buffer", buffer), ("smoothing", .number(smoothing)),
            ("warmUpDays", .number(warmUpDays)), ("gridSize", .integer(gridSize)),
        ])
    }
}

extension ThresholdMeasures {
    fileprivate var json: JSONValue {
        .object([
            ("threshold", .number(threshold)), ("eventRecall", .number(eventRecall)),
            ("falseAlarmsPerSeriesWeek", .number(falseAlarmsPerSeriesWeek)), ("eventF1", .number(eventF1)),
            ("pointF1", .number(pointF1)), ("delay7F1", .number(delayF1)), ("rangeF1", .number(rangeF1)),
        ])
    }
}

extension BestMeasures {
    fileprivate var json: JSONValue {
        .object([
            ("event", event.json), ("point", point.json), ("delay7", delay.json), ("range", range.json),
            ("recallWithinOne", .number(recallWithinOne)), ("recallWithinQuarter", .number(recallWithinQuarter)),
        ])
    }
}

extension SeriesMeasures {
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(name)), ("eventsHit", .integer(events.hits)),
            ("events", .integer(events.hits + events.misses)), ("falseAlarms", .integer(events.falseAlarms)),
            ("falseAlarmsPerSeriesWeek", .number(falseAlarmsPerSeriesWeek)), ("vusPR", .optional(vusPR)),
            ("aucPR", .optional(aucPR)),
        ])
    }
}
