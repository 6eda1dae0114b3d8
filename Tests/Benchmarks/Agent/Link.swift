import Glibc
import SecretMemory
import TLS
import Wire

/// One connection to an agent, on which requests and answers are separate steps.
///
/// Sound to send: it is used by one thread at a time.
final class Link: @unchecked Sendable {
    /// No answer takes so long, unless something is broken.
    private static let patience = timeval(tv_sec: 30, tv_usec: 0)

    let descriptor: CInt
    private var connection: Connection
    private var input = SecretBuffer(limit: 2 << 20)
    private var reader = FrameReader(side: .client)

    init(_ path: String, _ context: ClientContext) throws {
        descriptor = try Self.dial(path)
        connection = try context.connection(on: descriptor)
        guard case .done = connection.handshake() else { throw Failure("a handshake failed") }
    }

    deinit { close(descriptor) }

    /// A connected socket, which blocks.
    static func dial(_ path: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var patience = patience
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] { unsafe setsockopt(descriptor, SOL_SOCKET, option, &patience, size) }
        guard unsafe SocketPath.withAddress(path, { unsafe connect(descriptor, $0, $1) }) == 0 else {
            let failure = Failure.system("connect to \(path)")
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// A request for one secret.
    static func request(_ key: String, id: UInt32) throws -> [UInt8] {
        var frame = SecretBuffer(limit: 4096)
        let namespace = Scene.namespace
        let reference = ReferenceView(namespace: namespace.utf8Span.span, key: key.utf8Span.span)
        try frame.appendFrame(.request(.getSecret, id: id), reference)
        return frame.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    /// Asks for one secret and waits for the value.
    func get(_ key: String) throws {
        try ask(key)
        try takeAnswer()
    }

    /// Sends a request and does not wait.
    func ask(_ key: String) throws {
        let request = try Self.request(key, id: 1)
        guard write(request) == request.count else { throw Failure("the agent hung up") }
    }

    /// - Returns: how many of the bytes were sent; fewer where the socket takes no more, -1 where the agent has hung up.
    func write(_ bytes: [UInt8]) -> Int {
        switch connection.write(bytes.span) {
        case .bytes(let count): count
        case .wantsRead, .wantsWrite: 0
        case .closed, .failed: -1
        }
    }

    /// Waits for one answer, which has to be a value.
    func takeAnswer() throws {
        let size = try takeAnswer { try SecretView(decoding: $0).value.count }
        guard size == 64 else { throw Failure("the agent gave a value of \(size) bytes for one of 64") }
    }

    /// Says that instances live, in one piece, and waits for the answers.
    func beat(_ instances: [String]) throws -> [HeartbeatAnswer] {
        var frames = SecretBuffer(limit: 64 << 10)
        for (index, instance) in instances.enumerated() {
            let view = HeartbeatView(
                instance: HeartbeatView.Instance(id: instance.utf8Span.span, type: Span(), state: Span()),
                heartbeatInterval: 0,
                timeout: 0
            )
            try frames.appendFrame(.request(.heartbeat, id: UInt32(index + 1)), view)
        }
        let bytes = frames.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        guard write(bytes) == bytes.count else { throw Failure("the agent hung up") }
        return try instances.map { _ in try takeAnswer { try HeartbeatAnswer(decoding: $0) } }
    }

    private func takeAnswer<Answer>(_ read: (Span<UInt8>) throws -> Answer) throws -> Answer {
        while true {
            switch reader.next(in: input) {
            case .frame(let header, let payload):
                guard header.kind == .response, header.status == .ok else {
                    throw Failure("the agent refused: kind \(header.kind), status \(header.status)")
                }
                let answer = try input.withBytes { try read($0.extracting(payload)) }
                input.consume(payload.upperBound)
                return answer
            case .malformed(let error): throw error
            case .needMore: break
            }
            guard case .bytes = connection.read(into: &input, atMost: 16 << 10) else {
                throw Failure("the agent did not answer")
            }
        }
    }

    /// Gives this side's buffers back, so that thousands of links fit into one process.
    func rest() {
        input.shrink()
        connection.releaseBuffers()
    }

    /// Calls on this socket no longer wait.
    func stopWaiting() { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
}
