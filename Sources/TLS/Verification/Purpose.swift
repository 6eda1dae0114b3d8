internal import COpenSSL

/// What a leaf certificate may be used for, by its extended key usage.
package enum Purpose: String, Sendable, CaseIterable {
    case client
    case server

    /// Whether a certificate says so itself. OpenSSL alone would take a certificate without any extended key usage
    /// for every purpose, and an authority's certificate for a leaf.
    @unsafe
    func isGranted(by certificate: OpaquePointer) -> Bool {
        let flags = unsafe X509_get_extension_flags(certificate)
        guard flags & UInt32(EXFLAG_INVALID) == 0, flags & UInt32(EXFLAG_CA) == 0 else { return false }
        guard flags & UInt32(EXFLAG_XKUSAGE) != 0 else { return false }
        let wanted = self == .client ? UInt32(XKU_SSL_CLIENT) : UInt32(XKU_SSL_SERVER)
        return unsafe X509_get_extended_key_usage(certificate) & wanted != 0
    }
}
