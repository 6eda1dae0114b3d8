package import SecretMemory

/// A certificate and the private key to it, which exists nowhere else yet.
package struct IssuedCertificate: ~Copyable {
    /// PEM.
    package let certificate: String
    /// PEM (PKCS #8, not encrypted), in locked memory.
    package let privateKey: SecretBytes

    /// Writes both files: the key with mode 0600, the certificate with mode 0644. Each appears whole or not at all.
    ///
    /// - Parameter replacing: whether existing files may be replaced.
    /// - Throws: where a file exists already and may not be replaced, or cannot be written.
    package borrowing func save(certificate path: String, privateKey keyPath: String, replacing: Bool = false)
        throws(TLSError)
    {
        if !replacing {
            // Found out before anything is written, so that no new key is left beside an old certificate.
            for path in [path, keyPath] { try AtomicFile.requireAbsence(of: path) }
        }
        try AtomicFile.write(privateKey.bytes, to: keyPath, mode: 0o600, replacing: replacing)
        try AtomicFile.write(Array(certificate.utf8).span, to: path, mode: 0o644, replacing: replacing)
    }
}
