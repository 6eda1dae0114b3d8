internal import COpenSSL
internal import Glibc

/// Judges the certificates of clients: the chain, the dates, the purpose, revocation, and the one SPIFFE ID.
///
/// The signatures of a chain are checked once for each certificate, because that is the costly part and its outcome
/// cannot change while the authorities and lists stay the same (they do: a reload makes a new verifier). Dates are
/// checked each time. Purpose, SPIFFE ID and revocation follow from the certificate's own bytes and the lists, so
/// remembering a certificate that passed is the same as checking them again.
@safe
final class ClientVerifier: Sendable {
    /// The outcome for one certificate.
    enum Verdict {
        case accepted(VerifiedLeaf)
        case refused(HandshakeFailure, VerificationCode)
    }

    private let trust: TrustStore
    private let digest: OwnedHandle
    private let verified: VerifiedLeaves
    /// How long a chain may be, the client's certificate and the authority's not counted.
    static let intermediateLimit: CInt = 4
    /// OpenSSL's level 2: RSA and DH of 2048 bits, elliptic curves of 224 bits, no SHA-1.
    static let securityLevel: CInt = 2

    init(trust: consuming TrustStore, rememberedLeaves: Int) throws(TLSError) {
        digest = unsafe try OwnedHandle(
            EVP_MD_fetch(nil, "SHA256", nil),
            freedBy: EVP_MD_free,
            operation: "looking up SHA-256"
        )
        self.trust = trust
        verified = VerifiedLeaves(limit: rememberedLeaves)
    }

    /// `X509_STORE`, alive for as long as this verifier.
    @unsafe var store: OpaquePointer { unsafe trust.store.raw }
    var rememberedLeaves: Int { verified.count }
    var warnings: [String] { trust.warnings }
    /// When the revocation lists go out of date, in seconds since 1970; nil without lists.
    var revocationExpiry: Int64? { trust.revocationExpiry }

    /// Judges the certificate of a handshake.
    ///
    /// - Parameter context: the `X509_STORE_CTX` that OpenSSL made for it, with the client's purpose.
    func verify(_ context: OpaquePointer, now: Int64) -> Verdict {
        guard let leaf = unsafe X509_STORE_CTX_get0_cert(context),
            let fingerprint = unsafe CertificateReading.fingerprint(leaf, digest.raw)
        else { return .refused(HandshakeFailure(.other("no certificate to verify")), .unspecified) }
        if let known = verified[fingerprint] {
            return checkDates(of: known, now: now).map { unsafe refusal($0.0, $0.1, leaf) } ?? .accepted(known)
        }
        guard unsafe X509_verify_cert(context) == 1 else {
            ErrorQueue.clear()
            let code = unsafe VerificationCode(raw: X509_STORE_CTX_get_error(context))
            return unsafe refusal(code.reason, code.forAlert, leaf)
        }
        guard unsafe Purpose.client.isGranted(by: leaf) else {
            return unsafe refusal(.wrongPurpose, .wrongPurpose, leaf)
        }
        let uri: String
        switch unsafe CertificateReading.spiffeNames(leaf) {
        case .one(let name): uri = name
        case .none: return unsafe refusal(.noSpiffeID, .rejected, leaf)
        case .several: return unsafe refusal(.severalSpiffeIDs, .rejected, leaf)
        case .malformed: return unsafe refusal(.malformedSpiffeID, .rejected, leaf)
        }
        guard let known = unsafe remember(leaf, uri, fingerprint, chain: X509_STORE_CTX_get0_chain(context)) else {
            return unsafe refusal(.other("a date in the chain cannot be parsed"), .rejected, leaf)
        }
        return .accepted(known)
    }

    /// Judges a certificate again: of a resumed session, or of a connection that has been open for long.
    ///
    /// - Parameter untrusted: `STACK_OF(X509)` with the intermediate certificates that the client sent.
    func verify(_ leaf: OpaquePointer, untrusted: OpaquePointer?, now: Int64) -> Verdict {
        guard let context = unsafe X509_STORE_CTX_new() else {
            ErrorQueue.clear()
            return .refused(HandshakeFailure(.other("no memory to verify a certificate")), .unspecified)
        }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, store, leaf, untrusted) == 1,
            unsafe X509_STORE_CTX_set_default(context, "ssl_client") == 1
        else {
            ErrorQueue.clear()
            return .refused(HandshakeFailure(.other("no memory to verify a certificate")), .unspecified)
        }
        let parameters = unsafe X509_STORE_CTX_get0_param(context)
        unsafe X509_VERIFY_PARAM_set_depth(parameters, Self.intermediateLimit)
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, Self.securityLevel)
        return unsafe verify(context, now: now)
    }

    /// Seconds for which a session that this certificate opened may be resumed. OpenSSL still takes one that is
    /// exactly as old as its lifetime, so it is one second short of what is left.
    func sessionLifetime(_ leaf: VerifiedLeaf, now: Int64, limit: Int64) -> Int64 {
        max(0, min(limit, min(leaf.chainNotAfter, trust.revocationExpiry ?? .max) - now - 1))
    }

    private func checkDates(of leaf: VerifiedLeaf, now: Int64) -> (HandshakeFailure.Reason, VerificationCode)? {
        // The very second that a certificate names as its end is over, as it is for OpenSSL.
        if now >= leaf.chainNotAfter { return (.expired, .expired) }
        if now < leaf.chainNotBefore { return (.notYetValid, .notYetValid) }
        if let expiry = trust.revocationExpiry, now >= expiry { return (.revocationUnknown, .revocationListExpired) }
        return nil
    }

    private func remember(
        _ leaf: OpaquePointer,
        _ uri: String,
        _ fingerprint: Fingerprint,
        chain: OpaquePointer?
    ) -> VerifiedLeaf? {
        guard let dates = unsafe CertificateReading.validity(leaf) else { return nil }
        var first = dates.notBefore
        var last = dates.notAfter
        for index in 0..<max(0, unsafe OPENSSL_sk_num(chain)) {
            guard let entry = unsafe OPENSSL_sk_value(chain, index),
                let dates = unsafe CertificateReading.validity(OpaquePointer(entry))
            else { return nil }
            first = max(first, dates.notBefore)
            last = min(last, dates.notAfter)
        }
        let identity = unsafe PeerIdentity(
            uri: uri,
            notBefore: dates.notBefore,
            notAfter: dates.notAfter,
            serial: CertificateReading.serial(leaf),
            fingerprint: fingerprint
        )
        let known = VerifiedLeaf(identity: identity, chainNotBefore: first, chainNotAfter: last)
        verified.insert(known)
        return known
    }

    private func refusal(
        _ reason: HandshakeFailure.Reason,
        _ code: VerificationCode,
        _ leaf: OpaquePointer
    ) -> Verdict {
        .refused(HandshakeFailure(reason, certificate: unsafe RefusedCertificate(leaf)), code)
    }
}
