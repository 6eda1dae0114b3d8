internal import COpenSSL

/// What both sides' `SSL_CTX` have in common.
@unsafe
enum SharedSettings {
    static func apply(to context: OpaquePointer) throws(TLSError) {
        let version = Int(TLS1_3_VERSION)
        guard unsafe shim_SSL_CTX_set_min_proto_version(context, CInt(version)) == 1,
            unsafe shim_SSL_CTX_set_max_proto_version(context, CInt(version)) == 1
        else { throw TLSError.draining("asking OpenSSL for TLS 1.3") }
        // The system's configuration file of OpenSSL must not be able to lower this.
        unsafe SSL_CTX_set_security_level(context, ClientVerifier.securityLevel)
        // A missing close_notify is for the framing to judge: it knows whether a frame was cut.
        unsafe SSL_CTX_set_options(
            context,
            shim_SSL_OP_NO_RENEGOTIATION | shim_SSL_OP_NO_COMPRESSION | shim_SSL_OP_CLEANSE_PLAINTEXT
                | shim_SSL_OP_IGNORE_UNEXPECTED_EOF
        )
        // Without the last one, OpenSSL would build and verify the side's own chain again for each handshake, and a
        // client would send its authority's certificate along, which the server has and would have to parse.
        let modes =
            Int(SSL_MODE_ENABLE_PARTIAL_WRITE) | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
            | Int(SSL_MODE_NO_AUTO_CHAIN)
        unsafe shim_SSL_CTX_set_mode(context, modes)
        unsafe shim_SSL_CTX_set_read_ahead(context, 1)
    }
}
