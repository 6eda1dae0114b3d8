internal import SecretMemory
internal import TLS
internal import Wire

/// One connection to the agent, used by one thread at a time. It waits for nothing but its socket, and never past a
/// deadline.
struct Channel: ~Copyable {
    /// Most bytes of one read: what a TLS record holds.
    private static let readBytes = 16 << 10
    /// No further request is written while this many bytes still wait to be sent.
    private static let outputBytes = 64 << 10
    /// An agent that has sent more than these many reads bring, although nothing was asked, is not worth keeping.
    private static let idleReads = 16

    private var connection: Connection
    private let socket: Descriptor
    private var input: SecretBuffer
    private var output: SecretBuffer
    private var reader: FrameReader
    private let limits: WireLimits
    private var lastID: UInt32 = 0
    private var lastPong: UInt32?
    private var hasFirstFrame = false
    /// Whether a byte of the requests under way has left.
    private var hasSent = false
    /// What the agent said with its GOAWAY.
    private var farewell: ErrorPayload?

    /// Connects and makes the handshake.
    init(
        to address: Address,
        with context: ClientContext,
        limits: WireLimits,
        until deadline: Deadline
    ) throws(ChannelFailure) {
        let socket = try Dialer.connect(to: address, until: deadline)
        let host: String? = if case .tcp(let host, _) = address { host } else { nil }
        connection = try Self.handshake(on: socket, with: context, host, address, deadline)
        self.socket = socket
        self.limits = limits
        reader = FrameReader(side: .client, limits: limits)
        // Beside the frame that is being read there may be the beginning of the next, and likewise when writing.
        input = SecretBuffer(limit: FrameHeader.byteCount + limits.payloadBytes + Self.readBytes)
        output = SecretBuffer(limit: 2 * (FrameHeader.byteCount + limits.payloadBytes) + Self.outputBytes)
    }

    private static func handshake(
        on socket: borrowing Descriptor,
        with context: ClientContext,
        _ host: String?,
        _ address: Address,
        _ deadline: Deadline
    ) throws(ChannelFailure) -> Connection {
        var connection: Connection
        do throws(TLSError) {
            connection = try context.connection(on: socket.raw, serverName: host)
        } catch { throw .final(.unreachable("no TLS connection to \(address): \(error)")) }
        while true {
            let progress = connection.handshake()
            switch progress {
            case .done: return connection
            case .wantsRead, .wantsWrite:
                let writing = progress == .wantsWrite
                guard socket.wait(reading: !writing, writing: writing, until: deadline) else {
                    throw .final(deadline.error)
                }
            case .failed(let failure):
                if case .refused(let alert) = failure.reason, let refusal = alert.refusal {
                    throw .final(.refused(refusal))
                }
                let error = ClientError.unreachable("no TLS connection to \(address): \(failure)")
                // An agent that ends while it is at the handshake says nothing.
                throw failure.reason == .closed ? .lost(error, sent: false) : .final(error)
            }
        }
    }

    /// Whether the connection took up an earlier session.
    var wasResumed: Bool { connection.wasResumed }

    /// Whether more requests can be made on the connection. Looks at what the agent sent meanwhile, without waiting.
    mutating func isUsable() -> Bool {
        do throws(ChannelFailure) {
            for _ in 0..<Self.idleReads {
                guard farewell == nil else { return false }
                guard connection.hasPending || socket.isReadable, try read() == nil else { return true }
                while try takeFrame({ (header, _) throws(ClientError) in throw Self.unexpected(header) }) {}
            }
        } catch {}
        return false
    }

    // MARK: Exchanges

    /// Makes `count` requests without waiting between them, and hands out their answers as they come.
    ///
    /// - Parameters:
    ///   - write: appends the frame of the request at an index, with the id given.
    ///   - receive: is lent the status and the payload of the answer to the request at an index.
    mutating func exchange(
        count: Int,
        until deadline: Deadline,
        write: (_ index: Int, _ id: UInt32, _ output: inout SecretBuffer) throws(MemoryError) -> Void,
        receive: (_ index: Int, _ status: Status, _ payload: Span<UInt8>) throws(ClientError) -> Void
    ) throws(ChannelFailure) {
        var open: [UInt32: Int] = [:]
        var next = 0
        hasSent = false
        while next < count || !open.isEmpty {
            while next < count, farewell == nil, open.count < limits.openRequests, output.count < Self.outputBytes {
                let id = nextID()
                try append { (output) throws(MemoryError) in try write(next, id, &output) }
                open[id] = next
                next += 1
            }
            if open.isEmpty { throw lost() }
            try turn(until: deadline) { (header, payload) throws(ClientError) in
                guard header.kind == .response, let index = open.removeValue(forKey: header.id) else {
                    throw Self.unexpected(header)
                }
                try receive(index, header.status, payload)
            }
        }
    }

    /// Sends a ping and waits for its pong.
    mutating func ping(until deadline: Deadline) throws(ChannelFailure) {
        hasSent = false
        let mark = nextID()
        try append { (output) throws(MemoryError) in
            let payload = InlineArray<4, UInt8> { UInt8(truncatingIfNeeded: mark >> UInt32(24 - 8 * $0)) }
            try output.appendFrame(.connection(.ping), payload: payload.span)
        }
        while lastPong != mark {
            try turn(until: deadline) { (header, _) throws(ClientError) in throw Self.unexpected(header) }
        }
    }

    /// Ends the connection in order, where the socket allows it at once.
    consuming func close() { connection.close() }

    private mutating func nextID() -> UInt32 {
        lastID = lastID == .max ? 1 : lastID + 1
        return lastID
    }

    // MARK: Frames

