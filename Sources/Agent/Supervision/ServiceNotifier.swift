internal import Glibc
internal import Secrets

/// Tells the service manager how the agent does (sd_notify): a datagram to the socket that it named, where it named one.
struct ServiceNotifier: Sendable {
    /// One assignment of the protocol.
    enum Notice: Equatable, Sendable {
        /// It serves; after a reload: it serves again.
        case ready
        /// A reload has begun. The service manager takes the time for its own question's, so it must be of the same clock.
        case reloading(monotonicMicroseconds: UInt64)
        case stopping
        /// A sign of life.
        case watchdog
        /// The start or the stop may go on for so much longer, from now.
        case extendTimeout(Duration)
        /// For people: one line.
        case status(String)

        var text: String {
            switch self {
            case .ready: "READY=1"
            case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            case .extendTimeout(let time): "EXTEND_TIMEOUT_USEC=\(time.nanoseconds / 1000)"
            // A line break would begin another assignment.
            case .status(let words):
                "STATUS=" + String(words.prefix(Self.longestStatus).map { $0.isNewline ? " " : $0 })
            }
        }

        /// Whether the service manager waits for this one. The others are not worth waiting for.
        var isMilestone: Bool {
            switch self {
            case .ready, .reloading, .stopping: true
            case .watchdog, .extendTimeout, .status: false
            }
        }

        /// Characters of a status.
        static let longestStatus = 300
    }

    /// How long a milestone may wait for a service manager that does not read, in seconds: signals wait behind it.
    private static let patience = 5

    /// A path, or a name of the abstract name space behind an `@`; nil: there is nobody to tell.
    let socketName: String?

    /// - Returns: 0, or the errno of why they were not sent.
    @discardableResult
    func send(_ notices: Notice...) -> CInt {
        guard let socketName else { return 0 }
        let text = notices.map(\.text).joined(separator: "\n")
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(socketName.utf8)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            guard bytes.count < target.count else { return false }
            for (index, byte) in bytes.enumerated() { unsafe target[index] = byte }
            // A leading @ stands for the abstract name space, which begins with a zero.
            if bytes.first == UInt8(ascii: "@") { unsafe target[0] = 0 }
            return true
        }
        guard fits else { return ENAMETOOLONG }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let flags = CInt(MSG_NOSIGNAL) | (notices.contains(where: \.isMilestone) ? 0 : CInt(MSG_DONTWAIT))
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                while unsafe sendto(descriptor, text, text.utf8.count, flags, address, size) < 0 {
                    let code = errno
                    if code != EINTR { return code }
                }
                return 0
            }
        }
    }

    /// The clock that the protocol asks for, which stands still while the machine is suspended.
    static func monotonicMicroseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec / 1000)
    }
}
