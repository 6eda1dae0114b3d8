import Foundation
import Testing

@testable import TLS

@Suite("Certificate authority")
struct AuthorityTests {
    private let domain: TrustDomain

    init() throws { domain = try TrustDomain() }

    @Test func `a leaf says what was asked for`() throws {
        let request = try LeafRequest(
            spiffeID: "spiffe://example.org/service/agent",
            dnsNames: ["localhost", "agent.example.org"],
            addresses: ["127.0.0.1", "::1"],
            purposes: [.server, .client],
            validity: .days(90)
        )
        let all = try CertificateDescription.read(domain.issue(request).certificate)
        #expect(all.count == 1)
        let leaf = all[0]
        #expect(leaf.subject == "CN = agent")
        #expect(leaf.issuer == "CN = test authority")
        #expect(leaf.spiffeID == "spiffe://example.org/service/agent")
        #expect(leaf.uris == ["spiffe://example.org/service/agent"])
        #expect(leaf.dnsNames == ["localhost", "agent.example.org"])
        #expect(leaf.addresses == ["127.0.0.1", "::1"])
        #expect(leaf.purposes == ["client", "server"])
        #expect(!leaf.isAuthority)
        #expect((89...90).contains(leaf.daysLeft))
        #expect(leaf.serial.count == 32)
        #expect(leaf.sha256.count == 64)
        #expect(leaf.key == "EC prime256v1")
        #expect(leaf.description.contains("SPIFFE ID   spiffe://example.org/service/agent"))
    }

    @Test func `the authority describes itself and encodes as JSON`() throws {
        let authority = try CertificateDescription.read(domain.folder + "/ca.crt")[0]
        #expect(authority.isAuthority)
        #expect(authority.purposes.isEmpty)
        #expect(authority.uris == ["spiffe://example.org"])
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(authority)) as? [String: Any]
        #expect(object?["subject"] as? String == "CN = test authority")
        #expect(object?["isAuthority"] as? Bool == true)
    }

    @Test func `an authority comes back from its files and issues what the first one's clients accept`() throws {
        let again = try CertificateAuthority.load(
            certificate: domain.folder + "/ca.crt",
            privateKey: domain.folder + "/ca.key"
        )
        let issued = try again.issue(TrustDomain.worker())
        let path = domain.folder + "/again"
        try issued.save(certificate: path + ".crt", privateKey: path + ".key")
        let server = try ServerContext(files: domain.issue(TrustDomain.agent()))
        let files = TLSFiles(
            certificate: path + ".crt",
            privateKey: path + ".key",
            authority: domain.folder + "/ca.crt"
        )
        var pair = try Pair(server, ClientContext(files: files))
        let progress = pair.handshake()
        #expect(progress == (.done, .done))
    }

    @Test func `a leaf cannot issue`() throws {
        let leaf = try domain.issue(TrustDomain.worker())
        do {
            _ = try CertificateAuthority.load(certificate: leaf.certificate, privateKey: leaf.privateKey)
            Issue.record("a leaf was taken for an authority")
        } catch {
            #expect(error.reasons == ["it is not an authority's"])
        }
    }

    @Test func `a leaf does not outlive its authority`() throws {
        let request = try LeafRequest(
            spiffeID: "spiffe://example.org/x",
            purposes: [.client],
            validity: TrustDomain.days(0, 400)
        )
        do {
            _ = try domain.authority.issue(request)
            Issue.record("a leaf outlives its authority")
        } catch {
            #expect(error.advice?.contains("fewer days") == true)
        }
    }

    @Test func `key files are private from the first moment and nothing is overwritten unasked`() throws {
        let files = try domain.issue(TrustDomain.worker())
        let mode = try FileManager.default.attributesOfItem(atPath: files.privateKey)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let before = try domain.text(of: files.certificate)
        let other = try domain.authority.issue(TrustDomain.worker())
        do {
            try other.save(certificate: files.certificate, privateKey: files.privateKey)
            Issue.record("files were overwritten")
        } catch {
            #expect(error.description.contains("exists"))
        }
        #expect(try domain.text(of: files.certificate) == before)
        try other.save(certificate: files.certificate, privateKey: files.privateKey, replacing: true)
        #expect(try domain.text(of: files.certificate) == other.certificate)
        #expect(!domain.entries().contains { $0.hasSuffix(".new") })
    }

    @Test(
        "requests that make no sense are refused",
        arguments: [
            ("spiffe://example.org", ["localhost"], ["127.0.0.1"]), ("https://example.org/a", [], []),
            ("spiffe://example.org/a", ["a b"], []), ("spiffe://example.org/a", ["-a"], []),
            ("spiffe://example.org/a", ["a..b"], []),
            ("spiffe://example.org/a", ["a,URI:spiffe://example.org/b"], []),
            ("spiffe://example.org/a", [], ["1.2.3"]),
        ]
    )
    func refused(id: String, names: [String], addresses: [String]) {
        #expect(throws: TLSError.self) {
            try LeafRequest(spiffeID: id, dnsNames: names, addresses: addresses, purposes: [.client])
        }
    }

    @Test func `no purpose, no time and too much of it are refused`() {
        let id = "spiffe://example.org/a"
        #expect(throws: TLSError.self) { try LeafRequest(spiffeID: id, purposes: []) }
        #expect(throws: TLSError.self) { try LeafRequest(spiffeID: id, purposes: [.client], validity: .days(826)) }
        #expect(throws: TLSError.self) {
            try LeafRequest(spiffeID: id, purposes: [.client], validity: TrustDomain.days(1, 1))
        }
        #expect(throws: TLSError.self) { try AuthorityRequest(trustDomain: "Example.org") }
        #expect(throws: TLSError.self) { try AuthorityRequest(trustDomain: "example.org", validity: .days(3651)) }
    }

    @Test func `a revocation list takes over the entries before it and counts up`() throws {
        let first = try domain.issue(TrustDomain.worker())
        let second = try domain.issue(TrustDomain.worker())
        let old = try domain.revoke([first])
        let serial = try CertificateDescription.read(second.certificate)[0].serial
        let list = try domain.authority.revocationList(revoking: [serial, serial], after: old)
        let path = domain.folder + "/next.crl"
        try domain.write(list, to: path)
        var files = try domain.issue(TrustDomain.agent())
        files.revocationList = path
        let server = try ServerContext(files: files)
        for revoked in [first, second] {
            var pair = try Pair(server, ClientContext(files: revoked))
            let progress = pair.handshake()
            #expect(progress.server.reason == .revoked)
        }
        var pair = try Pair(server, ClientContext(files: domain.issue(TrustDomain.worker())))
        let progress = pair.handshake()
        #expect(progress.server == .done)
    }

    @Test(
        "serial numbers that are none are refused",
        arguments: ["", "0", "xyz", String(repeating: "f", count: 41), "12 34"]
    )
    func serials(text: String) {
        #expect(throws: TLSError.self) { try domain.authority.revocationList(revoking: [text]) }
    }

    @Test func `dates are told in UTC`() {
        #expect(Timestamp.text(0) == "1970-01-01T00:00:00Z")
        #expect(Timestamp.text(-1) == "1969-12-31T23:59:59Z")
        #expect(Timestamp.text(951_782_400) == "2000-02-29T00:00:00Z")
        #expect(Timestamp.text(4_107_542_399) == "2100-02-28T23:59:59Z")
        #expect(Timestamp.text(4_107_542_400) == "2100-03-01T00:00:00Z")
        #expect(Timestamp.text(1_772_366_405) == "2026-03-01T12:00:05Z")
    }
}
