import Foundation
import Testing

@Suite("tacit certs") struct CertificateTests {
    private let workspace: Workspace
    private var folder: String { workspace.folder.path }

    init() throws { workspace = try Workspace() }

    private func certs(_ arguments: String...) throws -> Outcome {
        try Invocation(["certs"] + arguments, folder: folder).finish()
    }

    @Test("init makes an authority whose key is the owner's alone, and replaces none unasked")
    func authority() throws {
        #expect(try certs("init", "--trust-domain", "example.net").status == 0)
        #expect(try workspace.mode(of: "certs/ca.key") == 0o600)
        #expect(try workspace.mode(of: "certs/ca.crt") == 0o644)
        #expect(try workspace.mode(of: "certs") == 0o755)
        let again = try certs("init")
        #expect(again.status == 2)
        #expect(again.errors.contains("ca.crt"))
        #expect(try certs("init", "--force").status == 0)
    }

    @Test("issue makes a client's certificate, and a server's where it is given names")
    func leaves() throws {
        _ = try certs("init")
        let made = try certs("issue", "worker", "--identity", "spiffe://example.org/tenant/main/service/worker")
        #expect(made.status == 0)
        #expect(made.output.isEmpty)
        #expect(try workspace.mode(of: "certs/worker.key") == 0o600)
        _ = try certs(
            "issue",
            "agent",
            "--identity",
            "spiffe://example.org/agent",
            "--dns",
            "localhost",
            "--ip",
            "::1",
            "--days",
            "7"
        )
        let worker = try certs("show", "certs/worker.crt", "--json").list()
        #expect(worker.count == 1)
        #expect(worker[0]["spiffe_id"] as? String == "spiffe://example.org/tenant/main/service/worker")
        #expect(worker[0]["purposes"] as? [String] == ["client"])
        #expect(worker[0]["is_authority"] as? Bool == false)
        let agent = try certs("show", "certs/agent.crt", "--json").list()
        #expect(Set(agent[0]["purposes"] as? [String] ?? []) == ["client", "server"])
        #expect(agent[0]["dns_names"] as? [String] == ["localhost"])
        #expect(agent[0]["addresses"] as? [String] == ["::1"])
        #expect((6...7).contains(agent[0]["days_left"] as? Int ?? 0))
        let text = try certs("show", "certs/agent.crt").text
        #expect(text.contains("SPIFFE ID"))
        #expect(text.contains("spiffe://example.org/agent"))
    }

    @Test("issue ends with 2 and advice where it cannot")
    func refusals() throws {
        let orphan = try certs("issue", "worker", "--identity", "spiffe://example.org/x")
        #expect(orphan.status == 2)
        #expect(orphan.errors.contains("tacit certs init"))
        _ = try certs("init")
        for arguments in [
            ["issue", "worker", "--identity", "example.org/x"],
            ["issue", "ca", "--identity", "spiffe://example.org/x"],
            ["issue", "../x", "--identity", "spiffe://example.org/x"],
            ["issue", "worker"],
            ["issue", "worker", "--identity", "spiffe://example.org/x", "--ip", "nonsense"],
            ["issue", "worker", "--identity", "spiffe://example.org/x", "--days", "100000"],
        ] {
            let outcome = try Invocation(["certs"] + arguments, folder: folder).finish()
            #expect(outcome.status == 2)
            #expect(!outcome.errors.isEmpty)
        }
        _ = try certs("issue", "worker", "--identity", "spiffe://example.org/x")
        #expect(try certs("issue", "worker", "--identity", "spiffe://example.org/x").status == 2)
        #expect(try certs("issue", "worker", "--identity", "spiffe://example.org/x", "--force").status == 0)
    }

    @Test("revoke begins a list, and goes on with it")
    func revoke() throws {
        _ = try certs("init")
        _ = try certs("issue", "worker", "--identity", "spiffe://example.org/x")
        #expect(try certs("revoke", "certs/worker.crt").status == 0)
        let first = try String(contentsOfFile: workspace.path("certs/ca.crl"), encoding: .utf8)
        #expect(first.contains("BEGIN X509 CRL"))
        #expect(try certs("revoke").status == 0)
        #expect(try String(contentsOfFile: workspace.path("certs/ca.crl"), encoding: .utf8) != first)
        #expect(try certs("revoke", "--days", "0").status == 2)
    }

    @Test("show ends with 2 where there is no certificate")
    func notACertificate() throws {
        let file = try workspace.write("hello", to: "hello.txt")
        #expect(try certs("show", file).status == 2)
        #expect(try certs("show", "absent.crt").status == 2)
    }
}
