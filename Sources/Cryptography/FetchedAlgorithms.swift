internal import COpenSSL
internal import OpenSSLHooks

/// Algorithms fetched once for the whole process, because a fetch by name takes longer than most of the work done with it.
///
/// Sound because the library's algorithm objects are immutable and counted, and these are never given back.
enum FetchedAlgorithms {
    nonisolated(unsafe) private static let fetchedSHA256 = unsafe fetched { unsafe EVP_MD_fetch(nil, "SHA256", nil) }
    nonisolated(unsafe) private static let fetchedHKDF = unsafe fetched { unsafe EVP_KDF_fetch(nil, "HKDF", nil) }
    nonisolated(unsafe) private static let fetchedGCM = unsafe fetched {
        unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)
    }

    /// `EVP_MD *`
    static func sha256() throws(CryptographyError) -> OpaquePointer {
        guard let algorithm = unsafe fetchedSHA256 else { throw .unavailable(algorithm: "SHA256") }
        return unsafe algorithm
    }

    /// `EVP_KDF *`
    static func hkdf() throws(CryptographyError) -> OpaquePointer {
        guard let algorithm = unsafe fetchedHKDF else { throw .unavailable(algorithm: "HKDF") }
        return unsafe algorithm
    }

    /// `EVP_CIPHER *`
    static func aes256GCM() throws(CryptographyError) -> OpaquePointer {
        guard let algorithm = unsafe fetchedGCM else { throw .unavailable(algorithm: "AES-256-GCM") }
        return unsafe algorithm
    }

    private static func fetched(_ fetch: () -> OpaquePointer?) -> OpaquePointer? {
        // Whoever is first in a process to use the library must give it locked memory.
        OpenSSLMemory.install()
        return unsafe fetch()
    }
}
