/// When a certificate, or a revocation list, is valid. Seconds since 1970.
package struct CertificateValidity: Sendable, Equatable {
    package var notBefore: Int64
    package var notAfter: Int64

    package init(notBefore: Int64, notAfter: Int64) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// From five minutes ago, for peers whose clock is a little behind, to this many days from now.
    package static func days(_ days: Int, now: Int64? = nil) -> CertificateValidity {
        let start = now ?? wallClock()
        return CertificateValidity(notBefore: start - 300, notAfter: start + Int64(days) * 86_400)
    }
}
