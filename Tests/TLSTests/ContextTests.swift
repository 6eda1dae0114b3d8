import Glibc
import Testing

@testable import TLS

@Suite("Contexts and their files")
struct ContextTests {
    private let domain: TrustDomain
    private let agent: TLSFiles

    init() throws {
        domain = try TrustDomain()
        agent = try domain.issue(TrustDomain.agent())
    }

    /// The error that these files give.
    private func error(_ files: TLSFiles) -> TLSError? {
        do throws(TLSError) {
            _ = try ServerContext(files: files)
            return nil
        } catch {
            return error
        }
    }

    private func file(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let path = domain.folder + "/" + name
        try domain.write(text, to: path, mode: mode)
        return path
    }

    @Test func `a context says what it serves with`() throws {
        let server = try ServerContext(files: agent)
        #expect(server.certificateSpiffeID == "spiffe://example.org/service/agent")
        #expect(server.certificateSubject == "CN = agent")
        #expect((29...30).contains(server.certificateDaysLeft()))
        #expect(server.certificateDaysLeft(now: server.certificateExpiry + 1) == -1)
        #expect(server.warnings.isEmpty)
        #expect(server.revocationListExpiry == nil)
    }

    @Test func `a key of another certificate is named with both files`() throws {
        var files = agent
        files.privateKey = try domain.issue(TrustDomain.agent()).privateKey
        let text = try #require(error(files)).description
        #expect(text.contains(files.privateKey) && text.contains(files.certificate))
        #expect(text.contains("does not belong to the certificate"))
    }

    @Test func `a missing file is named with the system's reason`() throws {
        for path in [\TLSFiles.certificate, \TLSFiles.privateKey, \TLSFiles.authority]
            as [WritableKeyPath<TLSFiles, String>]
        {
            var files = agent
            files[keyPath: path] = domain.folder + "/absent"
            let failure = try #require(error(files))
            #expect(failure.file == domain.folder + "/absent")
            #expect(failure.description.contains("No such file"))
        }
        var files = agent
        files.revocationList = domain.folder + "/absent"
        #expect(error(files)?.operation == "reading the revocation list")
    }

    @Test func `a file that others can change is refused`() throws {
        unsafe chmod(agent.privateKey, 0o620)
        #expect(error(agent)?.description.contains("chmod go-w") == true)
        unsafe chmod(agent.privateKey, 0o600)
        unsafe chmod(agent.authority, 0o666)
        #expect(error(agent)?.file == agent.authority)
    }

    @Test func `a key that everybody can read works, with a warning`() throws {
        unsafe chmod(agent.privateKey, 0o644)
        let server = try ServerContext(files: agent)
        #expect(server.warnings.count == 1)
        #expect(server.warnings.first?.contains(agent.privateKey) == true)
    }

    @Test func `a link to the files works, as Kubernetes mounts them`() throws {
        var files = agent
        files.certificate = domain.folder + "/link.crt"
        unsafe symlink(agent.certificate, files.certificate)
        #expect(error(files) == nil)
    }

    @Test func `a folder, a device and an empty file are refused`() throws {
        for (path, reason) in [
            (domain.folder, "not a regular file"), ("/dev/null", "not a regular file"),
            (try file("empty", ""), "it is empty"),
        ] {
            var files = agent
            files.certificate = path
            #expect(error(files)?.description.contains(reason) == true)
        }
    }

    @Test func `files without PEM, or with half of it, are refused`() throws {
        var files = agent
        files.certificate = try file("text", "hello")
        #expect(error(files)?.description.contains("no certificate in it") == true)
        let whole = try domain.text(of: agent.certificate)
        files.certificate = try file("half", String(whole.prefix(whole.count / 2)))
        #expect(error(files)?.file == files.certificate)
        files.certificate = agent.certificate
        files.privateKey = try file("notkey", whole)
        #expect(error(files)?.operation == "reading the private key")
        files.privateKey = agent.privateKey
        files.authority = try file("badca", whole.replacing("A", with: "B"))
        #expect(error(files)?.file == files.authority)
    }

    @Test func `an encrypted key is refused without a question at the terminal`() throws {
        var files = agent
        files.privateKey = try file(
            "encrypted",
            """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDIZWJhMBUqA4gGb6o0
            fNK+AgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQ8xCmuKsMGFvFC9g5
            -----END ENCRYPTED PRIVATE KEY-----
            """
        )
        #expect(error(files)?.description.contains("not encrypted") == true)
    }

    @Test func `a leaf is not taken for an authority`() throws {
        var files = agent
        files.authority = agent.certificate
        #expect(error(files)?.description.contains("is not an authority's") == true)
    }

    @Test func `an authority that has expired is refused`() throws {
        let old = try TrustDomain(validity: TrustDomain.days(-20, -1))
        var files = agent
        files.authority = old.folder + "/ca.crt"
        #expect(error(files)?.description.contains("has expired") == true)
    }

    @Test func `the agent's certificate must be in date and for servers`() throws {
        #expect(
            error(try domain.issue(TrustDomain.agent(validity: TrustDomain.days(-9, -1))))?.reasons == [
                "it has expired"
            ]
        )
        #expect(error(try domain.issue(TrustDomain.worker()))?.description.contains("serverAuth") == true)
    }

    @Test func `a context whose certificate expired meanwhile makes no more connections`() throws {
        let validity = CertificateValidity(notBefore: TrustDomain.now - 100, notAfter: wallClock() + 2)
        let server = try ServerContext(files: domain.issue(TrustDomain.agent(validity: validity)))
        let sockets = try SocketPair()
        while wallClock() < validity.notAfter { usleep(50_000) }
        #expect(throws: TLSError.self) { _ = try server.connection(on: sockets.server) }
    }

    @Test func `a revocation list that is out of date, or a stranger's, is refused`() throws {
        var files = agent
        files.revocationList = try domain.revoke([], validity: TrustDomain.days(-9, -1))
        #expect(error(files)?.description.contains("out of date") == true)
        for stranger in [try TrustDomain("another authority"), try TrustDomain()] {
            files.revocationList = try stranger.revoke([])
            #expect(error(files)?.description.contains("signed by no authority") == true)
        }
    }

    @Test func `old and new authority are both accepted while they overlap`() throws {
        let next = try TrustDomain("next authority")
        var files = agent
        files.authority = try file(
            "both.crt",
            domain.text(of: agent.authority) + next.text(of: next.folder + "/ca.crt"),
            mode: 0o644
        )
        let server = try ServerContext(files: files)
        for owner in [domain, next] {
            var pair = try Pair(server, ClientContext(files: owner.issue(TrustDomain.worker(), trusting: domain)))
            let progress = pair.handshake()
            #expect(progress == (.done, .done))
        }
    }

    @Test func `a client notices that its own certificate is of no use`() throws {
        var request = try TrustDomain.worker()
        request.uris = []
        let anonymous = try domain.issue(request)
        #expect(throws: TLSError.self) { try ClientContext(files: anonymous) }
        #expect(throws: TLSError.self) { try ClientContext(files: agent) }
        let good = try ClientContext(files: domain.issue(TrustDomain.worker()))
        #expect(good.certificateSpiffeID == "spiffe://example.org/tenant/main/service/worker")
    }
}
