import TestSupport
import Testing
import TimeSeries

@testable import Datasets

@Suite struct SeriesFileTests {
    static func read(_ text: String, limits: ReadingLimits = ReadingLimits()) throws -> SeriesFile {
        try SeriesFile(bytes: Array(text.utf8), relativePath: "a.csv", limits: limits)
    }

    private static func refusal(_ text: String, limits: ReadingLimits = ReadingLimits()) -> String? {
        do {
            _ = try read(text, limits: limits)
            return nil
        } catch { return "\(error)" }
    }

    @Test(arguments: [
        "timestamp,value,label\n60,1.5,0\n120,,1\n", "\u{FEFF}timestamp,value,label\r\n60,1.5,0\r\n\r\n120,NaN,1",
        "\n\nTime;Value;is_anomaly\n60;1.5;0\n \n120;null;true\n", "label\tvalue\tts\n0\t1.5\t60\n1\t\t120\n",
        "\"timestamp\",\"value\",\"anomaly\"\n\"60\",\"1.5\",\"0\"\n \"120\" ,\"\",1.0\n",
        "note,timestamp,value,label\n\"a,b\"\"c\nd\",60,1.5,false\nx,120,,2\n",
        "{\"timestamp\":60,\"value\":1.5,\"label\":0}\n{\"label\":true,\"timestamp\":120,\"value\":null}",
        "{\"time\":\"60\",\"value\":\"1.5\",\"label\":false,\"x\":{\"a\":[1,\"}\"]}}\r\n\r\n{\"time\":120,\"label\":1}\n",
        "{\"\\u0074s\": 60 , \"value\" :1.5, \"label\":0}\n{\"ts\":120,\"value\":NaN,\"label\":1}",
    ]) func `reads the same two rows however they are written`(text: String) throws {
        let file = try Self.read(text)
        #expect(file.times.map(\.milliseconds) == [60_000, 120_000])
        #expect(file.metrics.map { $0.name.lowercased() } == ["value"])
        #expect(file.metrics[0].values[0] == 1.5)
        #expect(file.metrics[0].values[1].isNaN)
        #expect(file.labels == [false, true])
        #expect(file.problems.count == 0)
        #expect((0..<2).map(file.timeText) == ["60", "120"])
    }

    @Test func `takes each numeric column of a wide file as a metric`() throws {
        let file = try Self.read("when,host,cpu,mem,late,label\n1,web,1,2,,0\n2,web,3,,,1\n")
        #expect(file.metrics.map(\.name) == ["cpu", "mem", "late"])
        #expect(file.metrics[0].values == [1, 3])
        let lines = try Self.read("{\"ts\":1,\"cpu\":1,\"host\":\"web\",\"mem\":2}\n{\"ts\":2,\"mem\":4,\"new\":1}\n")
        #expect(lines.metrics.map(\.name) == ["cpu", "mem"])
        #expect(lines.metrics[0].values[1].isNaN)
        #expect(lines.metrics[1].values == [2, 4])
    }

