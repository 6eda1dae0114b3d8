import Glibc
import SecretMemory

@testable import TLS

/// Two ends of a socket pair, both non-blocking, closed at the end.
struct SocketPair: ~Copyable {
    let server: CInt
    let client: CInt
    private var clientIsOpen = true

    init() throws {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw ConnectionFailure.system(errno) }
        server = ends[0]
        client = ends[1]
    }

    mutating func hangUp() {
        if clientIsOpen { close(client) }
        clientIsOpen = false
    }

    deinit {
        close(server)
        if clientIsOpen { close(client) }
    }
}

/// A server's and a client's connection over a socket pair, driven by turns.
struct Pair: ~Copyable {
    var server: Connection
    var client: Connection
    var sockets: SocketPair

    init(_ server: ServerContext, _ client: ClientContext, serverName: String? = nil) throws {
        let sockets = try SocketPair()
        let ours = try server.connection(on: sockets.server)
        let theirs = try client.connection(on: sockets.client, serverName: serverName)
        self.init(server: ours, client: theirs, sockets: sockets)
    }

    private init(server: consuming Connection, client: consuming Connection, sockets: consuming SocketPair) {
        self.server = server
        self.client = client
        self.sockets = sockets
    }

    /// Goes on until neither side can.
    mutating func handshake() -> (server: HandshakeProgress, client: HandshakeProgress) {
        var state: (server: HandshakeProgress, client: HandshakeProgress) = (.wantsRead, .wantsRead)
        for _ in 0..<20 {
            if !state.client.isOver { state.client = client.handshake() }
            if !state.server.isOver { state.server = server.handshake() }
        }
        return state
    }

    /// What the client finds when it reads.
    mutating func clientReads() -> ReadResult {
        var buffer = SecretBuffer(limit: 1 << 16)
        return client.read(into: &buffer, atMost: 16 << 10)
    }

    mutating func serverReads() -> (ReadResult, [UInt8]) {
        var buffer = SecretBuffer(limit: 1 << 16)
        let result = server.read(into: &buffer, atMost: 16 << 10)
        var bytes: [UInt8] = []
        let waiting = buffer.bytes
        for index in waiting.indices { bytes.append(waiting[index]) }
        return (result, bytes)
    }
}

extension HandshakeProgress {
    var isOver: Bool {
        switch self {
        case .done, .failed: true
        case .wantsRead, .wantsWrite: false
        }
    }

    var reason: HandshakeFailure.Reason? {
        if case .failed(let failure) = self { failure.reason } else { nil }
    }
}
