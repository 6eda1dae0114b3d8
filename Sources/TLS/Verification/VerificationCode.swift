internal import COpenSSL

/// OpenSSL's outcome of a verification (`X509_V_...`): it decides which alert the peer gets.
struct VerificationCode: Equatable {
    let raw: CInt

    static let expired = VerificationCode(raw: CInt(X509_V_ERR_CERT_HAS_EXPIRED))
    static let notYetValid = VerificationCode(raw: CInt(X509_V_ERR_CERT_NOT_YET_VALID))
    static let revocationListExpired = VerificationCode(raw: CInt(X509_V_ERR_CRL_HAS_EXPIRED))
    /// Alert unsupported_certificate.
    static let wrongPurpose = VerificationCode(raw: CInt(X509_V_ERR_INVALID_PURPOSE))
    /// Alert bad_certificate.
    static let rejected = VerificationCode(raw: CInt(X509_V_ERR_CERT_REJECTED))
    /// Alert unknown_ca.
    static let unknownAuthority = VerificationCode(raw: CInt(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY))
    /// Alert bad_certificate.
    static let unexpectedName = VerificationCode(raw: CInt(X509_V_ERR_HOSTNAME_MISMATCH))
    /// Alert internal_error.
    static let unspecified = VerificationCode(raw: CInt(X509_V_ERR_UNSPECIFIED))

    /// What a failed `X509_verify_cert` means for us.
    var reason: HandshakeFailure.Reason {
        switch raw {
        case CInt(X509_V_ERR_CERT_HAS_EXPIRED): .expired
        case CInt(X509_V_ERR_CERT_NOT_YET_VALID): .notYetValid
        case CInt(X509_V_ERR_CERT_REVOKED): .revoked
        case CInt(X509_V_ERR_INVALID_PURPOSE): .wrongPurpose
        case CInt(X509_V_ERR_HOSTNAME_MISMATCH), CInt(X509_V_ERR_IP_ADDRESS_MISMATCH): .unexpectedServer
        case CInt(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT), CInt(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY),
            CInt(X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE), CInt(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN),
            CInt(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT), CInt(X509_V_ERR_CERT_SIGNATURE_FAILURE),
            CInt(X509_V_ERR_CERT_UNTRUSTED), CInt(X509_V_ERR_INVALID_CA), CInt(X509_V_ERR_CERT_CHAIN_TOO_LONG),
            CInt(X509_V_ERR_PATH_LENGTH_EXCEEDED):
            .unknownAuthority
        case CInt(X509_V_ERR_UNABLE_TO_GET_CRL), CInt(X509_V_ERR_CRL_HAS_EXPIRED), CInt(X509_V_ERR_CRL_NOT_YET_VALID),
            CInt(X509_V_ERR_CRL_SIGNATURE_FAILURE):
            .revocationUnknown
        case CInt(X509_V_ERR_EE_KEY_TOO_SMALL), CInt(X509_V_ERR_CA_KEY_TOO_SMALL), CInt(X509_V_ERR_CA_MD_TOO_WEAK):
            .weakCryptography
        default: .other(text)
        }
    }

    /// The code that makes OpenSSL send the alert which fits. A chain whose signature fails was issued by another
    /// authority of the same name; the alert for it is unknown_ca and not decrypt_error.
    var forAlert: VerificationCode { reason == .unknownAuthority ? .unknownAuthority : self }

    private var text: String {
        guard let text = unsafe X509_verify_cert_error_string(Int(raw)) else { return "verification error \(raw)" }
        return unsafe String(cString: text)
    }
}
