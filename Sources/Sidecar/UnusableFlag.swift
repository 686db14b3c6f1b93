internal import Glibc
internal import NIOCore

/// A flag whose value is well written, but of no use on this machine.
struct UnusableFlag: Error, CustomStringConvertible {
    let description: String

    init(listenAddress address: ListenAddress, _ error: any Error) {
        let flag = "--web.listen-address=\(address)"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            description = "\(flag) is in use by another process; choose another port"
        case EADDRNOTAVAIL:
            description = "\(flag) is no address of this machine"
        case EACCES:
            description = "\(flag) is not allowed to this user; ports below 1024 often are not"
        default:
            description = "\(flag) cannot be listened on: \(error)"
        }
    }

    init(missingRules path: String) {
        description = "--rules.path=\(path): there is no such file or folder"
    }
}
