internal import CLinux
internal import Configuration
internal import Glibc

/// Listening sockets that a service manager opened and passed on, for the listeners of the same addresses. They stay open
/// while the agent restarts, so that whoever connects meanwhile waits and is not refused.
struct InheritedSockets: ~Copyable {
    /// Where they begin.
    static let first: CInt = 3
    /// Sockets that may be passed.
    static let limit = 64

    private struct Passed {
        let descriptor: CInt
        let address: SocketAddress
        /// For messages.
        let label: String
    }

    private var waiting: [Passed]

    /// Takes what was passed into ownership.
    ///
    /// - Parameters:
    ///   - count: how many there are; at most ``limit``.
    ///   - names: what the service manager calls them, as far as it says.
    /// - Throws: which one is no socket that listens.
    init(first: CInt = Self.first, count: Int, names: [String]) throws(AgentFailure) {
        var waiting: [Passed] = []
        for index in 0..<min(count, Self.limit) {
            let name = index < names.count && !names[index].isEmpty ? " (\(names[index]))" : ""
            waiting.append(try Self.examine(first + CInt(index), name))
        }
        self.waiting = waiting
    }

    private static func examine(_ descriptor: CInt, _ name: String) throws(AgentFailure) -> Passed {
        let label = "the descriptor \(descriptor)\(name), which was passed to the agent (LISTEN_FDS),"
        guard let kind = option(SO_TYPE, of: descriptor) else { throw AgentFailure("\(label) is no socket") }
        guard let address = SocketAddress(of: descriptor) else {
            throw AgentFailure("\(label) is no Unix or TCP socket")
        }
        guard kind == CInt(SOCK_STREAM.rawValue), option(SO_ACCEPTCONN, of: descriptor) == 1 else {
            throw AgentFailure("\(label) is bound to \(address) and does not listen: pass a listening stream socket")
        }
        // Flags of the file, and of this descriptor. Programs that the agent starts have no use for it.
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
        else { throw AgentFailure("\(label) cannot be used: \(unsafe String(cString: strerror(errno)))") }
        return Passed(descriptor: descriptor, address: address, label: label)
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// The socket of this address, owned by the caller from now on; nil where none was passed.
    mutating func take(_ address: ListenerSettings.Address) -> CInt? {
        guard !waiting.isEmpty else { return nil }
        let wanted = SocketAddress.all(of: address)
        guard let index = waiting.firstIndex(where: { wanted.contains($0.address) }) else { return nil }
        return waiting.remove(at: index).descriptor
    }

    /// To be called once all listeners have theirs: a socket that nobody serves would keep its callers waiting for ever.
    func refuseRest(listeners: [ListenerSettings]) throws(AgentFailure) {
        guard let first = waiting.first else { return }
        let known = listeners.map { "\($0.address)" }.joined(separator: ", ")
        throw AgentFailure(
            "\(first.label) listens on \(first.address), and no listener of its own has that address: "
                + "name it in tacit.listeners (now \(known)), or do not pass it"
        )
    }

    deinit {
        for passed in waiting { close(passed.descriptor) }
    }
}
