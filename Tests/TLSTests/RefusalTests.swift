import Testing

@testable import TLS

@Suite("Refused clients")
struct RefusalTests {
    private let domain: TrustDomain
    private let server: ServerContext

    init() throws {
        domain = try TrustDomain()
        server = try ServerContext(files: domain.issue(TrustDomain.agent()))
    }

    /// Lets a client with these files try, and returns what the server says and which alert the client gets.
    private func attempt(
        _ files: TLSFiles,
        at server: ServerContext? = nil
    ) throws -> (failure: HandshakeFailure?, alert: Alert?) {
        let client = try ClientContext(files: files, expectedServer: nil, judgingItself: false)
        var pair = try Pair(server ?? self.server, client)
        let progress = pair.handshake()
        var alert: Alert?
        if case .failed(.alert(let received)) = pair.clientReads() { alert = received }
        if case .failed(let failure) = progress.server { return (failure, alert) }
        #expect(progress.server == .done)
        return (nil, alert)
    }

    private func expect(
        _ request: LeafRequest,
        _ reason: HandshakeFailure.Reason?,
        _ alert: Alert?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        // The second time, nothing remembered from the first may let it in.
        let files = try domain.issue(request)
        for _ in 0..<2 {
            let outcome = try attempt(files)
            #expect(outcome.failure?.reason == reason, sourceLocation: sourceLocation)
            #expect(outcome.alert == alert, sourceLocation: sourceLocation)
        }
    }

    private func worker(_ validity: CertificateValidity) throws -> LeafRequest {
        try LeafRequest(
            spiffeID: "spiffe://example.org/tenant/main/service/worker",
            purposes: [.client],
            validity: validity
        )
    }

    @Test func `the good one is let in`() throws {
        try expect(worker(TrustDomain.days(-1, 1)), nil, nil)
    }

    @Test func `expired`() throws {
        try expect(worker(TrustDomain.days(-2, -1)), .expired, .certificateExpired)
    }

    @Test func `expired by a second`() throws {
        let validity = CertificateValidity(notBefore: TrustDomain.now - 100, notAfter: wallClock() - 1)
        try expect(worker(validity), .expired, .certificateExpired)
    }

    @Test func `not yet valid`() throws {
        try expect(worker(TrustDomain.days(1, 2)), .notYetValid, .badCertificate)
    }

    @Test func `from another authority`() throws {
        let stranger = try TrustDomain("another authority")
        let outcome = try attempt(stranger.issue(TrustDomain.worker(), trusting: domain))
        #expect(outcome.failure?.reason == .unknownAuthority)
        #expect(outcome.alert == .unknownAuthority)
        #expect(outcome.failure?.certificate?.uri == "spiffe://example.org/tenant/main/service/worker")
    }

    @Test func `from another authority of the same name`() throws {
        let impostor = try TrustDomain()
        let outcome = try attempt(impostor.issue(TrustDomain.worker(), trusting: domain))
        #expect(outcome.failure?.reason == .unknownAuthority)
        #expect(outcome.alert == .unknownAuthority)
    }

    @Test func `revoked, while its neighbour is let in`() throws {
        let good = try domain.issue(TrustDomain.worker())
        let bad = try domain.issue(TrustDomain.worker())
        var files = try domain.issue(TrustDomain.agent())
        files.revocationList = try domain.revoke([bad])
        let strict = try ServerContext(files: files)
        for _ in 0..<2 {
            let refused = try attempt(bad, at: strict)
            #expect(refused.failure?.reason == .revoked)
            #expect(refused.alert == .certificateRevoked)
            let accepted = try attempt(good, at: strict)
            #expect(accepted.failure == nil)
        }
    }

    @Test func `not covered by any revocation list, where there must be one`() throws {
        let other = try TrustDomain("another authority")
        var files = try domain.issue(TrustDomain.agent())
        let bundle = domain.folder + "/bundle.crt"
        try domain.write(domain.text(of: files.authority) + other.text(of: other.folder + "/ca.crt"), to: bundle)
        files.authority = bundle
        files.revocationList = try domain.revoke([])
        let strict = try ServerContext(files: files)
        #expect(strict.warnings.contains { $0.contains("another authority") })
        let outcome = try attempt(other.issue(TrustDomain.worker(), trusting: domain), at: strict)
        #expect(outcome.failure?.reason == .revocationUnknown)
        #expect(outcome.alert != nil)
    }

