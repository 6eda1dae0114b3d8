import Glibc
import Testing

/// Where an agent listens.
enum Endpoint: Sendable, CustomTestStringConvertible {
    case unix(String)
    case tcp(UInt16)

    var testDescription: String {
        switch self {
        case .unix: "a Unix socket"
        case .tcp: "TCP"
        }
    }

    /// A connected socket that gives up waiting after a while.
    func connect(seconds: Int = 60) throws -> CInt {
        let descriptor: CInt
        let result: CInt
        switch self {
        case .unix(let path):
            descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            result = unsafe Self.withAddress(path) { unsafe Glibc.connect(descriptor, $0, $1) }
        case .tcp(let port):
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            result = unsafe Self.connect(descriptor, &address, MemoryLayout<sockaddr_in>.size)
        }
        guard descriptor >= 0, result == 0 else {
            let code = errno
            close(descriptor)
            throw Overdue("no connection: errno \(code)")
        }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    /// Lends the address of a Unix socket.
    @unsafe
    static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    @unsafe
    private static func connect(_ descriptor: CInt, _ address: UnsafeRawPointer, _ size: Int) -> CInt {
        unsafe Glibc.connect(descriptor, address.assumingMemoryBound(to: sockaddr.self), socklen_t(size))
    }
}

/// A socket without TLS, closed with its owner.
struct PlainSocket: ~Copyable {
    let descriptor: CInt

    init(_ endpoint: Endpoint) throws { descriptor = try endpoint.connect() }

    deinit { close(descriptor) }

    /// Sends what the other side takes.
    func send(_ bytes: [UInt8]) { _ = unsafe Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) }

    /// Reads until the other side hangs up.
    ///
    /// - Returns: how many bytes came.
    func readToEnd() throws -> Int {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var total = 0
        while true {
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            if count == 0 || (count < 0 && errno == ECONNRESET) { return total }
            guard count > 0 else { throw Overdue("the agent did not hang up: errno \(errno)") }
            total += count
        }
    }
}

/// Sockets that are opened and left alone.
final class Sockets {
    private var descriptors: [CInt] = []

    init(_ count: Int, at endpoint: Endpoint) throws {
        for _ in 0..<count { descriptors.append(try endpoint.connect()) }
    }

    func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
        descriptors = []
    }

    deinit { close() }
}
