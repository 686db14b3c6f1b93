import Foundation
import Testing

/// A program of others that Lapwing works with, looked for on PATH.
enum Peer: String {
    case prometheus
    case promtool
    case vmagent

    /// Where it is.
    /// - Throws: when it is missing, with what to do about it.
    func path() throws -> String {
        guard let found else {
            throw TestbedError("\(rawValue) is not on PATH: ./Deploy/test puts it there, or install its Debian package")
        }
        return found
    }

    private var found: String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(rawValue)" }
            .first { access($0, X_OK) == 0 }
    }

    /// Whether a test may go without: not where a silently skipped test would pass for a good one.
    private static var mayBeMissing: Bool {
        let environment = ProcessInfo.processInfo.environment
        return environment["CI"] == nil && environment["LAPWING_REQUIRE_PEERS"] != "1"
    }

    fileprivate var isToBeTested: Bool { found != nil || !Self.mayBeMissing }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test where a program is missing, unless the environment says `CI` or `LAPWING_REQUIRE_PEERS=1`.
    static func beside(_ peer: Peer) -> ConditionTrait {
        .enabled(if: peer.isToBeTested, "\(peer.rawValue) is not on PATH")
    }
}

/// TCP ports on loopback for programs that must be told theirs.
enum Port {
    /// A port that nobody uses: below those that the system gives to outgoing connections, which would take it meanwhile.
    static func free() throws -> Int {
        for _ in 0..<1_000 {
            let port = Int.random(in: 10_000..<32_000)
            if let listener = try? Listener(port: port) {
                listener.close()
                return port
            }
        }
        throw TestbedError("no free port between 10000 and 32000")
    }
}
