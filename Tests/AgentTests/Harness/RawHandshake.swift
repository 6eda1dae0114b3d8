import COpenSSL
import Glibc

@testable import TLS

/// A client that shakes hands as ours would not.
struct RawHandshake {
    var certificate: TLSFiles?
    /// What it offers by ALPN; nil: nothing.
    var protocols: String? = "tacit/1"
    var newest = TLS1_3_VERSION

    /// What the agent made of it.
    struct Outcome: Equatable {
        /// The alert that came back.
        var alert: Alert?
    }

    /// Shakes hands and waits until the agent has hung up, or sent something.
    func attempt(at endpoint: Endpoint) throws -> Outcome {
        let context = unsafe try OwnedHandle(
            SSL_CTX_new(TLS_client_method()),
            freedBy: SSL_CTX_free,
            operation: "a raw client"
        )
        unsafe shim_SSL_CTX_set_max_proto_version(context.raw, newest)
        if let certificate { _ = unsafe try OwnCertificate.use(certificate, for: nil, in: context.raw, now: 0) }
        if let protocols {
            let listed = [UInt8(protocols.utf8.count)] + Array(protocols.utf8)
            unsafe SSL_CTX_set_alpn_protos(context.raw, listed, CUnsignedInt(listed.count))
        }
        let socket = try PlainSocket(endpoint)
        let ssl = unsafe try OwnedHandle(SSL_new(context.raw), freedBy: SSL_free, operation: "a raw client")
        unsafe SSL_set_fd(ssl.raw, socket.descriptor)
        unsafe SSL_set_connect_state(ssl.raw)
        ErrorQueue.clear()
        var byte: UInt8 = 0
        // With TLS 1.3 a client learns what became of its certificate when it reads.
        let result = unsafe SSL_read(ssl.raw, &byte, 1)
        var outcome = Outcome()
        if result <= 0, unsafe SSL_get_error(ssl.raw, result) == SSL_ERROR_SSL,
            case .alert(let alert) = FailureReading.connection()
        {
            outcome.alert = alert
        }
        ErrorQueue.clear()
        return outcome
    }
}
