import Foundation

/// Takes flags from the environment where the command line does not give them.
enum EnvironmentFlags {
    /// The variable of a flag: `web.listen-address` is `LAPWING_WEB_LISTEN_ADDRESS`.
    static func variable(of flag: String) -> String {
        "LAPWING_" + String(flag.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    static func adding(
        to arguments: [String], names: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String] {
        let given = Set(
            arguments.filter { $0.hasPrefix("--") }.map { $0.dropFirst(2).prefix { $0 != "=" } }.map(String.init))
        let added = names.compactMap { name -> String? in
            guard !given.contains(name), let value = environment[variable(of: name)] else { return nil }
            return "--\(name)=\(value)"
        }
        return arguments + added
    }
}
