/// A name or address, and a TCP port.
package struct HostAndPort: Sendable, Equatable, CustomStringConvertible {
    /// Without brackets, also for IPv6.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// `host:port` or `[v6]:port`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// One element of `tacit.listeners`.
package struct ListenerSettings: Sendable, Equatable {
    package enum Address: Sendable, Equatable, CustomStringConvertible {
        /// An absolute path.
        case unix(String)
        case tcp(HostAndPort)

        package var description: String {
            switch self {
            case .unix(let path): "unix://\(path)"
            case .tcp(let address): "tcp://\(address)"
            }
        }
    }

    package var address = Address.unix("/run/tacit/agent.sock")
    /// Permissions of a Unix socket.
    package var mode: UInt16 = 0o660
    /// A name or number; nil leaves it.
    package var owner: String?
    /// A name or number; nil leaves it.
    package var group: String?

    package init() {}

    /// The longest path that a Unix socket's address holds on Linux, in bytes.
    package static let longestPath = 107
}
