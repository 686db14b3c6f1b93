import ArgumentParser
import Sidecar

/// The command: one subcommand a file.
@main
struct Lapwing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lapwing",
        abstract: "Scores every series that a Prometheus sends, and exposes what is unusual.",
        version: Build.description,
        subcommands: [Serve.self, Detect.self, Evaluate.self, DetectorsCommand.self])

    /// Flags may also stand in the environment: `--web.listen-address` as `LAPWING_WEB_LISTEN_ADDRESS`.
    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == Serve.configuration.commandName {
            arguments = EnvironmentFlags.adding(to: arguments, names: Serve.flagNames)
        }
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withError: error)
        }
    }
}
