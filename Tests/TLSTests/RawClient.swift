import COpenSSL
import Glibc

@testable import TLS

/// A client that does what ours would not.
struct RawClient: ~Copyable {
    private let context: OwnedHandle

    init(
        authority: String,
        certificate: TLSFiles? = nil,
        protocols: String? = "tacit/1",
        newest: CInt = TLS1_3_VERSION
    ) throws {
        signal(SIGPIPE, SIG_IGN)
        let context = unsafe try OwnedHandle(
            SSL_CTX_new(TLS_client_method()),
            freedBy: SSL_CTX_free,
            operation: "raw client"
        )
        unsafe shim_SSL_CTX_set_max_proto_version(context.raw, newest)
        unsafe SSL_CTX_load_verify_locations(context.raw, authority, nil)
        if let certificate {
            _ = unsafe try OwnCertificate.use(certificate, for: nil, in: context.raw, now: 0)
        }
        if let protocols {
            let listed = [UInt8(protocols.utf8.count)] + Array(protocols.utf8)
            unsafe SSL_CTX_set_alpn_protos(context.raw, listed, CUnsignedInt(listed.count))
        }
        self.context = context
    }

    /// What the server says, and the alert that this client gets.
    borrowing func attempt(at server: ServerContext) throws -> (failure: HandshakeFailure?, alert: Alert?) {
        let sockets = try SocketPair()
        var ours = try server.connection(on: sockets.server)
        let ssl = unsafe try OwnedHandle(SSL_new(context.raw), freedBy: SSL_free, operation: "raw client")
        unsafe SSL_set_fd(ssl.raw, sockets.client)
        unsafe SSL_set_connect_state(ssl.raw)
        var progress = HandshakeProgress.wantsRead
        var alert: Alert?
        for _ in 0..<20 {
            ErrorQueue.clear()
            var byte: UInt8 = 0
            let result = unsafe SSL_read(ssl.raw, &byte, 1)
            if result <= 0, unsafe SSL_get_error(ssl.raw, result) == SSL_ERROR_SSL, alert == nil {
                if case .alert(let received) = FailureReading.connection() { alert = received }
            }
            if !progress.isOver { progress = ours.handshake() }
        }
        if case .failed(let failure) = progress { return (failure, alert) }
        return (nil, alert)
    }
}
