internal import COpenSSL

/// What OpenSSL asks the server during a handshake. The argument of those that have one is the context's
/// ``ClientVerifier``.
@unsafe
enum ServerCallbacks {
    /// Refuses a client that names no application protocol at all before anything costly happens; OpenSSL asks the
    /// selection callback only where there is a list. A hello without TLS 1.3 goes on, to be refused for that.
    static let requireProtocol: SSL_client_hello_cb_fn = { ssl, alert, _ in
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        let versions = CUnsignedInt(TLSEXT_TYPE_supported_versions)
        let protocols = CUnsignedInt(TLSEXT_TYPE_application_layer_protocol_negotiation)
        if unsafe SSL_client_hello_get0_ext(ssl, versions, &bytes, &count) == 0 { return SSL_CLIENT_HELLO_SUCCESS }
        if unsafe SSL_client_hello_get0_ext(ssl, protocols, &bytes, &count) == 1 { return SSL_CLIENT_HELLO_SUCCESS }
        unsafe HandshakeNote.update(ssl) { $0.refusal = HandshakeFailure(.noProtocol) }
        unsafe alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
        return SSL_CLIENT_HELLO_ERROR
    }

    /// Agrees to the protocol. By now OpenSSL has found the session that the client would resume, if any; it takes
    /// the word of that session for the client's certificate, so this is where the certificate is judged again.
    static let selectProtocol: SSL_CTX_alpn_select_cb_func = { ssl, out, outLength, offered, offeredLength, peer in
        guard let ssl = unsafe ssl, let peer = unsafe peer,
            unsafe ProtocolName.select(out, outLength, offered, offeredLength)
        else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        guard unsafe SSL_session_reused(ssl) == 1 else { return SSL_TLSEXT_ERR_OK }
        let verifier = unsafe Unmanaged<ClientVerifier>.fromOpaque(peer).takeUnretainedValue()
        guard let leaf = unsafe SSL_get0_peer_certificate(ssl) else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let now = wallClock()
        switch unsafe verifier.verify(leaf, untrusted: SSL_get_peer_cert_chain(ssl), now: now) {
        case .accepted(let known):
            unsafe accept(known, verifier, ssl, now)
            return SSL_TLSEXT_ERR_OK
        case .refused(let failure, _):
            unsafe HandshakeNote.update(ssl) { $0.refusal = failure }
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
    }

    /// Judges the certificate of a full handshake. The error that is left in the context decides the alert.
    static let verifyClient: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt = { context, peer in
        guard let context = unsafe context, let peer = unsafe peer else { return 0 }
        let verifier = unsafe Unmanaged<ClientVerifier>.fromOpaque(peer).takeUnretainedValue()
        let data = unsafe X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx())
        guard let ssl = OpaquePointer(data) else { return 0 }
        let now = wallClock()
        switch unsafe verifier.verify(context, now: now) {
        case .accepted(let known):
            unsafe accept(known, verifier, ssl, now)
            unsafe X509_STORE_CTX_set_error(context, X509_V_OK)
            return 1
        case .refused(let failure, let code):
            unsafe HandshakeNote.update(ssl) { $0.refusal = failure }
            unsafe X509_STORE_CTX_set_error(context, code.raw)
            return 0
        }
    }

    /// Notes who the client is, and sees to it that its session does not outlive what was verified: the connection
    /// after that makes a full handshake, which is refused with the alert that says why.
    private static func accept(_ known: VerifiedLeaf, _ verifier: ClientVerifier, _ ssl: OpaquePointer, _ now: Int64) {
        unsafe HandshakeNote.update(ssl) { $0.identity = known.identity }
        guard let session = unsafe SSL_get_session(ssl) else { return }
        let limit = unsafe Int64(SSL_CTX_get_timeout(SSL_get_SSL_CTX(ssl)))
        let seconds = verifier.sessionLifetime(known, now: now, limit: limit)
        if seconds < limit { unsafe SSL_SESSION_set_timeout(session, Int(seconds)) }
    }
}
