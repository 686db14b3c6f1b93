import Foundation

/// A TCP connection over loopback that sends bytes just as they are given, also when no proper client would.
///
/// Its calls block, for 20 s at most.
final class Connection: Sendable {
    private let descriptor: Int32

    convenience init(to port: Int) throws {
        let descriptor = try loopbackSocket()
        let result = withLoopbackAddress(port: port) { connect(descriptor, $0, $1) }
        guard result == 0 else {
            let reason = lastSystemError()
            Glibc.close(descriptor)
            throw TestbedError("no connection to port \(port): \(reason)")
        }
        self.init(taking: descriptor)
    }

    fileprivate init(taking descriptor: Int32) {
        self.descriptor = descriptor
        setTimeout(SO_RCVTIMEO)
        setTimeout(SO_SNDTIMEO)
    }

    deinit { Glibc.close(descriptor) }

    private func setTimeout(_ option: Int32) {
        var bound = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, option, &bound, socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestbedError("nothing more can be sent: \(lastSystemError())") }
            sent += count
        }
    }

    /// The next bytes; empty when the other side has closed.
    func receive() throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: 64 << 10) { room, count in
            let received = recv(descriptor, room.baseAddress, room.count, 0)
            guard received >= 0 else { throw TestbedError("nothing is received: \(lastSystemError())") }
            count = received
        }
    }

    /// Lets the other side, and whoever is blocked here, find the connection closed.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// A port on loopback that takes connections.
final class Listener: Sendable {
    let port: Int
    private let descriptor: Int32

    /// - Parameter port: 0 lets the system choose.
    init(port: Int = 0) throws {
        let descriptor = try loopbackSocket()
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard withLoopbackAddress(port: port, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 64) == 0,
            withUnsafeMutableBytes(
                of: &address,
                {
                    getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
                }) == 0
        else {
            let reason = lastSystemError()
            Glibc.close(descriptor)
            throw TestbedError("port \(port) cannot be listened on: \(reason)")
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { Glibc.close(descriptor) }

    /// The next connection; nil once closed.
    func accept() -> Connection? {
        while true {
            let accepted = Glibc.accept(descriptor, nil, nil)
            if accepted >= 0 {
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                return Connection(taking: accepted)
            }
            if errno != EINTR && errno != ECONNABORTED { return nil }
        }
    }

    /// Refuses connections from now on.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

private func loopbackSocket() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw TestbedError("no socket: \(lastSystemError())") }
    return descriptor
}

private func withLoopbackAddress<Result>(
    port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
}
