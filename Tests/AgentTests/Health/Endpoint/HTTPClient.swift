internal import Glibc

/// One TCP connection that says exactly what it is told to, be it HTTP or not.
struct HTTPClient: ~Copyable {
    struct Failure: Error {
        let operation: String
        let code: CInt
    }

    struct Answer: Equatable {
        let status: Int
        /// Lower-case names.
        let fields: [String: String]
        let body: String
    }

    /// Nothing here takes so long, unless it is broken.
    private static let patience = timeval(tv_sec: 10, tv_usec: 0)

    private let descriptor: CInt
    private var unread: [UInt8]

    private init(adopting descriptor: CInt) {
        self.descriptor = descriptor
        unread = []
    }

    init(port: UInt16, isIPv6: Bool = false) throws {
        let raw = socket(isIPv6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        guard raw >= 0 else { throw Failure(operation: "socket", code: errno) }
        let client = HTTPClient(adopting: raw)
        var patience = Self.patience
        unsafe setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = isIPv6 ? Self.connect6(raw, port) : Self.connect4(raw, port)
        guard result == 0 else { throw Failure(operation: "connect", code: errno) }
        self = client
    }

    private static func connect4(_ descriptor: CInt, _ port: UInt16) -> CInt {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func connect6(_ descriptor: CInt, _ port: UInt16) -> CInt {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6addr_loopback
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    /// - Returns: false where the server has closed the connection.
    @discardableResult
    borrowing func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Sends a request of this method, and reads its answer.
    mutating func ask(_ method: String, _ path: String, fields: String = "") throws -> Answer {
        send("\(method) \(path) HTTP/1.1\r\nHost: node\r\n\(fields)\r\n")
        return try answer(hasBody: method != "HEAD")
    }

    /// Reads one answer.
    mutating func answer(hasBody: Bool = true) throws -> Answer {
        let end = Array("\r\n\r\n".utf8)
        while unread.firstRange(of: end) == nil { try more() }
        guard let range = unread.firstRange(of: end) else { throw Failure(operation: "find a head", code: 0) }
        let head = String(decoding: unread[..<range.lowerBound], as: UTF8.self)
        unread.removeSubrange(..<range.upperBound)
        let lines = head.split(separator: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts[1].drop { $0 == " " }.description
        }
        let length = hasBody ? Int(fields["content-length"] ?? "") ?? 0 : 0
        while unread.count < length { try more() }
        let body = String(decoding: unread.prefix(length), as: UTF8.self)
        unread.removeFirst(length)
        let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) }
        return Answer(status: status ?? 0, fields: fields, body: body)
    }

    private mutating func more() throws {
        let (count, code) = receive()
        guard count > 0 else { throw Failure(operation: "read", code: code) }
    }

    /// - Returns: bytes that came; 0 at the end, -1 with the error's number.
    private mutating func receive() -> (count: Int, code: CInt) {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        let code = errno
        unread += chunk.prefix(max(0, count))
        return (count, count < 0 ? code : 0)
    }

    /// Reads on until the server has closed the connection.
    ///
    /// - Returns: false where it is still open when patience ends.
    mutating func isClosedByServer() -> Bool {
        while true {
            let (count, code) = receive()
            if count == 0 || code == ECONNRESET || code == EPIPE { return true }
            if count < 0 { return false }
        }
    }

    deinit { close(descriptor) }
}
