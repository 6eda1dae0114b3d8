internal import COpenSSL
internal import Glibc

/// A client's certificate, key and authority, and the session it may resume. Any number of threads may use it.
///
/// Who may answer: the server's certificate must lead to the authority, be in date and be for servers. Beyond that,
/// - with an ``ExpectedServer``, exactly that one;
/// - else, where a host name or address was dialled, a server whose certificate names it;
/// - else (a Unix socket) any server of that authority: who may listen there is decided by the permissions of the
///   socket's folder.
@safe
package final class ClientContext: Sendable {
    private let context: OwnedHandle
    private let trust: TrustStore
    private let expected: ServerExpectation
    private let sessions = ClientSessions()
    /// When the client's own certificate expires, in seconds since 1970.
    package let certificateExpiry: Int64
    /// Its SPIFFE ID.
    package let certificateSpiffeID: String
    /// What a user should know although it is no error.
    package let warnings: [String]

    /// - Parameters:
    ///   - files: the revocation list is not used; a server is known by its short-lived certificate.
    ///   - expectedServer: nil to go by what is dialled.
    /// - Throws: where a file cannot be read or used, or the certificate is not one that an agent accepts.
    package convenience init(files: TLSFiles, expectedServer: ExpectedServer? = nil) throws(TLSError) {
        try self.init(files: files, expectedServer: expectedServer, judgingItself: true)
    }

    /// - Parameter judgingItself: false lets tests show an agent a certificate that it must refuse.
    init(files: TLSFiles, expectedServer: ExpectedServer?, judgingItself: Bool) throws(TLSError) {
        let now = wallClock()
        if case .spiffeID(let id) = expectedServer, !SpiffeID.isValid(id) {
            throw TLSError(operation: "expecting the server \(id)", reasons: ["it is not a SPIFFE ID"])
        }
        var trusted = files
        trusted.revocationList = nil
        let trust = try TrustStore.load(trusted, now: now)
        let context = unsafe try OwnedHandle(
            SSL_CTX_new(TLS_client_method()),
            freedBy: SSL_CTX_free,
            operation: "making a TLS context"
        )
        let own = unsafe try OwnCertificate.use(files, for: judgingItself ? .client : nil, in: context.raw, now: now)
        let expected = ServerExpectation(expectedServer)
        unsafe try ClientSettings.apply(trust.store.raw, expected, sessions, to: context.raw)
        self.context = context
        self.trust = trust
        self.expected = expected
        certificateExpiry = own.notAfter
        certificateSpiffeID = own.spiffeID ?? ""
        warnings = own.warnings
    }

    /// The client's side of a connection on a socket that stays the caller's. The handshake has yet to be made.
    ///
    /// - Parameter serverName: the host name or IP address that was dialled; nil over a Unix socket.
    package func connection(on descriptor: CInt, serverName: String? = nil) throws(TLSError) -> Connection {
        let operation = "opening a TLS connection"
        ErrorQueue.clear()
        guard let ssl = unsafe SSL_new(context.raw) else { throw TLSError.draining(operation) }
        guard unsafe SocketBIO.attach(descriptor, to: ssl), unsafe expect(serverName, ssl) else {
            unsafe SSL_free(ssl)
            throw TLSError.draining(operation)
        }
        unsafe sessions.offer(to: ssl)
        unsafe SSL_set_connect_state(ssl)
        return unsafe Connection(adopting: ssl, side: .client(self))
    }

    /// Tells OpenSSL which name the certificate must carry, and asks the server for it.
    @unsafe
    private func expect(_ dialled: String?, _ ssl: OpaquePointer) -> Bool {
        let checked: String? =
            switch expected.server {
            case .spiffeID: nil
            case .name(let name): name
            case nil: dialled
            }
        if let name = dialled ?? checked, !Self.isAddress(name), unsafe shim_SSL_set_tlsext_host_name(ssl, name) != 1 {
            return false
        }
        guard let checked else { return true }
        let parameters = unsafe SSL_get0_param(ssl)
        if Self.isAddress(checked) { return unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, checked) == 1 }
        let flags = CUnsignedInt(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        unsafe X509_VERIFY_PARAM_set_hostflags(parameters, flags)
        return unsafe X509_VERIFY_PARAM_set1_host(parameters, checked, checked.utf8.count) == 1
    }

    private static func isAddress(_ name: String) -> Bool {
        var address = in6_addr()
        for family in [AF_INET, AF_INET6] where unsafe inet_pton(family, name, &address) == 1 { return true }
        return false
    }
}

/// What the verification callback of a client's context works on.
final class ServerExpectation: Sendable {
    let server: ExpectedServer?

    init(_ server: ExpectedServer?) { self.server = server }
}