    @Test func `keeps a place for each malformed row and says why`() throws {
        let file = try Self.read(
            "timestamp,value\nx,1\n60,1\n120\n180,a\u{0}b\n240,\"5\n300,6\n360,\"7\"8\n420,9\n")
        #expect(file.malformedRows == [0, 2, 3, 4, 6])
        #expect((0..<8).filter(file.isMalformed) == file.malformedRows)
        #expect(file.times.map(\.milliseconds) == [60, 60, 60, 60, 60, 300, 300, 420].map { $0 * 1000 })
        #expect((0..<4).map(file.timeText) == ["x", "60", "120", "180"])
        #expect(
            file.problems.first.map(\.description) == [
                "a.csv:2: \"x\" is no time", "a.csv:4: 1 columns where the header has 2",
                "a.csv:5: value \"ab\" is no number", "a.csv:6: there is text after a closing quote",
                "a.csv:8: there is text after a closing quote",
            ])
    }

    @Test(arguments: [
        ("{\"value\":2}", "there is no time"), ("{\"time\":\"x\",\"value\":2}", "\"x\" is no time"),
        ("{\"time\":1,\"value\":\"x\"}", "value \"x\" is no number"), ("{\"time\":1", "the object is not closed"),
        ("{\"time", "a key of the object is broken"), ("{\"a\":[{}", "a bracket is not closed"),
        ("{} x", "there is text after the object"), ("{\"time\":,\"value\":1}", "a key of the object has no value"),
        ("{\"a\":\"\\", "a string is not closed"), ("{\"a\":{\"b", "a string is not closed"),
        ("[1]", "the line is no JSON object"),
    ]) func `says why an object cannot be read`(line: String, reason: String) throws {
        let file = try Self.read("{\"time\":1,\"value\":2}\n\(line)\n{\"time\":3,\"value\":4}")
        #expect(file.rowCount == 3)
        #expect(file.malformedRows == [1])
        #expect(file.problems.first == [RowProblem(file: "a.csv", line: 2, reason: reason)])
    }

    @Test func `counts all problems and tells the first ones`() throws {
        let file = try Self.read("timestamp,value\n" + String(repeating: "x,y\n", count: 1000))
        #expect(file.problems.count == 1000)
        #expect(file.problems.first.count == RowProblems.limit)
        #expect(file.rowCount == 1000)
    }

    @Test(arguments: [
        ("", "a.csv: the file is empty; a header line is needed"),
        ("\n \n", "a.csv: the file is empty; a header line is needed"),
        ("1491041280,35.03,0\n", "a.csv: the first line is data; put a header before it, such as timestamp,value"),
        ("timestamp\n1\n", "a.csv: no numeric column besides the time; name one `value`"),
        ("timestamp,host\n1,a\n", "a.csv: no numeric column besides the time; name one `value`"),
        ("{}\n", "a.csv: no line is a JSON object with a time and a number"),
        ("\"timestamp,value\n", "a.csv:1: the header cannot be read: a quote is not closed"),
    ]) func `refuses a file without data`(text: String, reason: String) {
        #expect(Self.refusal(text) == reason)
    }

    @Test func `reads only a header as no rows`() throws {
        #expect(try Self.read("timestamp,value").rowCount == 0)
        #expect(try Self.read("timestamp,a,b\n").metrics.map(\.name) == ["a", "b"])
    }

    @Test func `refuses what is over a limit`() {
        let rows = "timestamp,a,b\n1,1,1\n2,2,2\n3,3,3\n"
        #expect(Self.refusal(rows, limits: .init(bytes: rows.utf8.count)) == nil)
        #expect(Self.refusal(rows, limits: .init(bytes: rows.utf8.count - 1)) != nil)
        #expect(Self.refusal(rows, limits: .init(rows: 3, values: 6)) == nil)
        #expect(Self.refusal(rows, limits: .init(rows: 2)) == "a.csv: more than 2 rows; split the file")
        #expect(
            Self.refusal(rows, limits: .init(values: 5))
                == "a.csv: more than 5 values (2 metrics a row); split the file")
        let wide = "timestamp" + String(repeating: ",m", count: 100_000) + "\n"
        #expect(Self.refusal(wide) == "a.csv: 100001 columns, the limit is 10000; split the file")
        #expect(Self.refusal(wide, limits: .init(columns: 100_001)) == nil)
    }

    @Test func `takes a line longer than the limit as malformed`() throws {
        for quote in ["", "\""] {
            let long = quote + String(repeating: "1", count: 100) + quote
            let file = try Self.read(
                "timestamp,value\n1,\(long)\n2,2\n\(quote)\(String(repeating: "x", count: 200))",
                limits: .init(lineBytes: 60))
            #expect(file.malformedRows == [0, 2])
            #expect(file.problems.first.map(\.line) == [2, 4])
            #expect(file.metrics[0].values[1] == 2)
        }
    }

    @Test func `survives any bytes`() {
        var random = SeededRandom(seed: 11)
        let pieces = [
            "timestamp,value\n", "1,2\n", "\"", ",", "\n", "\r\n", "{", "}", "{\"ts\":1,\"v\":2}\n", "\\", "\u{0}", "[",
            ":",
        ]
        for _ in 0..<3_000 {
            var bytes: [UInt8] = []
            for _ in 0..<random.below(30) {
                bytes += random.chance(0.1) ? random.bytes(random.below(6)) : Array(random.pick(pieces).utf8)
            }
            guard let file = try? SeriesFile(bytes: bytes, relativePath: "a.csv", limits: .init(lineBytes: 40)) else {
                continue
            }
            #expect(file.metrics.allSatisfy { $0.values.count == file.rowCount })
            #expect(file.problems.count == file.malformedRows.count)
            for row in 0..<file.rowCount { _ = file.timeText(row) }
        }
    }
}
