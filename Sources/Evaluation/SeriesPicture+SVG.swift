extension SeriesPicture {
    /// The picture as a complete SVG document, 1200 x 640 pixels, below 1 MB for any length of series.
    ///
    /// - Complexity: O(rows).
    package func svg() -> String {
        let layout = PictureLayout(self)
        return [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 640" width="1200" height="640" role="img" \
            aria-labelledby="title description">
            <title id="title">\(Self.escaped(title))</title>
            <desc id="description">Values above, anomaly score below; \(events.count) labelled events, \
            \(alarms.count) alarms. Times are UTC.</desc>
            <style>\(PictureStyle.sheet)</style>
            <clipPath id="values"><rect x="70" y="76" width="1110" height="320"/></clipPath>
            <clipPath id="scores"><rect x="70" y="436" width="1110" height="140"/></clipPath>
            <rect class="page" width="1200" height="640"/>
            <text class="title" x="70" y="30">\(Self.escaped(title))</text>
            """,
            legend, grid(layout), eventAreas(layout), valuePanel(layout), scorePanel(layout), alarmMarks(layout),
            "</svg>\n",
        ].joined(separator: "\n")
    }

    private var legend: String {
        var entries = [("value", #"<path class="value" d="M0 -4h22"/>"#)]
        if hasExpected { entries.append(("expected", #"<path class="expected" d="M0 -4h22"/>"#)) }
        if hasBand { entries.append(("expected range", #"<rect class="band" y="-10" width="22" height="12"/>"#)) }
        entries += [
            ("score", #"<path class="score" d="M0 -4h22"/>"#),
            ("score 1", #"<path class="limit" d="M0 -4h22"/>"#),
            ("labelled event", #"<rect class="event" y="-10" width="22" height="12"/>"#),
            ("alarm begins", #"<path class="alarm" d="M5 -11h12l-6 11z"/>"#),
        ]
        var x = 70
        return entries.map { text, mark in
            defer { x += 46 + text.count * 8 }
            return "<g transform=\"translate(\(x) 57)\">\(mark)<text x=\"28\">\(text)</text></g>"
        }.joined(separator: "\n")
    }

    private func grid(_ layout: PictureLayout) -> String {
        var lines: [String] = []
        for (scale, ticks) in [
            (layout.value, AxisTicks.numbers(layout.value.data, count: 6)),
            (layout.score, AxisTicks.numbers(layout.score.data, count: 4)),
        ] {
            for tick in ticks {
                let y = PlotPath.pixels(scale(tick.position))
                let base = PlotPath.pixels(scale(tick.position) + 4)
                lines.append("<path class=\"grid\" d=\"M70 \(y)H1180\"/>")
                lines.append("<text class=\"end\" x=\"62\" y=\"\(base)\">\(tick.text)</text>")
            }
        }
        for tick in AxisTicks.times(layout.time.data, count: 10) {
            let x = PlotPath.pixels(layout.time(tick.position))
            lines.append("<path class=\"grid\" d=\"M\(x) 76V396M\(x) 436V576\"/>")
            lines.append("<text class=\"middle\" x=\"\(x)\" y=\"594\">\(tick.text)</text>")
            if let context = tick.context {
                lines.append("<text class=\"middle\" x=\"\(x)\" y=\"611\">\(context)</text>")
            }
        }
        lines.append("<text class=\"end\" x=\"1180\" y=\"631\">time (UTC)</text>")
        lines.append("<text x=\"70\" y=\"428\">\(scoreTitle)</text>")
        return lines.joined(separator: "\n")
    }

    private var scoreTitle: String {
        let isCut = scores.contains { $0 > Self.scoreLimit }
        return "anomaly score, above 1 is anomalous"
            + (isCut ? " (scores above \(NumberText.plain(Self.scoreLimit)) are drawn there)" : "")
    }

    private func eventAreas(_ layout: PictureLayout) -> String {
        // Events that share a pixel are one area: many short ones must not make the picture long.
        var areas: [(start: Double, end: Double)] = []
        for event in events {
            let ends = [layout.x[event.lowerBound], layout.x[event.upperBound]]
            let start = (ends.min() ?? 0) - 1
            let end = (ends.max() ?? 0) + 1
            if let last = areas.last, start <= last.end, start >= last.start {
                areas[areas.count - 1] = (last.start, max(last.end, end))
            } else {
                areas.append((start, end))
            }
        }
        return areas.map { start, end in
            let shape = "x=\"\(PlotPath.pixels(start))\" width=\"\(PlotPath.pixels(end - start))\""
            return "<rect class=\"event\" \(shape) y=\"76\" height=\"320\"/>"
                + "<rect class=\"event\" \(shape) y=\"436\" height=\"140\"/>"
        }.joined(separator: "\n")
    }

    private func valuePanel(_ layout: PictureLayout) -> String {
        var parts = ["<g clip-path=\"url(#values)\">"]
        if hasBand {
            let band = PlotPath.band(lower: lower, upper: upper, x: layout.x, y: layout.value)
            parts.append("<path class=\"band\" d=\"\(band)\"/>")
        }
        let value = PlotPath.line(values, x: layout.x, y: layout.value)
        parts.append("<path class=\"value\" d=\"\(value)\"/>")
        if hasExpected {
            let line = PlotPath.line(expected, x: layout.x, y: layout.value)
            parts.append("<path class=\"expected\" d=\"\(line)\"/>")
        }
        parts.append("</g>\n<rect class=\"frame\" x=\"70\" y=\"76\" width=\"1110\" height=\"320\"/>")
        return parts.joined(separator: "\n")
    }

    private func scorePanel(_ layout: PictureLayout) -> String {
        let limited = scores.map { min($0, Self.scoreLimit) }
        let one = PlotPath.pixels(layout.score(1))
        return """
            <g clip-path="url(#scores)">
            <path class="score" d="\(PlotPath.line(limited, x: layout.x, y: layout.score))"/>
            <path class="limit" d="M70 \(one)H1180"/>
            </g>
            <rect class="frame" x="70" y="436" width="1110" height="140"/>
            """
    }

    private func alarmMarks(_ layout: PictureLayout) -> String {
        // One mark a pixel is all that can be seen.
        Set(alarms.map { Int(layout.x[$0].rounded()) }).sorted().map { x in
            "<path class=\"call\" d=\"M\(x) 76V396M\(x) 436V576\"/>"
                + "<path class=\"alarm\" d=\"M\(x - 6) 66h12l-6 11z\"/><path class=\"alarm\" d=\"M\(x - 6) 430h12l-6 11z\"/>"
        }.joined(separator: "\n")
    }

    /// Text for XML; characters that XML cannot carry become a replacement character.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Where the rows and numbers of a picture stand on its page.
private struct PictureLayout {
    let time: PlotScale
    let value: PlotScale
    let score: PlotScale
    /// The place of each row, in pixels.
    let x: [Double]

    init(_ picture: SeriesPicture) {
        let time = PlotScale(data: picture.timeRange, start: 72, end: 1178)
        self.time = time
        value = PlotScale(data: picture.valueRange, start: 396, end: 76)
        score = PlotScale(data: picture.scoreRange, start: 576, end: 436)
        x = picture.times.map { $0.isFinite ? time($0) : 72 }
    }
}
