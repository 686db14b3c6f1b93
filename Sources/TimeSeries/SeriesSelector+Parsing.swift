extension SeriesSelector {
    /// Reads a PromQL vector selector: `name`, `name{a="b",c=~"d.*"}`, `{__name__="x"}`, `{"utf8.name","a.b"="c"}`.
    ///
    /// Quotes are `"`, `'` or backticks, with Go's escapes in the first two. No range, offset or operator is taken
    /// (prometheus/prometheus:promql/parser/generated_parser.y).
    /// - Throws: ``SelectorError`` with the column of the first trouble.
    package init(parsing text: String) throws(SelectorError) {
        if text.utf8.count > Self.textLimitBytes {
            throw SelectorError("\(text.utf8.count) bytes are more than \(Self.textLimitBytes); shorten the selector")
        }
        var parser = SelectorParser(text)
        try self.init(matchers: parser.selector())
    }
}

private struct SelectorParser {
    private var text: PromQLText
    private var matchers: [LabelMatcher] = []
    private var hasName = false

    init(_ text: String) {
        self.text = PromQLText(text)
    }

    mutating func selector() throws(SelectorError) -> [LabelMatcher] {
        text.skipSpace()
        if let name = text.identifier(colons: true) { try add(name: name, column: 1) }
        text.skipSpace()
        if text.take("{") {
            try braces()
        } else if matchers.isEmpty {
            throw text.error(#"a selector begins with a metric name or "{"; write name{label="value"}"#)
        }
        text.skipSpace()
        if let next = text.peek {
            let hint = next == "[" || next == "o" || next == "@" ? "; a range, offset or @ does not belong here" : ""
            throw text.error(#"unexpected "\#(next)" after the selector; remove what follows it\#(hint)"#)
        }
        return matchers
    }

    private mutating func braces() throws(SelectorError) {
        text.skipSpace()
        while !text.take("}") {
            try element()
            text.skipSpace()
            if text.take(",") {
                text.skipSpace()
            } else if text.peek != "}" {
                throw text.error(
                    text.peek == nil ? #"the selector is not closed; write "}""# : #"write "," or "}" after a matcher"#)
            }
        }
    }

    private mutating func element() throws(SelectorError) {
        let column = text.column
        let quoted = try text.string()
        guard let name = quoted ?? text.identifier(colons: false) else {
            throw text.error(
                text.peek == nil
                    ? #"the selector is not closed; write "}""# : #"a label name is missing; write label="value""#)
        }
        text.skipSpace()
        guard let operation = text.operation() else {
            if quoted != nil, text.peek == "," || text.peek == "}" { return try add(name: name, column: column) }
            throw text.error("write =, !=, =~ or !~ after the label name \(PromQLText.quoted(name))")
        }
        text.skipSpace()
        guard let value = try text.string() else {
            throw text.error(#"write the value in quotes: \#(name)\#(operation.rawValue)"value""#)
        }
        if name == "__name__", hasName {
            throw SelectorError("the metric name is given twice; keep one of them", column: column)
        }
        try add(matcher: name, operation, value, column: column)
    }

    private mutating func add(name: String, column: Int) throws(SelectorError) {
        if hasName || matchers.contains(where: { $0.name == "__name__" }) {
            throw SelectorError("the metric name is given twice; keep one of them", column: column)
        }
        if name.isEmpty { throw SelectorError("the metric name is empty; write one", column: column) }
        hasName = true
        try add(matcher: "__name__", .equal, name, column: column)
    }

    private mutating func add(
        matcher name: String, _ operation: LabelMatcher.Operation, _ value: String, column: Int
    ) throws(SelectorError) {
        if matchers.count == SeriesSelector.matcherLimit {
            throw SelectorError("more than \(SeriesSelector.matcherLimit) matchers; use fewer", column: column)
        }
        do {
            matchers.append(try LabelMatcher(name, operation, value))
        } catch {
            throw SelectorError(error.reason, column: column)
        }
    }
}
