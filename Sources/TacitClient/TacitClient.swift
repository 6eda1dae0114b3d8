internal import Glibc
internal import SecretMemory
internal import TLS
internal import Wire

/// A client of a Tacit agent.
///
/// Calls block the calling thread until there is an answer, but no longer than ``timeout``. One thread uses a client
/// at a time; for several threads make several clients. The connection is made with the first call and kept; where
/// the agent has closed it in the meantime, a call makes a new one.
///
/// ```swift
/// import TacitClient
///
/// var client = try TacitClient(.fromEnvironment())
/// let secret = try client.get(Reference("DB_PASSWORD", in: "company.team"))
/// connect(password: secret.value.bytes)   // a span into locked memory
/// ```
///
/// Values are only ever in locked memory, and are wiped when the ``Secret`` or the ``SecretBatch`` that owns them
/// goes out of scope. Do not copy them to a `String` or an array where you can help it: such copies stay in memory.
public struct TacitClient: ~Copyable, Sendable {
    /// Where the agent listens.
    public let address: Address
    /// How long a call may take.
    public var timeout: Duration
    private var credentials: Credentials
    private var kept: Channel?
    let limits: WireLimits
    /// Connections made so far.
    private(set) var connectionCount = 0
    /// Whether the latest connection took up the session of an earlier one.
    private(set) var wasResumed = false

    /// A client that has yet to connect.
    ///
    /// - Throws: ``ClientError/configuration(_:)`` where a certificate, key or authority cannot be used.
    public init(_ options: ClientOptions) throws(ClientError) {
        try self.init(options, limits: WireLimits())
    }

    init(_ options: ClientOptions, limits: WireLimits) throws(ClientError) {
        address = options.address
        timeout = options.timeout
        credentials = try Credentials(options)
        kept = nil
        self.limits = limits
    }

    /// Connects, so that wrong addresses and certificates show before the first call that needs an answer.
    public mutating func connect() throws(ClientError) {
        _ = try ping()
    }

    /// Sends a ping and waits for its pong.
    ///
    /// - Returns: how long that took, without the time to connect.
    @discardableResult
    public mutating func ping() throws(ClientError) -> Duration {
        var taken = Duration.zero
        try perform(repeatable: true, Deadline(after: timeout)) { (channel, deadline) throws(ChannelFailure) in
            let start = ContinuousClock.now
            try channel.ping(until: deadline)
            taken = start.duration(to: .now)
        }
        return taken
    }

    /// Closes the connection. The next call makes a new one.
    public mutating func close() {
        if let channel = kept.take() { channel.close() }
    }

    /// Whether the records that TLS decrypts lie in locked memory too. It is so where this is the program's first use
    /// of OpenSSL; where it is not, make the first client before anything else that uses OpenSSL.
    public var isTLSMemoryLocked: Bool { credentials.isMemoryLocked }

    /// Whether there is a connection that the next call can use. Looks at what the agent sent meanwhile, without
    /// waiting, and drops a connection that has ended.
    public mutating func isConnected() -> Bool {
        guard var channel = kept.take(), channel.isUsable() else { return false }
        kept = consume channel
        return true
    }

    // MARK: Calls

    /// Makes one request and hands its answer's payload to `receive`.
    ///
    /// - Parameter repeatable: whether it does no harm to carry the request out twice.
    mutating func call<Message: WireMessage & ~Copyable & ~Escapable>(
        _ method: Method,
        _ message: borrowing Message,
        repeatable: Bool = true,
        receive: (Span<UInt8>) throws(Malformed) -> Void
    ) throws(ClientError) {
        let deadline = Deadline(after: timeout)
        guard message.encodedSize <= limits.payloadBytes else { throw .tooLarge(limit: limits.payloadBytes) }
        // A refusal is an answer: the connection stays good.
        var refusal: ClientError.Refusal?
        try perform(repeatable: repeatable, deadline) { (channel, deadline) throws(ChannelFailure) in
            try channel.exchange(count: 1, until: deadline) { (_, id, output) throws(MemoryError) in
                try output.appendFrame(.request(method, id: id, timeout: deadline.forAgent), message)
            } receive: { (_, status, payload) throws(ClientError) in
                if status == .ok {
                    do throws(Malformed) { try receive(payload) } catch { throw ClientError.unreadable(error) }
                } else {
                    refusal = try ClientError.Refusal(status: status, payload: payload)
                }
            }
        }
        if let refusal { throw .refused(refusal) }
    }

    /// Runs `body` on the kept connection or on a new one, and again on new ones for as long as ``Retries`` allows and there is
    /// time.
    mutating func perform(
        repeatable: Bool,
        _ deadline: Deadline,
        _ body: (inout Channel, Deadline) throws(ChannelFailure) -> Void
    ) throws(ClientError) {
        let hadConnection = hasKept
        let isConnected = isConnected()
        var retries = Retries(repeatable: repeatable, wasServed: hadConnection && !isConnected)
        if isConnected, var channel = kept.take() {
            do throws(ChannelFailure) {
                try body(&channel, deadline)
                kept = consume channel
                return
            } catch { try Self.rest(after: error, retries.pause(after: error, wasOld: true), deadline) }
        }
        while true {
            do throws(ChannelFailure) {
                var channel = try connected(until: deadline)
                try body(&channel, deadline)
                kept = consume channel
                return
            } catch {
                let wasOld = credentials.refresh()
                try Self.rest(after: error, retries.pause(after: error, wasOld: wasOld), deadline)
            }
        }
    }

    /// - Parameter pause: nil where there is to be no other connection.
    /// - Throws: the failure, where there is none, or no time for one.
    private static func rest(
        after failure: ChannelFailure,
        _ pause: Duration?,
        _ deadline: Deadline
    ) throws(ClientError) {
        guard let pause, pause < deadline.remaining else { throw failure.error }
        if pause > .zero { poll(nil, 0, CInt(clamping: pause.wholeMilliseconds)) }
    }

    private var hasKept: Bool {
        switch kept {
        case .some: true
        case .none: false
        }
    }

    private mutating func connected(until deadline: Deadline) throws(ChannelFailure) -> Channel {
        credentials.refresh()
        let channel = try Channel(to: address, with: credentials.context, limits: limits, until: deadline)
        connectionCount += 1
        wasResumed = channel.wasResumed
        return channel
    }
}
