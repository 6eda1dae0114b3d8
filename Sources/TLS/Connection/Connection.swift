internal import COpenSSL
internal import Glibc
package import SecretMemory

/// One TLS connection over a socket that the caller owns, keeps open for longer than this value, and has set to
/// non-blocking (or not: the calls then block).
///
/// No call waits. Because record data is read ahead, a socket that has nothing to read says little: after a read,
/// look at ``hasPending`` before waiting for the socket.
@safe
package struct Connection: ~Copyable, @unchecked Sendable {  // Sound: it has one owner.
    /// The context must outlive the connection, because the callbacks work on it.
    enum Side {
        case server(ServerContext)
        case client(ClientContext)
    }

    private let ssl: OpaquePointer
    private let side: Side
    private var isEstablished = false
    private var isFinished = false
    private var identity: PeerIdentity?

    /// Takes `ssl` over, which has its socket already.
    init(adopting ssl: OpaquePointer, side: Side) {
        unsafe self.ssl = ssl
        self.side = side
    }

    // MARK: Handshake

    /// Goes on with the handshake. Limits on its time are the caller's.
    package mutating func handshake() -> HandshakeProgress {
        if isEstablished { return .done }
        if isFinished { return .failed(HandshakeFailure(.closed)) }
        ErrorQueue.clear()
        let ssl = unsafe self.ssl
        let (note, result) = unsafe HandshakeNote.attached(to: ssl) { unsafe SSL_do_handshake(ssl) }
        // A full handshake judges the certificate in its last step, a resumption in its first.
        if let judged = note.identity { identity = judged }
        if result == 1 {
            guard let failure = completeHandshake() else { return .done }
            isFinished = true
            return .failed(failure)
        }
        let error = unsafe SSL_get_error(ssl, result)
        if error == SSL_ERROR_WANT_READ { return .wantsRead }
        if error == SSL_ERROR_WANT_WRITE { return .wantsWrite }
        isFinished = true
        if let refusal = note.refusal {
            ErrorQueue.clear()
            return .failed(refusal)
        }
        return .failed(error == SSL_ERROR_SSL ? FailureReading.handshake() : HandshakeFailure(.closed))
    }

    /// What is left to check once OpenSSL is content.
    private mutating func completeHandshake() -> HandshakeFailure? {
        switch side {
        case .server:
            guard identity != nil else { return HandshakeFailure(.noCertificate) }
        case .client:
            guard unsafe ProtocolName.isSelected(by: ssl) else { return HandshakeFailure(.noProtocol) }
        }
        isEstablished = true
        return nil
    }

    /// Whether the handshake took up an earlier session.
    package var wasResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    /// Who the peer is; nil before the handshake is done, and on the client's side.
    package func peerIdentity() -> PeerIdentity? { isEstablished ? identity : nil }

    /// Judges the client's certificate again, without any I/O: dates, purpose, SPIFFE ID, chain and revocation.
    ///
    /// - Parameters:
    ///   - context: the authorities and lists to judge by, as after a reload; nil for those the connection was made
    ///     with.
    ///   - now: seconds since 1970; nil for the system's clock.
    /// - Returns: why the connection should end; nil where all is well.
    package func recheck(against context: ServerContext? = nil, now: Int64? = nil) -> HandshakeFailure? {
        guard case .server(let own) = side else { return nil }
        guard let leaf = unsafe SSL_get0_peer_certificate(ssl) else { return HandshakeFailure(.noCertificate) }
        let chain = unsafe SSL_get_peer_cert_chain(ssl)
        switch unsafe (context ?? own).verifier.verify(leaf, untrusted: chain, now: now ?? wallClock()) {
        case .accepted: return nil
        case .refused(let failure, _): return failure
        }
    }

    // MARK: Data

    /// Decrypts at most one record's bytes to the end of `buffer`.
    ///
    /// - Parameter atMost: most bytes to append; more than 16 KiB brings nothing.
    package mutating func read(into buffer: inout SecretBuffer, atMost: Int) -> ReadResult {
        if isFinished || atMost <= 0 { return isFinished ? .closed : .bytes(0) }
        ErrorQueue.clear()
        let ssl = unsafe self.ssl
        let result: CInt
        do {
            result = unsafe try buffer.append(reserving: atMost) { free in
                let count = unsafe SSL_read(ssl, free.baseAddress, CInt(clamping: min(free.count, atMost)))
                return (max(0, Int(count)), count)
            }
        } catch {
            return .noRoom(error as? MemoryError ?? .arenaFull)
        }
        if result > 0 { return .bytes(Int(result)) }
        let code = errno
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_SYSCALL:
            isFinished = true
            return code == 0 || code == ECONNRESET || code == EPIPE ? .closed : .failed(.system(code))
        default:
            isFinished = true
            return .failed(FailureReading.connection())
        }
    }

    /// Encrypts and sends what the socket takes of `bytes`. After ``WriteResult/wantsWrite`` or
    /// ``WriteResult/wantsRead`` the next write must begin with the same bytes, though they may lie elsewhere.
    package mutating func write(_ bytes: Span<UInt8>) -> WriteResult {
        if isFinished || bytes.isEmpty { return isFinished ? .closed : .bytes(0) }
        ErrorQueue.clear()
        let ssl = unsafe self.ssl
        let result = unsafe bytes.withUnsafeBufferPointer {
            unsafe SSL_write(ssl, $0.baseAddress, CInt(clamping: $0.count))
        }
        if result > 0 { return .bytes(Int(result)) }
        let code = errno
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_SYSCALL:
            isFinished = true
            return code == 0 || code == ECONNRESET || code == EPIPE ? .closed : .failed(.system(code))
        default:
            isFinished = true
            return .failed(FailureReading.connection())
        }
    }

    /// Whether bytes wait that were read from the socket already; then the socket may stay silent although a read
    /// would succeed.
    package var hasPending: Bool { unsafe SSL_has_pending(ssl) == 1 }

    /// Gives the record buffers of an idle connection back, about 33 KiB. They come back by themselves. Does nothing
    /// while bytes wait in them.
    package mutating func releaseBuffers() { unsafe SSL_free_buffers(ssl) }

    // MARK: End

    /// Tells the peer that no more follows, if the socket takes it now; nothing is read or written afterwards.
    package mutating func close() {
        if isEstablished, !isFinished {
            ErrorQueue.clear()
            unsafe SSL_shutdown(ssl)
            ErrorQueue.clear()
        }
        isFinished = true
    }

    deinit {
        // OpenSSL drops the session of a connection that was not shut down; a peer that just hangs up may still
        // resume.
        unsafe SSL_set_quiet_shutdown(ssl, 1)
        if isEstablished { unsafe SSL_shutdown(ssl) }
        unsafe SSL_free(ssl)
        ErrorQueue.clear()
    }
}

/// Seconds since 1970, by which certificates are judged.
func wallClock() -> Int64 { Int64(time(nil)) }
