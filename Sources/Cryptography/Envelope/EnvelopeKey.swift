internal import COpenSSL
internal import SecretMemory

/// A configured secret and what is derived from it.
struct EnvelopeKey: Sendable {
    let secret: SharedSecret
    let identifier: KeyIdentifier

    init(_ secret: SharedSecret) throws(EnvelopeError) {
        self.secret = secret
        let derived = try Self.derive(from: secret, salt: [], info: Array("SAE1 key-id".utf8), byteCount: 8)
        identifier = KeyIdentifier(derived.bytes)
    }

    /// The key of one envelope.
    func encryptionKey(salt: [UInt8]) throws(EnvelopeError) -> SecretBytes {
        try Self.derive(from: secret, salt: salt, info: info("SAE1 encrypt"), byteCount: 32)
    }

    /// What proves that an envelope was sealed under this secret and no other.
    func commitment(salt: [UInt8]) throws(EnvelopeError) -> SecretBytes {
        try Self.derive(from: secret, salt: salt, info: info("SAE1 commit"), byteCount: 32)
    }

    private func info(_ label: String) -> [UInt8] {
        Array(label.utf8) + [EnvelopeLayout.suite] + identifier.bytes
    }

    /// Derived bytes, in locked memory from the first one on.
    private static func derive(
        from secret: SharedSecret,
        salt: [UInt8],
        info: [UInt8],
        byteCount: Int
    ) throws(EnvelopeError) -> SecretBytes {
        var failure: CryptographyError?
        let derived: SecretBytes
        do throws(MemoryError) {
            derived = try SecretBytes(capacity: byteCount, account: .general) { output in
                unsafe output.withUnsafeMutableBufferPointer { buffer, count in
                    do throws(CryptographyError) {
                        try unsafe secret.value.withUnsafeBytes { (secret) throws(CryptographyError) in
                            try unsafe HKDF.derive(from: secret, salt: salt, info: info, into: buffer)
                        }
                        count = byteCount
                    } catch {
                        failure = error
                    }
                }
            }
        } catch {
            throw .memory(error)
        }
        if let failure { throw .library(failure) }
        return derived
    }
}
