import Glibc
import Secrets
import TLS

/// Peers that behave badly. They run in a process of their own, as they would.
enum Abuse {
    /// The first argument of that process.
    static let command = "abuse"

    /// What they do, for as long as they are let.
    enum Kind: String, CaseIterable {
        /// Frames that arrive one byte at a time.
        case trickle
        /// Requests for as long as the agent takes any, and no answer is ever read; a second later all over again.
        case unread
        /// Handshakes that are begun and abandoned, as fast as one thread can.
        case handshakes
        /// Nothing to do with the agent: one thread that never rests, to tell a busy processor from a busy agent.
        case spin
    }

    static func run(_ name: String, socket: String) throws {
        switch Kind(rawValue: name) {
        case .trickle: try trickle(socket)
        case .unread: try unread(socket)
        case .handshakes: try abandonHandshakes(socket)
        case .spin: while getppid() != 1 {}
        case nil: throw Failure("there is no abuse called \(name)")
        }
    }

    /// Sixteen peers, a byte a millisecond each, every byte in a TLS record of its own.
    private static func trickle(_ socket: String) throws {
        let context = try ClientContext(files: Scene.worker(beside: socket))
        let links = try (0..<16).map { _ in try Link(socket, context) }
        let request = try Link.request(Scene.key(0), id: 1)
        var sent = 0
        var next = BootInstant.now
        while getppid() != 1 {
            let byte = [request[sent]]
            for link in links {
                guard link.write(byte) == 1 else { throw Failure("the agent hung up") }
            }
            sent = (sent + 1) % request.count
            next = next.advanced(by: .milliseconds(1))
            Pace.sleep(until: next)
        }
    }

    /// Eight peers, one after the other, that write until nothing goes any more, try again and again, and after a second hang
    /// up and come anew.
    private static func unread(_ socket: String) throws {
        let context = try ClientContext(files: Scene.worker(beside: socket))
        let requests = try (1...64).flatMap { try Link.request(Scene.key(0), id: $0) }
        let peers = try (0..<8).map { _ in try UnreadPeer(socket, context) }
        var turn = 0
        while getppid() != 1 {
            if turn % 125 == 0 { try peers[turn / 125 % peers.count].comeAnew() }
            for peer in peers { try peer.write(requests) }
            turn += 1
            Pace.sleep(.milliseconds(1))
        }
    }

    /// One that never reads.
    private final class UnreadPeer {
        private let socket: String
        private let context: ClientContext
        private var link: Link

        init(_ socket: String, _ context: ClientContext) throws {
            self.socket = socket
            self.context = context
            link = try Link(socket, context)
            link.stopWaiting()
        }

        func comeAnew() throws {
            link = try Link(socket, context)
            link.stopWaiting()
        }

        /// Writes the same until nothing goes any more. It is one TLS record, which goes whole or not at all.
        func write(_ requests: [UInt8]) throws {
            while true {
                let sent = link.write(requests)
                if sent == 0 { return }
                if sent < 0 { try comeAnew() }
            }
        }
    }

    /// The same first flight again and again: that costs a peer next to nothing, and the agent a key exchange and a
    /// signature.
    private static func abandonHandshakes(_ socket: String) throws {
        let hello = try firstFlight(socket)
        while getppid() != 1 {
            let descriptor = try Link.dial(socket)
            _ = unsafe hello.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            close(descriptor)
        }
    }

    /// The bytes with which a client begins.
    private static func firstFlight(_ socket: String) throws -> [UInt8] {
        let context = try ClientContext(files: Scene.worker(beside: socket))
        var pair: [CInt] = [0, 0]
        guard unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
            throw Failure.system("socketpair")
        }
        defer { for descriptor in pair { close(descriptor) } }
        _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
        var connection = try context.connection(on: pair[0])
        _ = connection.handshake()
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe recv(pair[1], $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw Failure.system("read a first flight") }
        return Array(bytes.prefix(count))
    }
}
