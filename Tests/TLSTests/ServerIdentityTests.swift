import Testing

@testable import TLS

@Suite("What a client accepts as its server")
struct ServerIdentityTests {
    private let domain: TrustDomain
    private let worker: TLSFiles

    init() throws {
        domain = try TrustDomain()
        worker = try domain.issue(TrustDomain.worker())
    }

    /// The client's outcome against a server with the given certificate.
    private func outcome(
        _ request: LeafRequest? = nil,
        expecting expected: ExpectedServer? = nil,
        dialled: String? = nil
    ) throws -> HandshakeFailure.Reason? {
        let server = try ServerContext(files: domain.issue(request ?? TrustDomain.agent()))
        var pair = try Pair(server, ClientContext(files: worker, expectedServer: expected), serverName: dialled)
        let progress = pair.handshake()
        if let reason = progress.client.reason {
            #expect(
                progress.server.reason == .refused(reason == .unexpectedServer ? .badCertificate : .unknownAuthority)
            )
        }
        return progress.client.reason
    }

    @Test func `over a Unix socket any server of the authority will do`() throws {
        #expect(try outcome() == nil)
    }

    @Test(
        "the dialled name must be in the certificate",
        arguments: ["localhost", "127.0.0.1", "::1", "0:0:0:0:0:0:0:1"]
    )
    func dialled(name: String) throws {
        #expect(try outcome(dialled: name) == nil)
    }

    @Test("another name is refused", arguments: ["example.org", "127.0.0.2", "agent", "localhost.example.org"])
    func otherName(name: String) throws {
        #expect(try outcome(dialled: name) == .unexpectedServer)
    }

    @Test func `a configured name counts, not the dialled one`() throws {
        #expect(try outcome(expecting: .name("localhost"), dialled: "10.0.0.1") == nil)
        #expect(try outcome(expecting: .name("other"), dialled: "localhost") == .unexpectedServer)
    }

    @Test func `a configured SPIFFE ID counts, not the dialled name`() throws {
        #expect(try outcome(expecting: .spiffeID("spiffe://example.org/service/agent"), dialled: "10.0.0.1") == nil)
        #expect(
            try outcome(expecting: .spiffeID("spiffe://example.org/service/agen"), dialled: "localhost")
                == .unexpectedServer
        )
        #expect(throws: TLSError.self) { try ClientContext(files: worker, expectedServer: .spiffeID("agent")) }
    }

    @Test func `a server of another authority is refused`() throws {
        let stranger = try TrustDomain("another authority")
        let server = try ServerContext(files: stranger.issue(TrustDomain.agent(), trusting: domain))
        var pair = try Pair(server, ClientContext(files: worker))
        let progress = pair.handshake()
        #expect(progress.client.reason == .unknownAuthority)
        #expect(progress.server.reason == .refused(.unknownAuthority))
    }

    @Test func `a worker's certificate does not pass for a server's`() throws {
        // What our own server refuses to load, a hostile one would present.
        let both = try LeafRequest(spiffeID: "spiffe://example.org/x", purposes: [.server, .client])
        #expect(try outcome(both) == nil)
        let server = try RawServer(files: worker)
        let reason = try server.outcome(for: ClientContext(files: worker))
        #expect(reason == .wrongPurpose)
    }
}
