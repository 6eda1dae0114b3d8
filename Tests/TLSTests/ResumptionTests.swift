import Glibc
import Testing

@testable import TLS

@Suite("Resumption")
struct ResumptionTests {
    private let domain: TrustDomain
    private let agent: TLSFiles
    private let server: ServerContext

    init() throws {
        domain = try TrustDomain()
        agent = try domain.issue(TrustDomain.agent())
        server = try ServerContext(files: agent)
    }

    /// Connects, and reads once so that the client gets the session that the server offers.
    private func connect(
        _ client: ClientContext,
        to server: ServerContext
    ) throws -> (progress: HandshakeProgress, wasResumed: Bool, identity: PeerIdentity?, read: ReadResult) {
        var pair = try Pair(server, client)
        let progress = pair.handshake().server
        let read = pair.clientReads()
        if progress == .done { #expect(read == .wantsRead) }
        return (progress, pair.server.wasResumed, pair.server.peerIdentity(), read)
    }

    @Test func `the second connection takes up the session and is the same identity`() throws {
        let client = try ClientContext(files: domain.issue(TrustDomain.worker()))
        let first = try connect(client, to: server)
        let second = try connect(client, to: server)
        let third = try connect(client, to: server)
        #expect(!first.wasResumed)
        #expect(second.wasResumed && third.wasResumed)
        #expect(first.identity != nil)
        #expect(second.identity == first.identity && third.identity == first.identity)
    }

    @Test func `a peer that hangs up without a word may still resume`() throws {
        let client = try ClientContext(files: domain.issue(TrustDomain.worker()))
        do {
            var pair = try Pair(server, client)
            _ = pair.handshake()
            _ = pair.clientReads()
            pair.sockets.hangUp()
            let (read, _) = pair.serverReads()
            #expect(read == .closed)
        }
        let second = try connect(client, to: server)
        #expect(second.wasResumed)
    }

    @Test func `a reload forgets the sessions and judges by the new list, while open connections go on`() throws {
        let files = try domain.issue(TrustDomain.worker())
        let client = try ClientContext(files: files)
        var open = try Pair(server, client)
        _ = open.handshake()
        _ = open.clientReads()

        var stricter = agent
        stricter.revocationList = try domain.revoke([files])
        let reloaded = try ServerContext(files: stricter)
        let next = try connect(client, to: reloaded)
        #expect(!next.wasResumed)
        #expect(next.progress.reason == .revoked)
        #expect(next.read == .failed(.alert(.certificateRevoked)))

        let written = open.client.write([1, 2, 3].span)
        #expect(written == .bytes(3))
        let (read, bytes) = open.serverReads()
        #expect(read == .bytes(3))
        #expect(bytes == [1, 2, 3])
        let underOld = open.server.recheck()
        let underNew = open.server.recheck(against: reloaded)
        #expect(underOld == nil)
        #expect(underNew?.reason == .revoked)
    }

    @Test func `a recheck after a change of authority finds the chain gone`() throws {
        let other = try TrustDomain("another authority")
        var pair = try Pair(server, ClientContext(files: domain.issue(TrustDomain.worker())))
        _ = pair.handshake()
        let reloaded = try ServerContext(files: other.issue(TrustDomain.agent()))
        let objection = pair.server.recheck(against: reloaded)
        #expect(objection?.reason == .unknownAuthority)
    }

    @Test func `a recheck sees the end of the certificate, and its beginning, to the second`() throws {
        var pair = try Pair(server, ClientContext(files: domain.issue(TrustDomain.worker())))
        _ = pair.handshake()
        let known = pair.server.peerIdentity()
        let identity = try #require(known)
        let before = pair.server.recheck(now: identity.notBefore - 1)
        let last = pair.server.recheck(now: identity.notAfter - 1)
        let after = pair.server.recheck(now: identity.notAfter)
        #expect(before?.reason == .notYetValid)
        #expect(last == nil)
        #expect(after?.reason == .expired)
    }

    @Test func `a recheck refuses once the revocation list is out of date`() throws {
        var files = agent
        let expiry = wallClock() + 1000
        files.revocationList = try domain.revoke(
            [],
            validity: .init(notBefore: TrustDomain.now - 10, notAfter: expiry)
        )
        let strict = try ServerContext(files: files)
        #expect(strict.revocationListExpiry == expiry)
        var pair = try Pair(strict, ClientContext(files: domain.issue(TrustDomain.worker())))
        _ = pair.handshake()
        let last = pair.server.recheck(now: expiry - 1)
        let after = pair.server.recheck(now: expiry)
        #expect(last == nil)
        #expect(after?.reason == .revocationUnknown)
    }

    /// The one test that must let time pass: OpenSSL reads the clock itself.
    @Test func `sessions end with the certificate, also those that came of a resumption, and the alert says why`()
        throws
    {
        let validity = CertificateValidity(notBefore: TrustDomain.now - 100, notAfter: wallClock() + 4)
        let files = try domain.issue(
            LeafRequest(spiffeID: "spiffe://example.org/short", purposes: [.client], validity: validity)
        )
        let client = try ClientContext(files: files)
        let first = try connect(client, to: server)
        #expect(first.progress == .done)
        while wallClock() < validity.notAfter - 2 { usleep(50_000) }
        let second = try connect(client, to: server)
        #expect(second.progress == .done && second.wasResumed)
        while wallClock() < validity.notAfter { usleep(50_000) }
        let third = try connect(client, to: server)
        #expect(!third.wasResumed)
        #expect(third.progress.reason == .expired)
        #expect(third.read == .failed(.alert(.certificateExpired)))
    }

    @Test func `the cache keeps no more sessions than it may`() throws {
        var options = ServerContext.Options()
        options.sessionCacheSize = 4
        let small = try ServerContext(files: agent, options: options)
        let files = try domain.issue(TrustDomain.worker())
        for _ in 0..<12 { _ = try connect(ClientContext(files: files), to: small) }
        #expect((1...4).contains(small.sessionCount))
        #expect(small.verifiedLeafCount == 1)
    }

    @Test func `a cache of size 0 turns resumption off`() throws {
        var options = ServerContext.Options()
        options.sessionCacheSize = 0
        let none = try ServerContext(files: agent, options: options)
        let client = try ClientContext(files: domain.issue(TrustDomain.worker()))
        for _ in 0..<2 {
            let outcome = try connect(client, to: none)
            #expect(outcome.progress == .done && !outcome.wasResumed)
        }
        #expect(none.sessionCount == 0)
    }

    @Test func `a client offers its session only where it expects the same name`() throws {
        let client = try ClientContext(files: domain.issue(TrustDomain.worker()))
        var names: [(String?, Bool)] = []
        for name in [nil, nil, "localhost", "localhost", "127.0.0.1", "127.0.0.1", nil] {
            var pair = try Pair(server, client, serverName: name)
            let progress = pair.handshake()
            #expect(progress == (.done, .done))
            _ = pair.clientReads()
            names.append((name, pair.client.wasResumed))
        }
        #expect(names.map(\.1) == [false, true, false, true, false, true, false])
    }

    @Test func `many threads share a context`() async throws {
        let server = server
        let files = try domain.issue(TrustDomain.worker())
        let clients = try (0..<4).map { _ in try ClientContext(files: files) }
        let good = await withTaskGroup(of: Int.self) { group in
            for client in clients {
                group.addTask {
                    (0..<25).count { _ in (try? self.connect(client, to: server))?.progress == .done }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(good == 100)
        #expect(server.verifiedLeafCount == 1)
    }
}
