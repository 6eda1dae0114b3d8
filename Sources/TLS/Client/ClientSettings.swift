internal import COpenSSL
internal import Glibc

/// How the client's `SSL_CTX` is set up, and its callbacks.
@unsafe
enum ClientSettings {
    /// - Parameters expected, sessions: must outlive `context` and every connection made with it.
    static func apply(
        _ store: OpaquePointer,
        _ expected: ServerExpectation,
        _ sessions: ClientSessions,
        to context: OpaquePointer
    ) throws(TLSError) {
        unsafe try SharedSettings.apply(to: context)
        unsafe SSL_CTX_set1_cert_store(context, store)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        unsafe SSL_CTX_set_verify_depth(context, ClientVerifier.intermediateLimit)
        unsafe SSL_CTX_set_cert_verify_callback(context, verifyServer, Unmanaged.passUnretained(expected).toOpaque())
        guard unsafe ProtocolName.offer(in: context) else { throw TLSError.draining("offering the protocol tacit/1") }
        // OpenSSL's own cache is for servers; the one session is kept here.
        let mode = Int(SSL_SESS_CACHE_CLIENT) | Int(SSL_SESS_CACHE_NO_INTERNAL)
        unsafe shim_SSL_CTX_set_session_cache_mode(context, mode)
        guard unsafe SSL_CTX_set_ex_data(context, 0, Unmanaged.passUnretained(sessions).toOpaque()) == 1 else {
            throw TLSError.draining("setting up session resumption")
        }
        unsafe SSL_CTX_sess_set_new_cb(context, keepSession)
    }

    /// - Returns: 1 where the session was taken over.
    private static let keepSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> CInt = { ssl, session in
        guard let ssl = unsafe ssl, let session = unsafe session,
            let data = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0)
        else { return 0 }
        let sessions = unsafe Unmanaged<ClientSessions>.fromOpaque(data).takeUnretainedValue()
        return unsafe sessions.keep(session, of: ssl) ? 1 : 0
    }

    private static let verifyServer: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt = {
        context,
        expected in
        guard let context = unsafe context, let expected = unsafe expected else { return 0 }
        let expectation = unsafe Unmanaged<ServerExpectation>.fromOpaque(expected).takeUnretainedValue()
        let ssl = unsafe X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx())
        let connection = OpaquePointer(ssl)
        guard let (reason, code) = unsafe objection(to: context, expectation.server) else {
            unsafe X509_STORE_CTX_set_error(context, CInt(X509_V_OK))
            return 1
        }
        let leaf = unsafe X509_STORE_CTX_get0_cert(context)
        let certificate = unsafe leaf.map { unsafe RefusedCertificate($0) }
        unsafe HandshakeNote.update(connection) { $0.refusal = HandshakeFailure(reason, certificate: certificate) }
        unsafe X509_STORE_CTX_set_error(context, code.raw)
        return 0
    }

    private static func objection(
        to context: OpaquePointer,
        _ expected: ExpectedServer?
    ) -> (HandshakeFailure.Reason, VerificationCode)? {
        guard unsafe X509_verify_cert(context) == 1, let leaf = unsafe X509_STORE_CTX_get0_cert(context) else {
            ErrorQueue.clear()
            let code = unsafe VerificationCode(raw: X509_STORE_CTX_get_error(context))
            return (code.reason, code.forAlert)
        }
        guard unsafe Purpose.server.isGranted(by: leaf) else { return (.wrongPurpose, .wrongPurpose) }
        guard case .spiffeID(let id) = expected else { return nil }
        let matches = unsafe CertificateReading.spiffeNames(leaf) == .one(id)
        return matches ? nil : (.unexpectedServer, .unexpectedName)
    }
}
