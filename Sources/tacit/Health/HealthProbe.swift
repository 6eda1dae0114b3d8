internal import Glibc

/// One question to the health endpoint, over plain HTTP.
struct HealthProbe {
    private let host: String
    private let port: String
    private let timeout: Duration

    /// - Parameters:
    ///   - address: `HOST:PORT`; an IPv6 address stands in brackets.
    ///   - timeout: for each step: to connect, to send, to receive.
    init(_ address: String, timeout: Duration) throws(CommandFailure) {
        guard let colon = address.lastIndex(of: ":"), let number = UInt16(address[address.index(after: colon)...]),
            number > 0
        else { throw CommandFailure(ProcessEnd.usage, "\(address) is not HOST:PORT") }
        var host = address[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { throw CommandFailure(ProcessEnd.usage, "\(address) names no host") }
        self.host = String(host)
        port = String(number)
        self.timeout = timeout
    }

    /// - Returns: whether the endpoint answered with 200; 503 is no.
    func ask(_ path: String) throws(CommandFailure) -> Bool {
        let descriptor = try connect()
        defer { close(descriptor) }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nConnection: close\r\n\r\n".utf8)
        guard unsafe send(descriptor, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else {
            throw unreachable("the request cannot be sent: \(systemText(errno))")
        }
        switch try statusLine(descriptor).split(separator: " ").dropFirst().first {
        case "200": return true
        case "503": return false
        case let other: throw unreachable("it answered with status \(other ?? "none")")
        }
    }

    private func statusLine(_ descriptor: CInt) throws(CommandFailure) -> Substring {
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 256)
        while answer.count < 1024, !answer.contains(UInt8(ascii: "\r")) {
            let count = unsafe recv(descriptor, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw unreachable(count == 0 ? "it closed the connection" : "there is no answer: \(systemText(errno))")
            }
            answer += piece[..<count]
        }
        return String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)[...]
    }

    private func connect() throws(CommandFailure) -> CInt {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, port, &hints, &found)
        guard code == 0, let first = unsafe found else {
            throw unreachable("the name cannot be looked up: \(unsafe String(cString: gai_strerror(code)))")
        }
        defer { unsafe freeaddrinfo(first) }
        var failure: CInt = 0
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let entry = unsafe next {
            let descriptor = socket(
                unsafe entry.pointee.ai_family,
                CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue),
                0
            )
            if descriptor >= 0 {
                limit(descriptor)
                if unsafe Glibc.connect(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 {
                    return descriptor
                }
                failure = errno
                close(descriptor)
            } else {
                failure = errno
            }
            unsafe next = entry.pointee.ai_next
        }
        throw unreachable("\(systemText(failure)). Is the agent running?")
    }

    private func limit(_ descriptor: CInt) {
        var time = timeval(
            tv_sec: Int(timeout.components.seconds),
            tv_usec: Int(timeout.components.attoseconds / 1_000_000_000_000)
        )
        // Sending covers connecting too.
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private func unreachable(_ reason: String) -> CommandFailure {
        CommandFailure(ProcessEnd.unavailable, "no answer from the health endpoint \(host):\(port): \(reason)")
    }
}
