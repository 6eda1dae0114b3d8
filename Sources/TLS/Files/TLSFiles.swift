/// Where a side's certificates and key lie. PEM throughout; the revocation list may be DER.
package struct TLSFiles: Sendable, Equatable {
    /// The side's own certificate, followed by the intermediate ones that lead to the authority.
    package var certificate: String
    /// The key to it, not encrypted.
    package var privateKey: String
    /// The authorities whose certificates are accepted from the other side; each is trusted in its own right.
    package var authority: String
    /// Revocation lists of those authorities. With it, a certificate whose issuer's list is missing or out of date is
    /// refused.
    package var revocationList: String?

    package init(certificate: String, privateKey: String, authority: String, revocationList: String? = nil) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.authority = authority
        self.revocationList = revocationList
    }
}
