import Glibc

/// One kept connection to an agent's health endpoint.
final class PageLink {
    /// No page takes so long, unless something is broken.
    private static let patience = timeval(tv_sec: 30, tv_usec: 0)

    private let descriptor: CInt
    private var unread: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var patience = Self.patience
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure.system("connect to the health endpoint") }
    }

    deinit { close(descriptor) }

    /// Asks for a page and waits for all of it.
    func get(_ path: String) throws -> String {
        let request = "GET \(path) HTTP/1.1\r\nHost: node\r\n\r\n"
        guard unsafe write(descriptor, request, request.utf8.count) == request.utf8.count else {
            throw Failure.system("ask for \(path)")
        }
        let end = Array("\r\n\r\n".utf8)
        while unread.firstRange(of: end) == nil { try more() }
        guard let range = unread.firstRange(of: end) else { throw Failure("there is no head") }
        let lines = String(decoding: unread[..<range.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first, status.hasPrefix("HTTP/1.1 200") else {
            throw Failure("the agent gave no \(path)")
        }
        let field = lines.first { $0.lowercased().hasPrefix("content-length:") }
        guard let length = field?.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw Failure("\(path) has no length")
        }
        unread.removeSubrange(..<range.upperBound)
        while unread.count < length { try more() }
        defer { unread.removeFirst(length) }
        return String(decoding: unread.prefix(length), as: UTF8.self)
    }

    private func more() throws {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw Failure.system("read a page") }
        unread += chunk.prefix(count)
    }
}
