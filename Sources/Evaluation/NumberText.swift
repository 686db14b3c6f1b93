/// Numbers for people: tables, axes and messages.
enum NumberText {
    /// Exactly, without a fraction where there is none.
    static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }

    /// With a fixed number of decimals; "-" for not-a-number.
    static func fixed(_ number: Double, _ decimals: Int) -> String {
        if number.isNaN { return "-" }
        let scale = powerOfTen(decimals)
        let scaled = (abs(number) * scale).rounded()
        guard scaled < 9e18 else { return String(number) }
        let digits = Int64(scaled)
        let sign = number < 0 && digits > 0 ? "-" : ""
        guard decimals > 0 else { return sign + String(digits) }
        let fraction = String(digits % Int64(scale))
        return sign + String(digits / Int64(scale)) + "."
            + String(repeating: "0", count: decimals - fraction.count) + fraction
    }

    /// With four significant digits, without trailing zeros.
    static func short(_ number: Double) -> String {
        guard number.isFinite, number != 0 else { return number.isNaN ? "-" : plain(number) }
        let exponent = floorLog10(abs(number))
        guard (-4...8).contains(exponent) else { return String(number) }
        var text = fixed(number, min(max(3 - exponent, 0), 9))
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// For an axis, with one SI prefix: enough digits to tell ticks apart that are `step` from each other.
    static func tick(_ number: Double, step: Double, largest: Double) -> String {
        if number == 0 { return "0" }
        let exponent = largest > 0 ? floorLog10(largest) : 0
        let group = Int((Double(exponent) / 3).rounded(.down)) * 3
        guard let prefix = prefixes[group] else { return String(number) }
        let decimals = min(max(group - floorLog10(step), 0), 9)
        return fixed(number / power(group), decimals) + prefix
    }

    private static let prefixes = [
        -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E",
    ]

    /// The exponent of the leading digit of a positive number.
    static func floorLog10(_ number: Double) -> Int {
        var exponent = 0
        var rest = number
        guard rest > 0, rest.isFinite else { return 0 }
        while rest >= 9.999_999_999_9 {
            rest /= 10
            exponent += 1
        }
        while rest < 0.999_999_999_99 {
            rest *= 10
            exponent -= 1
        }
        return exponent
    }

    static func power(_ exponent: Int) -> Double {
        exponent >= 0 ? powerOfTen(exponent) : 1 / powerOfTen(-exponent)
    }

    private static func powerOfTen(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }
}
