/// Who a client is, as its certificate says.
package struct PeerIdentity: Sendable, Equatable {
    /// The certificate's SPIFFE ID.
    package let uri: String
    /// When the certificate's validity begins, in seconds since 1970.
    package let notBefore: Int64
    /// When it ends, in seconds since 1970. A connection should not outlive it.
    package let notAfter: Int64
    /// The serial number in lower-case hexadecimal digits.
    package let serial: String
    /// The certificate's SHA-256.
    package let fingerprint: Fingerprint
}
