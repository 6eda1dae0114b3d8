internal import Glibc

/// Where an agent listens.
public enum Address: Hashable, Sendable {
    /// A Unix socket, by its absolute path.
    case unix(path: String)
    /// A host name or IP address, and a port.
    case tcp(host: String, port: UInt16)

    /// Where an agent listens unless it is told otherwise.
    public static let standard = Address.unix(path: "/run/tacit/agent.sock")

    /// Most bytes of a socket's path: what the kernel has room for, less the byte that ends it.
    static let pathLimit = 107

    /// Reads `unix:///run/tacit/agent.sock`, `tcp://host:7443` or `tcp://[::1]:7443`.
    ///
    /// - Throws: ``ClientError/configuration(_:)`` that says what is wrong with it.
    public init(_ text: String) throws(ClientError) {
        if text.hasPrefix("unix://") {
            self = try Self.unix(String(text.dropFirst(7)), in: text)
        } else if text.hasPrefix("tcp://") {
            self = try Self.tcp(text.dropFirst(6), in: text)
        } else {
            throw Self.wrong(text, "it begins with neither unix:// nor tcp://")
        }
    }

    private static func unix(_ path: String, in text: String) throws(ClientError) -> Address {
        guard path.hasPrefix("/") else { throw wrong(text, "the socket's path is not absolute; write unix:///path") }
        guard path.utf8.count > 1, !path.utf8.contains(0) else { throw wrong(text, "it names no socket") }
        guard path.utf8.count <= pathLimit else { throw wrong(text, "a socket's path has at most \(pathLimit) bytes") }
        return .unix(path: path)
    }

    private static func tcp(_ rest: Substring, in text: String) throws(ClientError) -> Address {
        guard let colon = rest.lastIndex(of: ":") else { throw wrong(text, "it has no port") }
        let digits = rest[rest.index(after: colon)...]
        guard let port = UInt16(digits), port > 0, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
            throw wrong(text, "its port is not a number from 1 to 65535")
        }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            var address = in6_addr()
            guard unsafe inet_pton(AF_INET6, String(host), &address) == 1 else {
                throw wrong(text, "what stands in brackets is no IPv6 address")
            }
        } else {
            guard !host.isEmpty else { throw wrong(text, "it names no host") }
            let isName = host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
            guard isName else { throw wrong(text, "its host is no name; an IPv6 address stands in brackets") }
        }
        return .tcp(host: String(host), port: port)
    }

    private static func wrong(_ text: String, _ why: String) -> ClientError {
        .configuration("\(text) is not an agent's address: \(why)")
    }
}

extension Address: CustomStringConvertible {
    /// The address in the form that ``init(_:)`` reads.
    public var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port): host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
        }
    }
}
