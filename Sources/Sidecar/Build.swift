/// Which program this is.
package enum Build {
    package static let version = "0.1.0"

    /// The compiler that made it.
    package static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    package static var architecture: String {
        #if arch(x86_64)
            "linux/amd64"
        #elseif arch(arm64)
            "linux/arm64"
        #else
            "linux"
        #endif
    }

    package static var description: String { "lapwing, version \(version) (swift \(swiftVersion), \(architecture))" }
}
