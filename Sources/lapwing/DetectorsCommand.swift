import ArgumentParser
import Detectors

/// `lapwing detectors`: the catalogue of the library.
struct DetectorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detectors", abstract: "List the detectors, or show one with its parameters.",
        discussion: """
            A detector is written as NAME or NAME(parameter=value, ...), for example zscore(window=100), wherever one is \
            asked for: --detection.default 'detector=zscore(window=100)', lapwing detect --detector 'zscore(window=100)'.
            """)

    @Argument(help: "Show this one with all its parameters; without it, all in brief.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Measure the cost of each and its figures on a data set, and print the README's table; may be given again.",
            valueName: "folder"))
    var measure: [String] = []

    func run() async throws {
        if !measure.isEmpty {
            print(try await DetectorTable(folders: measure).markdown())
            return
        }
        guard let name else {
            for entry in DetectorCatalog.entries { print(Self.line(entry)) }
            print("\nlapwing detectors NAME shows the parameters; the default is \(DetectorCatalog.defaultName).")
            return
        }
        guard let entry = DetectorCatalog.entry(named: name) else {
            throw ValidationError("\(DetectorError.unknownDetector(name, known: DetectorCatalog.names))")
        }
        print(Self.page(entry))
    }

    private static func line(_ entry: DetectorCatalog.Entry) -> String {
        let name = entry.description.name
        return name + String(repeating: " ", count: max(1, 20 - name.count)) + entry.description.purpose
    }

    private static func page(_ entry: DetectorCatalog.Entry) -> String {
        let about = entry.description
        var lines = [
            about.name, "", about.purpose, "", "Source:   \(about.source)", "Warm-up:  \(about.warmUp) samples",
            entry.stateBytes.map { "State:    \($0) bytes a series" } ?? "State:    as its members",
        ]
        if let ensemble = entry.ensemble { lines.append("Same as:  \(ensemble)") }
        if about.parameters.isEmpty {
            lines.append("It has no parameters.")
        } else {
            lines += ["", "Parameters:"]
            for parameter in about.parameters {
                lines.append("  \(parameter.name)=\(parameter.defaultText)")
                lines.append("      \(parameter.summary)")
                lines.append("      \(parameter.allowed)")
            }
        }
        return lines.joined(separator: "\n")
    }
}
