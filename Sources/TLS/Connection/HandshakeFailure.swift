internal import COpenSSL

/// Why a handshake did not succeed, or why a certificate is no longer accepted.
package struct HandshakeFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// The peer's certificate, or one of its chain, has expired.
        case expired
        case notYetValid
        /// The chain ends at no authority that is trusted here.
        case unknownAuthority
        case revoked
        /// There is no valid revocation list to ask, and one is configured.
        case revocationUnknown
        case noSpiffeID
        case severalSpiffeIDs
        case malformedSpiffeID
        /// The certificate is not for the part that the peer plays.
        case wrongPurpose
        /// A key or signature of the chain is too weak.
        case weakCryptography
        /// The peer sent no certificate.
        case noCertificate
        /// The server's certificate is for another name, or another identity, than was expected.
        case unexpectedServer
        /// The peer does not offer `tacit/1`.
        case noProtocol
        /// The peer speaks no TLS 1.3.
        case protocolVersion
        /// What came is no TLS.
        case notTLS
        /// The peer hung up.
        case closed
        /// The peer refused us.
        case refused(Alert)
        /// There was no locked memory left for the handshake.
        case noMemory
        case other(String)

        /// One word for metrics and audit, from a closed set.
        package var name: String {
            switch self {
            case .expired: "expired"
            case .notYetValid: "not_yet_valid"
            case .unknownAuthority: "unknown_authority"
            case .revoked: "revoked"
            case .revocationUnknown: "revocation_unknown"
            case .noSpiffeID: "no_spiffe_id"
            case .severalSpiffeIDs: "several_spiffe_ids"
            case .malformedSpiffeID: "malformed_spiffe_id"
            case .wrongPurpose: "wrong_purpose"
            case .weakCryptography: "weak_cryptography"
            case .noCertificate: "no_certificate"
            case .unexpectedServer: "unexpected_server"
            case .noProtocol: "no_protocol"
            case .protocolVersion: "protocol_version"
            case .notTLS: "not_tls"
            case .closed: "closed"
            case .refused: "refused_by_peer"
            case .noMemory: "no_memory"
            case .other: "other"
            }
        }
    }

    package let reason: Reason
    /// The certificate that was refused, where there is one.
    package let certificate: RefusedCertificate?

    package init(_ reason: Reason, certificate: RefusedCertificate? = nil) {
        self.reason = reason
        self.certificate = certificate
    }

    package var description: String {
        let text =
            switch reason {
            case .expired: "the peer's certificate has expired"
            case .notYetValid: "the peer's certificate is not valid yet"
            case .unknownAuthority: "the peer's certificate was issued by no authority that is trusted here"
            case .revoked: "the peer's certificate has been revoked"
            case .revocationUnknown: "no current revocation list covers the peer's certificate"
            case .noSpiffeID: "the peer's certificate has no SPIFFE ID"
            case .severalSpiffeIDs: "the peer's certificate has more than one URI name"
            case .malformedSpiffeID: "the URI name of the peer's certificate is not a SPIFFE ID"
            case .wrongPurpose: "the extended key usage of the peer's certificate does not name the part it plays"
            case .weakCryptography: "a key or signature in the peer's chain is too weak"
            case .noCertificate: "the peer sent no certificate"
            case .unexpectedServer: "the server's certificate is not that of the expected server"
            case .noProtocol: "the peer does not speak tacit/1"
            case .protocolVersion: "the peer does not speak TLS 1.3"
            case .notTLS: "the peer does not speak TLS"
            case .closed: "the peer closed the connection during the handshake"
            case .refused(let alert): "the peer refused the handshake: \(alert)"
            case .noMemory: "there is no locked memory left for a handshake"
            case .other(let text): "the handshake failed: \(text)"
            }
        guard let certificate else { return text }
        return "\(text) (\(certificate))"
    }
}

/// The little of a refused certificate that an operator needs to find it. None of it was verified, so it names
/// nobody.
package struct RefusedCertificate: Equatable, Sendable, CustomStringConvertible {
    /// The subject on one line, at most 512 bytes; control characters are escaped.
    package let subject: String
    /// The serial number in hexadecimal digits.
    package let serial: String
    /// The SPIFFE ID, where there is exactly one.
    package let uri: String?

    init(_ certificate: OpaquePointer) {
        subject = unsafe TLS.subject(certificate)
        serial = unsafe String(CertificateReading.serial(certificate).prefix(64))
        uri = if case .one(let name) = unsafe CertificateReading.spiffeNames(certificate) { name } else { nil }
    }

    package var description: String { "\(uri ?? subject), serial \(serial)" }
}
