package import SecretMemory

/// Why a value could not be sealed or opened. None carries a byte of key or value.
package enum EnvelopeError: Error, Equatable, Sendable {
    /// Not an envelope, or one of a newer format.
    case malformed
    /// Sealed under a secret that is not in the keyring.
    case unknownKey(KeyIdentifier)
    /// The identifier names one of our secrets, but the envelope was not sealed under it: its header was altered.
    case keyMismatch
    /// Sealed for another tenant, namespace, key or version, or altered.
    case tampered
    /// The value is larger than an envelope may hold, in bytes.
    case tooLarge(limit: Int)
    /// There was no locked memory for the key or the value.
    case memory(MemoryError)
    /// The cryptographic library failed.
    case library(CryptographyError)
}
