import COpenSSL
import Testing

@testable import TLS

@Suite("Kinds of keys")
struct KeyKindTests {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case p256, p384, p521, ed25519, rsa2048
        /// Below what is accepted.
        case rsa1024, p192
        /// Sound, but not among the kinds that the server can parse.
        case ed448

        var testDescription: String { rawValue }

        func make() throws -> OwnedHandle {
            let (type, curve): (CInt, CInt?) =
                switch self {
                case .p256: (EVP_PKEY_EC, NID_X9_62_prime256v1)
                case .p384: (EVP_PKEY_EC, NID_secp384r1)
                case .p521: (EVP_PKEY_EC, NID_secp521r1)
                case .p192: (EVP_PKEY_EC, NID_X9_62_prime192v1)
                case .ed25519: (EVP_PKEY_ED25519, nil)
                case .ed448: (EVP_PKEY_ED448, nil)
                case .rsa2048, .rsa1024: (EVP_PKEY_RSA, nil)
                }
            let context = unsafe try OwnedHandle(
                EVP_PKEY_CTX_new_id(type, nil),
                freedBy: EVP_PKEY_CTX_free,
                operation: "making a key"
            )
            unsafe EVP_PKEY_keygen_init(context.raw)
            if let curve { unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.raw, curve) }
            if type == EVP_PKEY_RSA {
                unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context.raw, self == .rsa1024 ? 1024 : 2048)
            }
            var key: OpaquePointer?
            unsafe EVP_PKEY_keygen(context.raw, &key)
            return unsafe try OwnedHandle(key, freedBy: EVP_PKEY_free, operation: "making a key")
        }
    }

    private let domain: TrustDomain

    init() throws { domain = try TrustDomain() }

    private func issue(_ request: LeafRequest, _ kind: Kind) throws -> TLSFiles {
        let stem = domain.folder + "/" + kind.rawValue
        let issued = try domain.authority.issue(request, for: kind.make())
        try issued.save(certificate: stem + ".crt", privateKey: stem + ".key")
        return TLSFiles(certificate: stem + ".crt", privateKey: stem + ".key", authority: domain.folder + "/ca.crt")
    }

    @Test("a client's and a server's key may be", arguments: [Kind.p256, .p384, .p521, .ed25519, .rsa2048])
    func accepted(kind: Kind) throws {
        let request = try LeafRequest(spiffeID: "spiffe://example.org/both", purposes: [.client, .server])
        let files = try issue(request, kind)
        let server = try ServerContext(files: files)
        let client = try ClientContext(files: files)
        for resumes in [false, true] {
            var pair = try Pair(server, client)
            let progress = pair.handshake()
            #expect(progress == (.done, .done))
            _ = pair.clientReads()
            let resumed = pair.server.wasResumed
            #expect(resumed == resumes)
        }
    }

    @Test func `the server parses keys in its own library context, where OpenSSL is configured as usual`() {
        #expect(unsafe HandshakeLibrary.context != nil)
    }

    @Test("a client's key may not be", arguments: [Kind.p192, .rsa1024, .ed448])
    func refused(kind: Kind) throws {
        let server = try ServerContext(files: domain.issue(TrustDomain.agent()))
        let files = try issue(TrustDomain.worker(), kind)
        guard let client = try? ClientContext(files: files) else { return }  // OpenSSL itself may refuse to use it
        var pair = try Pair(server, client)
        let progress = pair.handshake()
        #expect(progress.server != .done)
    }
}