    /// Appends one frame that `write` writes.
    private mutating func append(
        _ write: (inout SecretBuffer) throws(MemoryError) -> Void
    ) throws(ChannelFailure) {
        let held = output.count
        let payload: Int
        do throws(MemoryError) {
            try write(&output)
            payload = output.count - held - FrameHeader.byteCount
            if !hasFirstFrame, payload > limits.firstPayloadBytes {
                // The agent takes a large frame only from somebody who has sent a small one.
                output.removeLast(output.count - held)
                try output.appendFrame(.connection(.ping))
                try write(&output)
            }
        } catch { throw .final(.memory(error)) }
        guard payload <= limits.payloadBytes else { throw .final(.tooLarge(limit: limits.payloadBytes)) }
        hasFirstFrame = true
    }

    /// Gets on by one step: sends what can be sent, and deals with one frame, or reads, or waits.
    private mutating func turn(
        until deadline: Deadline,
        _ body: (FrameHeader, Span<UInt8>) throws(ClientError) -> Void
    ) throws(ChannelFailure) {
        if !hasSent, !output.isEmpty, socket.isReadable {
            // An agent that refuses the certificate, or is about to end, has said so. Writing first would lose what it said, or
            // leave in doubt whether it was carried out.
            _ = try read()
            while try takeFrame(body) {}
            if farewell != nil { throw lost() }
        }
        let isBlocked = try flush()
        if try takeFrame(body) { return }
        guard !deadline.isOver else { throw .final(deadline.error) }
        guard let direction = try read() else { return }
        let ready = socket.wait(
            reading: direction == .reading,
            writing: isBlocked || direction == .writing,
            until: deadline
        )
        guard ready else { throw .final(deadline.error) }
    }

    /// Takes a frame from the input, where a whole one is there.
    ///
    /// - Parameter body: is lent frames that belong to requests; those about the connection are dealt with here.
    /// - Returns: whether there was one.
    private mutating func takeFrame(
        _ body: (FrameHeader, Span<UInt8>) throws(ClientError) -> Void
    ) throws(ChannelFailure) -> Bool {
        switch reader.next(in: input) {
        case .needMore: return false
        case .malformed(let fault): throw .final(.protocolViolation(fault.description))
        case .frame(let header, let payload):
            try handle(header, payload, body)
            input.consume(payload.upperBound)
            return true
        }
    }

    private mutating func handle(
        _ header: FrameHeader,
        _ payload: Range<Int>,
        _ body: (FrameHeader, Span<UInt8>) throws(ClientError) -> Void
    ) throws(ChannelFailure) {
        switch header.kind {
        case .ping:
            do throws(MemoryError) {
                try output.appendPong(to: input, payload)
            } catch { throw ChannelFailure.final(.memory(error)) }
        case .pong: lastPong = Self.mark(input.bytes.extracting(payload))
        case .goAway:
            do throws(Malformed) {
                farewell = try ErrorPayload(decoding: input.bytes.extracting(payload))
            } catch { throw ChannelFailure.final(.protocolViolation("in a GOAWAY, \(error)")) }
        case .request, .response, .item, .cancel:
            do throws(ClientError) {
                try body(header, input.bytes.extracting(payload))
            } catch { throw ChannelFailure.final(error) }
        }
    }

    private static func mark(_ payload: Span<UInt8>) -> UInt32? {
        guard payload.count == 4 else { return nil }
        var mark: UInt32 = 0
        for index in 0..<4 { mark = mark << 8 | UInt32(payload[index]) }
        return mark
    }

    private static func unexpected(_ header: FrameHeader) -> ClientError {
        .protocolViolation("a frame of kind \(header.kind.rawValue) answers no open request (id \(header.id))")
    }

    // MARK: Bytes

    private enum Direction { case reading, writing }

    /// Sends what the socket takes.
    ///
    /// - Returns: whether something is left.
    private mutating func flush() throws(ChannelFailure) -> Bool {
        while !output.isEmpty {
            switch connection.write(output) {
            case .bytes(let count):
                output.consume(count)
                hasSent = true
            case .wantsRead, .wantsWrite: return true
            case .closed: throw lost()
            case .failed(let failure): throw lost(failure)
            }
        }
        return false
    }

    /// Reads once.
    ///
    /// - Returns: nil where something came; else what to wait for.
    private mutating func read() throws(ChannelFailure) -> Direction? {
        switch connection.read(into: &input, atMost: Self.readBytes) {
        case .bytes: return nil
        case .wantsRead: return .reading
        case .wantsWrite: return .writing
        case .closed: throw lost()
        case .noRoom(let error): throw .final(.memory(error))
        case .failed(let failure): throw lost(failure)
        }
    }

    /// The connection ended too early.
    private func lost(_ failure: ConnectionFailure? = nil) -> ChannelFailure {
        if case .alert(let alert) = failure, let refusal = alert.refusal { return .final(.refused(refusal)) }
        if let farewell {
            return .lost(.refused(ClientError.Refusal(status: .unavailable, farewell)), sent: hasSent)
        }
        let why = failure.map { "\($0)" } ?? "the agent closed it before it answered"
        return .lost(.unreachable("the connection was lost: \(why)"), sent: hasSent)
    }
}

/// Buffers are handed over whole: a span into one field of a structure would keep the others from being changed.
extension Connection {
    fileprivate mutating func write(_ buffer: borrowing SecretBuffer) -> WriteResult { write(buffer.bytes) }
}

extension SecretBuffer {
    fileprivate mutating func appendPong(
        to input: borrowing SecretBuffer,
        _ payload: Range<Int>
    ) throws(MemoryError) {
        try appendFrame(.connection(.pong), payload: input.bytes.extracting(payload))
    }
}
