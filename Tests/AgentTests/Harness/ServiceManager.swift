import Foundation
import Glibc

/// What systemd is to a service, as far as the service can tell: it opens the sockets and keeps them open, passes them on from
/// descriptor 3, and listens for notices.
final class ServiceManager: Sendable {
    let sockets: [CInt]
    /// More variables for the agent, such as WATCHDOG_USEC.
    let variables: [String: String]
    private let notices: CInt
    private let path: String
    private let received = Recorded<String>()

    /// - Parameters:
    ///   - sockets: listening ones, owned from now on.
    ///   - reads: false for one that takes no notices.
    init(
        _ workspace: Workspace,
        sockets: [CInt] = [],
        variables: [String: String] = [:],
        reads: Bool = true
    ) throws {
        self.sockets = sockets
        path = workspace.path("notify.sock")
        var all = variables
        all["NOTIFY_SOCKET"] = path
        if !sockets.isEmpty, all["LISTEN_FDS"] == nil { all["LISTEN_FDS"] = "\(sockets.count)" }
        self.variables = all
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        notices = descriptor
        guard unsafe Endpoint.withAddress(path, { unsafe bind(descriptor, $0, $1) }) == 0 else {
            throw Overdue("no socket for notices")
        }
        guard reads else { return }
        Thread.detachNewThread { [received] in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                let text = String(decoding: buffer.prefix(count), as: UTF8.self)
                for line in text.split(separator: "\n") { received.append(String(line)) }
            }
            close(descriptor)
        }
    }

    deinit {
        // Its reader closes it.
        shutdown(notices, CInt(SHUT_RDWR))
        for socket in sockets { close(socket) }
    }

    /// A listening Unix socket, as a socket unit makes it.
    static func listen(at path: String, kind: __socket_type = SOCK_STREAM, backlog: CInt? = 4096) throws -> CInt {
        unsafe unlink(path)
        let descriptor = socket(AF_UNIX, CInt(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard unsafe Endpoint.withAddress(path, { unsafe bind(descriptor, $0, $1) }) == 0 else {
            throw Overdue("no socket at \(path)")
        }
        unsafe chmod(path, 0o640)
        if let backlog { guard Glibc.listen(descriptor, backlog) == 0 else { throw Overdue("it does not listen") } }
        return descriptor
    }

    /// A listening TCP socket on the loopback address.
    static func listenTCP() throws -> (descriptor: CInt, port: UInt16) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, size) == 0 && Glibc.listen(descriptor, 4096) == 0
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard isBound else { throw Overdue("no TCP socket") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    // MARK: Notices

    /// All lines that came so far.
    var lines: [String] { received.all }

    /// How many lines that begin so have come.
    func count(_ beginning: String) -> Int { lines.count { $0.hasPrefix(beginning) } }

    /// Waits for a line that begins so, and returns the rest of it.
    @discardableResult
    func await(_ beginning: String, seconds: Double = 30) throws -> String {
        try waitUntil("the notice \(beginning)", seconds: seconds) { count(beginning) > 0 }
        return lines.last { $0.hasPrefix(beginning) }.map { String($0.dropFirst(beginning.count)) } ?? ""
    }
}
