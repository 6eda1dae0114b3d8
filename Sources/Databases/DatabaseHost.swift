/// A server to try.
package struct DatabaseHost: Equatable, Sendable, CustomStringConvertible {
    /// A name, an address, or the path of what leads to a Unix socket, which begins with "/".
    package var name: String
    package var port: UInt16

    package init(name: String, port: UInt16) {
        self.name = name
        self.port = port
    }

    package var isUnixSocket: Bool { name.hasPrefix("/") }

    /// Whether this can be this machine. What a name stands for is looked at again when it has been resolved.
    package var mayBeLoopback: Bool {
        isUnixSocket || name == "localhost" || name == "::1"
            || (name.hasPrefix("127.") && !name.contains(where: \.isLetter))
    }

    package var description: String {
        if isUnixSocket { return "\(name) (\(port))" }
        return name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
    }
}
