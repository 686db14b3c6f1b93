import Foundation

/// What a program shows on `/metrics`, read by rules of its own and not by the code that wrote it.
struct Exposition {
    struct Line {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    let lines: [Line]

    init(_ text: String) throws {
        lines = try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(Self.parse)
    }

    /// All lines of a name whose labels include those given.
    func lines(_ name: String, _ labels: [String: String] = [:]) -> [Line] {
        lines.filter { line in line.name == name && labels.allSatisfy { line.labels[$0.key] == $0.value } }
    }

    /// The sum of such lines; 0 where there is none, as with counters that have not begun.
    func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        lines(name, labels).reduce(0) { $0 + $1.value }
    }

    private static func parse(_ line: Substring) throws -> Line {
        let nameEnd = line.firstIndex { $0 == "{" || $0 == " " } ?? line.endIndex
        var rest = line[nameEnd...]
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                guard let equals = rest.firstRange(of: "=\"") else {
                    throw TestbedError("no line of /metrics: \(line)")
                }
                let label = String(rest[..<equals.lowerBound])
                rest = rest[equals.upperBound...]
                labels[label] = takeValue(&rest)
                rest = rest.drop { $0 == "," || $0 == " " }
            }
            rest.removeFirst()
        }
        guard let value = rest.split(separator: " ").first.flatMap({ Double($0.replacing("Inf", with: "inf")) }) else {
            throw TestbedError("no line of /metrics: \(line)")
        }
        return Line(name: String(line[..<nameEnd]), labels: labels, value: value)
    }

    /// Takes a label's value and the quotation mark behind it.
    private static func takeValue(_ rest: inout Substring) -> String {
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            guard character == "\\" else {
                value.append(character)
                continue
            }
            let escaped = rest.popFirst()
            value.append(escaped == "n" ? "\n" : escaped ?? "\\")
        }
        return value
    }
}
