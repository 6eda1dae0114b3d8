import Foundation
import SecretMemory
import TLS
import Wire

/// The agent's side of one connection, for scripts. Its calls block.
struct Peer: ~Copyable {
    struct Failure: Error { let step: String }

    /// A request as it came.
    struct Request {
        let header: FrameHeader
        let payload: [UInt8]
    }

    private var connection: Connection
    private var input = SecretBuffer(limit: 4 << 20)
    private var reader = FrameReader(side: .agent)

    init(_ connection: consuming Connection) { self.connection = connection }

    /// Makes the handshake, and returns who is there.
    @discardableResult
    mutating func handshake() throws -> String {
        guard case .done = connection.handshake() else { throw Failure(step: "handshake") }
        return connection.peerIdentity()?.uri ?? ""
    }

    /// Makes a handshake that is to fail, and waits for the client to hang up.
    mutating func refuseHandshake() throws {
        guard case .failed = connection.handshake() else { throw Failure(step: "refuse") }
    }

    /// The next frame of any kind; nil where the client hung up.
    mutating func frame() throws -> Request? {
        while true {
            switch reader.next(in: input) {
            case .malformed(let fault): throw fault
            case .frame(let header, let payload):
                let bytes = copied(input.bytes.extracting(payload))
                input.consume(payload.upperBound)
                return Request(header: header, payload: bytes)
            case .needMore: break
            }
            switch connection.read(into: &input, atMost: 16 << 10) {
            case .bytes: break
            case .closed: return nil
            default: throw Failure(step: "read")
            }
        }
    }

    /// The next request of this method. Pings are answered on the way.
    mutating func request(_ method: Wire.Method) throws -> Request {
        while let next = try frame() {
            if next.header.kind == .ping {
                try send { try $0.appendFrame(.connection(.pong), payload: next.payload.span) }
                continue
            }
            guard next.header.kind == .request, next.header.method == method else {
                throw Failure(step: "\(next.header)")
            }
            return next
        }
        throw Failure(step: "the client hung up instead of \(method)")
    }

    /// Waits until the client hangs up.
    mutating func awaitEnd() throws {
        guard try frame() == nil else { throw Failure(step: "another frame") }
    }

    /// Sends what `write` writes.
    mutating func send(_ write: (inout SecretBuffer) throws -> Void) throws {
        var output = SecretBuffer(limit: 4 << 20)
        try write(&output)
        try send(output.bytes)
    }

    /// Sends bytes as they are, in records of at most `piece` bytes.
    mutating func send(_ bytes: Span<UInt8>, piece: Int = .max) throws {
        var start = 0
        while start < bytes.count {
            let end = start + min(piece, bytes.count - start)
            guard case .bytes(let count) = connection.write(bytes.extracting(start..<end)) else {
                throw Failure(step: "write")
            }
            start += count
        }
    }

    /// Answers a GetSecret with this value.
    mutating func answer(_ request: Request, value: String, source: SecretSource = .fresh) throws {
        let secret = SecretView(
            version: "1".utf8.span,
            source: source,
            age: 0,
            expiresIn: nil,
            namespace: "company".utf8.span,
            value: value.utf8.span
        )
        try send { try $0.appendResponse(id: request.header.id, secret) }
    }

    /// Says that it is about to end.
    mutating func goAway(_ reason: Reason, retryAfter: UInt64 = 0) throws {
        let error = ErrorPayload(reason: reason, message: "bye", retryAfter: retryAfter)
        try send { try $0.appendFrame(.connection(.goAway), error) }
    }

    /// Ends the connection in order.
    mutating func close() { connection.close() }
}

/// For comparisons. The values of these tests are no secrets.
func copied(_ span: Span<UInt8>) -> [UInt8] {
    [UInt8](capacity: span.count) { $0.append(contentsOf: span) }
}

func text(_ span: Span<UInt8>) -> String { String(decoding: copied(span), as: UTF8.self) }
