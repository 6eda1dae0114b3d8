import Glibc
import SecretMemory
import TLS
import Wire

/// A frame as it came.
struct Received {
    let header: FrameHeader
    let payload: [UInt8]

    /// What a failure, or a GOAWAY, says.
    var reason: Reason? { (try? ErrorPayload(decoding: payload.span))?.reason }

    /// The value of a GetSecret's answer. The values of these tests are no secrets.
    func value() throws -> String {
        let secret = try SecretView(decoding: payload.span)
        return String(decoding: copied(secret.value), as: UTF8.self)
    }

    func source() throws -> SecretSource { try SecretView(decoding: payload.span).source }
}

/// One connection to an agent, on which a test may do what our client would not. Its calls block, but not for ever.
struct Caller: ~Copyable {
    /// What became of a connection.
    struct Ended: Error, CustomStringConvertible {
        let result: ReadResult
        var description: String { "the connection ended: \(result)" }
    }

    private let descriptor: CInt
    private var connection: Connection
    private var input = SecretBuffer(limit: 4 << 20)
    private var reader = FrameReader(side: .client)
    private var lastID: UInt32 = 0

    init(_ endpoint: Endpoint, _ context: ClientContext) throws {
        let descriptor = try endpoint.connect()
        do {
            var connection = try context.connection(on: descriptor)
            let progress = connection.handshake()
            guard case .done = progress else { throw Overdue("no handshake: \(progress)") }
            self.connection = connection
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    var wasResumed: Bool { connection.wasResumed }

    /// Gives its buffers back while it has nothing to say.
    mutating func rest() {
        input.shrink()
        connection.releaseBuffers()
    }

    // MARK: Sending

    mutating func nextID() -> UInt32 {
        lastID += 1
        return lastID
    }

    /// Sends what `write` writes.
    mutating func send(_ write: (inout SecretBuffer) throws -> Void) throws {
        var output = SecretBuffer(limit: 4 << 20)
        try write(&output)
        while !output.isEmpty {
            let result = output.withBytes { connection.write($0) }
            guard case .bytes(let count) = result else { throw Overdue("the agent took no more: \(result)") }
            output.consume(count)
        }
    }

    /// Sends bytes as they are.
    mutating func send(_ bytes: [UInt8]) throws { try send { try $0.append(bytes.span) } }

    /// Asks for a value, without waiting for it.
    @discardableResult
    mutating func ask(_ key: String, in namespace: String = "company.team", timeout: UInt32 = 60_000) throws -> UInt32 {
        let id = nextID()
        let reference = ReferenceView(namespace: namespace.utf8.span, key: key.utf8.span)
        try send { try $0.appendFrame(.request(.getSecret, id: id, timeout: timeout), reference) }
        return id
    }

    // MARK: Receiving

    /// Whether the agent says something, or hangs up, in so much time. After the handshake it has always something to say,
    /// which comes with the first answer: how to resume.
    mutating func hears(milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if connection.hasPending { return true }
        return unsafe poll(&entry, 1, milliseconds) > 0
    }

    /// The next frame; nil where the agent has closed the connection.
    mutating func next() throws -> Received? {
        while true {
            switch reader.next(in: input) {
            case .malformed(let fault): throw fault
            case .frame(let header, let payload):
                let copy = copied(input.bytes.extracting(payload))
                input.consume(payload.upperBound)
                return Received(header: header, payload: copy)
            case .needMore: break
            }
            switch connection.read(into: &input, atMost: 16 << 10) {
            case .bytes: break
            case .closed, .failed(.system(ECONNRESET)): return nil
            case let other: throw Ended(result: other)
            }
        }
    }

    /// The next frame, which must come.
    mutating func frame() throws -> Received {
        guard let frame = try next() else { throw Ended(result: .closed) }
        return frame
    }

    /// Asks for a value and waits for the answer, which must be the next one.
    mutating func get(_ key: String, in namespace: String = "company.team") throws -> Received {
        let id = try ask(key, in: namespace)
        let answer = try frame()
        guard answer.header.id == id else { throw Overdue("an answer to \(answer.header.id) instead of \(id)") }
        return answer
    }

    /// Makes a request and waits for the answer, which must be the next one.
    mutating func call<Message: WireMessage & ~Copyable & ~Escapable>(
        _ method: Wire.Method,
        _ message: borrowing Message
    ) throws -> Received {
        let id = nextID()
        var output = SecretBuffer(limit: 4 << 20)
        try output.appendFrame(.request(method, id: id), message)
        try send(copied(output.bytes))
        let answer = try frame()
        guard answer.header.id == id else { throw Overdue("an answer to \(answer.header.id) instead of \(id)") }
        return answer
    }

    /// Reads to the end of the connection.
    ///
    /// - Returns: the reason of the GOAWAY that came before it; nil where there was none.
    mutating func farewell() throws -> Reason? {
        var reason: Reason?
        while let frame = try next() {
            if frame.header.kind == .goAway { reason = frame.reason }
        }
        return reason
    }
}

/// Bytes of a frame, for comparisons.
func copied(_ span: Span<UInt8>) -> [UInt8] { [UInt8](capacity: span.count) { $0.append(contentsOf: span) } }
