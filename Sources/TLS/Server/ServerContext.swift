internal import COpenSSL

/// One generation of the agent's certificate, key, authorities and revocation lists, with everything that follows
/// from them: the sessions that may be resumed and the memory of verified certificates.
///
/// It never changes, and any number of threads may use it. A reload makes a new one for new connections; open
/// connections keep theirs, and sessions of the old one cannot be resumed under the new one.
@safe
package final class ServerContext: Sendable {
    /// Bounds and lifetimes.
    package struct Options: Sendable, Equatable {
        /// Most seconds for which a session may be resumed, 1...600; the client's certificate may end it earlier.
        package var sessionLifetime = 600
        /// Most sessions kept; 0 turns resumption off. A session holds the client's certificates: 8 KiB of locked
        /// memory, or 13 KiB where the client sends its authority's along.
        package var sessionCacheSize = 512
        /// Most client certificates whose signatures need not be checked again.
        package var verifiedLeafLimit = 4096
        /// Most bytes of certificates that a client may send.
        package var certificateListLimit = 32 << 10

        package init() {}
    }

    private let context: OwnedHandle
    let verifier: ClientVerifier
    let options: Options
    /// When the agent's own certificate begins to hold, in seconds since 1970.
    package let certificateStart: Int64
    /// When the agent's own certificate expires, in seconds since 1970.
    package let certificateExpiry: Int64
    /// Its subject, on one line.
    package let certificateSubject: String
    /// Its SPIFFE ID, where it has one.
    package let certificateSpiffeID: String?
    /// What an operator should know although it is no error.
    package let warnings: [String]

    /// - Throws: where a file cannot be read or used; where the key belongs to another certificate; where the
    ///   certificate has expired or is not for servers; where a revocation list is out of date.
    package init(files: TLSFiles, options: Options = Options()) throws(TLSError) {
        let now = wallClock()
        let trust = try TrustStore.load(files, now: now)
        let verifier = try ClientVerifier(trust: trust, rememberedLeaves: options.verifiedLeafLimit)
        let context = unsafe try OwnedHandle(
            SSL_CTX_new_ex(HandshakeLibrary.context, nil, TLS_server_method()),
            freedBy: SSL_CTX_free,
            operation: "making a TLS context"
        )
        let own = unsafe try OwnCertificate.use(files, for: .server, in: context.raw, now: now)
        unsafe try ServerSettings.apply(options, verifier, to: context.raw)
        self.context = context
        self.verifier = verifier
        self.options = options
        certificateStart = own.notBefore
        certificateExpiry = own.notAfter
        certificateSubject = own.subject
        certificateSpiffeID = own.spiffeID
        warnings = own.warnings + verifier.warnings
    }

    /// Whole days until the agent's certificate expires; negative afterwards.
    package func certificateDaysLeft(now: Int64? = nil) -> Int {
        Int((certificateExpiry - (now ?? wallClock())).quotient(floorDividingBy: 86_400))
    }

    /// When the first revocation list goes out of date, in seconds since 1970; nil without lists. From then on nobody
    /// gets in.
    package var revocationListExpiry: Int64? { verifier.revocationExpiry }

    /// Sessions that could be resumed now.
    package var sessionCount: Int { unsafe Int(shim_SSL_CTX_sess_number(context.raw)) }

    /// Client certificates whose signatures need not be checked again.
    package var verifiedLeafCount: Int { verifier.rememberedLeaves }

    /// The server's side of a connection on a socket that stays the caller's. The handshake has yet to be made.
    ///
    /// - Throws: where there is no locked memory for it, or where the agent's own certificate has expired meanwhile.
    package func connection(on descriptor: CInt) throws(TLSError) -> Connection {
        let operation = "accepting a TLS connection"
        guard wallClock() < certificateExpiry else {
            throw TLSError(
                operation: operation,
                reasons: ["the agent's own certificate has expired"],
                advice: "Put a current one in its place; it is read again by itself"
            )
        }
        ErrorQueue.clear()
        guard let ssl = unsafe SSL_new(context.raw) else { throw TLSError.draining(operation) }
        guard unsafe SocketBIO.attach(descriptor, to: ssl) else {
            unsafe SSL_free(ssl)
            throw TLSError.draining(operation)
        }
        unsafe SSL_set_accept_state(ssl)
        return unsafe Connection(adopting: ssl, side: .server(self))
    }
}
