/// A JSON document, written in the order in which it was put together.
indirect enum JSONValue {
    case null
    case string(String)
    case number(Double)
    case integer(Int)
    case array([JSONValue])
    case object([(key: String, value: JSONValue)])

    /// A number, or null where there is none.
    static func optional(_ number: Double?) -> JSONValue { number.map(JSONValue.number) ?? .null }

    var text: String {
        switch self {
        case .null: "null"
        case .string(let text): Self.quoted(text)
        // JSON has no word for what is not finite.
        case .number(let number): number.isFinite ? "\(number)" : "null"
        case .integer(let number): String(number)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.key) + ":" + $0.value.text }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