    @Test func `without a SPIFFE ID`() throws {
        var request = try TrustDomain.worker()
        request.uris = []
        try expect(request, .noSpiffeID, .badCertificate)
    }

    @Test func `with two SPIFFE IDs`() throws {
        var request = try TrustDomain.worker()
        request.uris.append("spiffe://example.org/tenant/main/service/executor")
        try expect(request, .severalSpiffeIDs, .badCertificate)
    }

    @Test func `with a SPIFFE ID and another URI`() throws {
        var request = try TrustDomain.worker()
        request.uris.append("https://example.org/")
        try expect(request, .severalSpiffeIDs, .badCertificate)
    }

    @Test(
        "with a URI that is not the one spelling of a SPIFFE ID",
        arguments: [
            "https://example.org/a", "SPIFFE://example.org/a", "spiffe://Example.org/a", "spiffe://example.org",
            "spiffe://example.org/", "spiffe://example.org/a/", "spiffe://example.org//a", "spiffe:///a",
            "spiffe://example.org/a/../b", "spiffe://example.org/%61", "spiffe://example.org/a?b",
            "spiffe://example.org/a#b",
            "spiffe://user@example.org/a", "spiffe://example.org:1/a", "spiffe://example.org/a\u{0}b",
            "spiffe://example.org/ä",
            "spiffe://example.org/" + String(repeating: "a", count: 2048),
        ]
    )
    func malformed(uri: String) throws {
        var request = try TrustDomain.worker()
        request.uris = [uri]
        try expect(request, .malformedSpiffeID, .badCertificate)
    }

    @Test func `with a name in its subject only`() throws {
        var request = try TrustDomain.worker()
        request.commonName = "spiffe://example.org/tenant/main/service/worker"
        request.uris = []
        try expect(request, .noSpiffeID, .badCertificate)
    }

    @Test func `for servers only`() throws {
        var request = try TrustDomain.worker()
        request.purposes = [.server]
        try expect(request, .wrongPurpose, .unsupportedCertificate)
    }

    @Test func `for no purpose that it names`() throws {
        var request = try TrustDomain.worker()
        request.purposes = []
        try expect(request, .wrongPurpose, .unsupportedCertificate)
    }

    @Test func `an authority's own certificate`() throws {
        let outcome = try attempt(
            TLSFiles(
                certificate: domain.folder + "/ca.crt",
                privateKey: domain.folder + "/ca.key",
                authority: domain.folder + "/ca.crt"
            )
        )
        #expect(outcome.failure?.reason == .wrongPurpose)
        #expect(outcome.alert == .unsupportedCertificate)
    }

    @Test func `without a certificate`() throws {
        let outcome = try RawClient(authority: domain.folder + "/ca.crt").attempt(at: server)
        #expect(outcome.failure?.reason == .noCertificate)
        #expect(outcome.alert == .certificateRequired)
    }

    @Test func `without the protocol's name`() throws {
        let files = try domain.issue(TrustDomain.worker())
        let outcome = try RawClient(authority: files.authority, certificate: files, protocols: nil).attempt(
            at: server
        )
        #expect(outcome.failure?.reason == .noProtocol)
        #expect(outcome.alert == .noApplicationProtocol)
    }

    @Test func `with another protocol's name`() throws {
        let files = try domain.issue(TrustDomain.worker())
        let outcome = try RawClient(authority: files.authority, certificate: files, protocols: "h2").attempt(
            at: server
        )
        #expect(outcome.failure?.reason == .noProtocol)
        #expect(outcome.alert == .noApplicationProtocol)
    }

    @Test("with TLS 1.2, whether it names the protocol or not", arguments: ["tacit/1", nil])
    func oldVersion(name: String?) throws {
        let files = try domain.issue(TrustDomain.worker())
        let client = try RawClient(authority: files.authority, certificate: files, protocols: name, newest: 0x0303)
        let outcome = try client.attempt(at: server)
        #expect(outcome.failure?.reason == .protocolVersion)
        #expect(outcome.alert == .protocolVersion)
    }
}
