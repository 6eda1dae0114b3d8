internal import COpenSSL
internal import Synchronization

/// The last session that the server offered, so that the next connection is cheaper for both.
final class ClientSessions: Sendable {
    private struct Kept: ~Copyable {
        /// `SSL_SESSION`
        let session: OwnedHandle
        /// The name that the server's certificate was checked against; "" where there was none.
        let name: String
    }

    private let kept = Mutex<Kept?>(nil)

    /// Takes over the session that `ssl` was given.
    @unsafe
    func keep(_ session: OpaquePointer, of ssl: OpaquePointer) -> Bool {
        guard let handle = unsafe try? OwnedHandle(session, freedBy: SSL_SESSION_free, operation: "keeping a session")
        else { return false }
        let name = unsafe Self.expectedName(ssl)
        var incoming: Kept? = Kept(session: handle, name: name)
        kept.withLock { $0 = incoming.take() }
        return true
    }

    /// Offers the kept session for `ssl`, where the server's certificate was checked against the same name.
    @unsafe
    func offer(to ssl: OpaquePointer) {
        let name = unsafe Self.expectedName(ssl)
        kept.withLock { kept in
            switch kept {
            case .some(let kept) where kept.name == name:
                if unsafe SSL_SESSION_is_resumable(kept.session.raw) == 1 {
                    unsafe SSL_set_session(ssl, kept.session.raw)
                }
            default: break
            }
        }
    }

    /// The host or address that is expected of the server.
    private static func expectedName(_ ssl: OpaquePointer) -> String {
        // Asking for an address where there is none counts as an error, which the read that we are called from would
        // find.
        defer { ErrorQueue.clear() }
        let parameters = unsafe SSL_get0_param(ssl)
        if let host = unsafe X509_VERIFY_PARAM_get0_host(parameters, 0) { return unsafe String(cString: host) }
        // Where there is none, that is an error to OpenSSL. Left in the queue, it would make a good read look like a failed one.
        ERR_set_mark()
        let address = unsafe X509_VERIFY_PARAM_get1_ip_asc(parameters)
        ERR_pop_to_mark()
        guard let address = unsafe address else { return "" }
        defer { unsafe CRYPTO_free(address, nil, 0) }
        return unsafe String(cString: address)
    }
}
