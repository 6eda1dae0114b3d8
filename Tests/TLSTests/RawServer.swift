import COpenSSL
import Glibc

@testable import TLS

/// A server that presents whatever certificate it is given.
struct RawServer: ~Copyable {
    private let context: OwnedHandle

    init(files: TLSFiles) throws {
        let context = unsafe try OwnedHandle(
            SSL_CTX_new(TLS_server_method()),
            freedBy: SSL_CTX_free,
            operation: "raw server"
        )
        _ = unsafe try OwnCertificate.use(files, for: nil, in: context.raw, now: 0)
        self.context = context
    }

    /// Why the client refuses this server.
    borrowing func outcome(for client: ClientContext) throws -> HandshakeFailure.Reason? {
        let sockets = try SocketPair()
        var theirs = try client.connection(on: sockets.client)
        let ssl = unsafe try OwnedHandle(SSL_new(context.raw), freedBy: SSL_free, operation: "raw server")
        unsafe SSL_set_fd(ssl.raw, sockets.server)
        unsafe SSL_set_accept_state(ssl.raw)
        var progress = HandshakeProgress.wantsRead
        for _ in 0..<20 where !progress.isOver {
            progress = theirs.handshake()
            ErrorQueue.clear()
            if !progress.isOver { unsafe SSL_do_handshake(ssl.raw) }
        }
        return progress.reason
    }
}
