import Foundation
import OpenSSLHooks

@testable import TLS

/// An authority and what it issues.
final class Domain: Sendable {
    static let main = "spiffe://example.org/tenant/main/service"
    static let worker = main + "/worker"
    static let executor = main + "/executor"
    static let operatorIdentity = "spiffe://example.org/operator/tests"

    let workspace: Workspace
    private let authority: CertificateAuthority

    init(_ name: String = "authority of tests", in workspace: Workspace) throws {
        OpenSSLMemory.install()
        self.workspace = workspace
        authority = try .create(
            AuthorityRequest(trustDomain: "example.org", commonName: name, validity: Self.days(-30, 300))
        )
        try workspace.write(authority.certificatePEM(), to: "\(name).crt")
        certificate = workspace.path("\(name).crt")
    }

    /// Path of the authority's certificate.
    let certificate: String

    static func days(_ from: Int64, _ to: Int64) -> CertificateValidity {
        let now = Int64(time(nil))
        return CertificateValidity(notBefore: now + from * 86_400, notAfter: now + to * 86_400)
    }

    static func client(_ identity: String, validity: CertificateValidity = .days(30)) throws -> LeafRequest {
        try LeafRequest(spiffeID: identity, purposes: [.client], validity: validity)
    }

    /// Issues a certificate and writes its files, in the place of those that have the name already.
    ///
    /// - Parameter other: whose certificates its holder trusts, where that is not this authority.
    @discardableResult
    func issue(_ request: LeafRequest, as name: String, trusting other: Domain? = nil) throws -> TLSFiles {
        let files = TLSFiles(
            certificate: workspace.path("\(name).crt"),
            privateKey: workspace.path("\(name).key"),
            authority: (other ?? self).certificate
        )
        try authority.issue(request).save(certificate: files.certificate, privateKey: files.privateKey, replacing: true)
        return files
    }

    @discardableResult
    func issueAgent(as name: String = "agent") throws -> TLSFiles {
        let request = try LeafRequest(
            spiffeID: "spiffe://example.org/service/agent",
            addresses: ["127.0.0.1"],
            purposes: [.server]
        )
        return try issue(request, as: name)
    }

    /// Issues a client's certificate.
    func client(_ identity: String, as name: String = "client") throws -> TLSFiles {
        try issue(Self.client(identity), as: name)
    }

    /// Writes a revocation list over what the files' certificates say, and returns its path.
    @discardableResult
    func revoke(_ files: [TLSFiles], in name: String = "list.crl") throws -> String {
        let serials = try files.map { try CertificateDescription.read($0.certificate)[0].serial }
        try workspace.write(authority.revocationList(revoking: serials), to: name)
        return workspace.path(name)
    }
}
