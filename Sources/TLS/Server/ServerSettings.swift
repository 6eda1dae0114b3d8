internal import COpenSSL

/// How the server's `SSL_CTX` is set up.
@unsafe
enum ServerSettings {
    /// - Parameter verifier: must outlive `context` and every connection made with it.
    static func apply(
        _ options: ServerContext.Options,
        _ verifier: ClientVerifier,
        to context: OpaquePointer
    ) throws(TLSError) {
        unsafe try SharedSettings.apply(to: context)
        unsafe try preferCheapSuites(in: context)
        unsafe shim_SSL_CTX_set_max_cert_list(context, options.certificateListLimit)
        let peer = unsafe Unmanaged.passUnretained(verifier).toOpaque()
        unsafe SSL_CTX_set1_cert_store(context, verifier.store)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        unsafe SSL_CTX_set_verify_depth(context, ClientVerifier.intermediateLimit)
        unsafe SSL_CTX_set_cert_verify_callback(context, ServerCallbacks.verifyClient, peer)
        unsafe SSL_CTX_set_client_hello_cb(context, ServerCallbacks.requireProtocol, nil)
        unsafe SSL_CTX_set_alpn_select_cb(context, ServerCallbacks.selectProtocol, peer)
        unsafe try keepSessions(options, in: context)
    }

    /// All of TLS 1.3's suites are accepted. Where the client leaves the choice, it falls on the one that costs least: AES with
    /// 128 bits encrypts with fewer rounds, and processors have instructions for its SHA-256, which every handshake hashes
    /// with, and mostly none for the SHA-384 of the other.
    private static func preferCheapSuites(in context: OpaquePointer) throws(TLSError) {
        let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
        guard unsafe SSL_CTX_set_ciphersuites(context, suites) == 1 else {
            throw TLSError.draining("choosing cipher suites")
        }
        unsafe SSL_CTX_set_options(context, shim_SSL_OP_CIPHER_SERVER_PREFERENCE)
    }

    /// Sessions are kept here and the client gets only their name: nothing of them leaves the process, there is no
    /// ticket key, and forgetting one revokes it. (It is also several times cheaper than a ticket that carries the
    /// session.)
    private static func keepSessions(_ options: ServerContext.Options, in context: OpaquePointer) throws(TLSError) {
        unsafe SSL_CTX_set_options(context, shim_SSL_OP_NO_TICKET)
        unsafe SSL_CTX_set_max_early_data(context, 0)
        unsafe SSL_CTX_set_recv_max_early_data(context, 0)
        // The cache's own bound treats 0 as no bound.
        guard options.sessionCacheSize > 0 else {
            unsafe shim_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
            unsafe SSL_CTX_set_num_tickets(context, 0)
            return
        }
        unsafe shim_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_SERVER))
        unsafe shim_SSL_CTX_sess_set_cache_size(context, options.sessionCacheSize)
        unsafe SSL_CTX_set_timeout(context, max(1, min(600, options.sessionLifetime)))
        unsafe SSL_CTX_set_num_tickets(context, 1)
        let name: StaticString = "tacit/1"
        guard
            unsafe SSL_CTX_set_session_id_context(context, name.utf8Start, CUnsignedInt(name.utf8CodeUnitCount)) == 1
        else { throw TLSError.draining("setting up session resumption") }
    }
}
