import Glibc
import OpenSSLHooks
import SecretMemory

@testable import TLS

/// A folder with an authority and what it issued; removed at the end.
final class TrustDomain: Sendable {
    static let now = wallClock()
    static let day: Int64 = 86_400

    let folder: String
    let authority: CertificateAuthority
    private let counter = Counter()

    init(_ name: String = "test authority", validity: CertificateValidity? = nil) throws {
        guard OpenSSLMemory.install() else { throw TLSError(operation: "installing the arena", reasons: []) }
        var template = Array("/tmp/tls-tests-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw TLSError(operation: "mkdtemp", reasons: []) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let long = CertificateValidity(notBefore: Self.now - 30 * Self.day, notAfter: Self.now + 365 * Self.day)
        authority = try .create(
            AuthorityRequest(trustDomain: "example.org", commonName: name, validity: validity ?? long)
        )
        try authority.save(certificate: folder + "/ca.crt", privateKey: folder + "/ca.key")
    }

    deinit {
        for name in entries() { unsafe unlink(folder + "/" + name) }
        unsafe rmdir(folder)
    }

    func entries() -> [String] {
        guard let listing = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    static func days(_ from: Int64, _ to: Int64) -> CertificateValidity {
        CertificateValidity(notBefore: now + from * day, notAfter: now + to * day)
    }

    static func worker() throws -> LeafRequest {
        try LeafRequest(spiffeID: "spiffe://example.org/tenant/main/service/worker", purposes: [.client])
    }

    static func agent(validity: CertificateValidity = .days(30)) throws -> LeafRequest {
        try LeafRequest(
            spiffeID: "spiffe://example.org/service/agent",
            dnsNames: ["localhost"],
            addresses: ["127.0.0.1", "::1"],
            purposes: [.server],
            validity: validity
        )
    }

    /// Issues a leaf and writes its files.
    func issue(_ request: LeafRequest, trusting other: TrustDomain? = nil) throws -> TLSFiles {
        let stem = "\(folder)/leaf\(counter.next())"
        let issued = try authority.issue(request)
        try issued.save(certificate: stem + ".crt", privateKey: stem + ".key")
        return TLSFiles(
            certificate: stem + ".crt",
            privateKey: stem + ".key",
            authority: (other ?? self).folder + "/ca.crt"
        )
    }

    /// Issues a revocation list over what the files' certificates say and returns its path.
    func revoke(_ files: [TLSFiles], validity: CertificateValidity = .days(7)) throws -> String {
        let path = "\(folder)/list\(counter.next()).crl"
        let serials = try files.map { try CertificateDescription.read($0.certificate)[0].serial }
        let list = try authority.revocationList(revoking: serials, validity: validity)
        try write(list, to: path)
        return path
    }

    func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        try AtomicFile.write(Array(text.utf8).span, to: path, mode: mode, replacing: true)
    }

    func text(of path: String) throws -> String {
        let file = try ProtectedFile.read(path, operation: "reading")
        return file.bytes.withBytes { bytes in
            var text: [UInt8] = []
            for index in bytes.indices { text.append(bytes[index]) }
            return String(decoding: text, as: UTF8.self)
        }
    }
}
