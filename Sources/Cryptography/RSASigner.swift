internal import COpenSSL
internal import OpenSSLHooks
package import SecretMemory

/// An RSA private key that signs with RSASSA-PKCS1-v1_5 and SHA-256 (`RS256` of RFC 7518).
///
/// The key object is OpenSSL's, and so in the arena; it is wiped when the last owner of the signer lets go.
@safe
// Sound: OpenSSL only reads the key, and each signature has a context of its own.
package final class RSASigner: @unchecked Sendable {
    /// Fewer bits than this are no protection any more.
    package static let minimumBits = 2048
    /// Most bytes of PEM that are looked at; the longest usable key has about 13,000.
    package static let maximumPEMBytes = 32 << 10

    /// Why a text is no key to sign with. Never carries a byte of it.
    package enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        /// It has more than ``RSASigner/maximumPEMBytes`` bytes.
        case tooLong
        /// It is no PEM, encrypted, or damaged.
        case unreadable
        /// It is a key of another kind.
        case notRSA
        /// It has fewer than ``RSASigner/minimumBits`` bits.
        case tooShort(bits: Int)

        package var description: String {
            switch self {
            case .tooLong: "has more than \(RSASigner.maximumPEMBytes) bytes"
            case .unreadable: "is no private key in PEM (BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY), or is encrypted"
            case .notRSA: "is no RSA key"
            case .tooShort(let bits): "has \(bits) bits; at least \(RSASigner.minimumBits) are needed"
            }
        }
    }

    /// `EVP_PKEY *`
    private let key: OpaquePointer

    /// Reads a key: PKCS#8 or PKCS#1 in PEM. What surrounds it is skipped.
    package init(pem: Span<UInt8>) throws(Refusal) {
        guard pem.count <= Self.maximumPEMBytes else { throw .tooLong }
        // Whoever is first in a process to use the library must give it locked memory.
        OpenSSLMemory.install()
        // The library decodes on the stack.
        defer { Hardening.scrubStack() }
        let parsed = unsafe pem.withUnsafeBufferPointer { unsafe Self.parse($0) }
        guard let key = unsafe parsed else { throw .unreadable }
        let fault: Refusal? =
            if unsafe EVP_PKEY_is_a(key, "RSA") != 1 {
                .notRSA
            } else if case let bits = unsafe Int(EVP_PKEY_get_bits(key)), bits < Self.minimumBits {
                .tooShort(bits: bits)
            } else {
                nil
            }
        if let fault {
            unsafe EVP_PKEY_free(key)
            throw fault
        }
        unsafe self.key = key
    }

    private static func parse(_ pem: UnsafeBufferPointer<UInt8>) -> OpaquePointer? {
        // A reader over the caller's bytes, which copies nothing.
        guard !pem.isEmpty, let reader = unsafe BIO_new_mem_buf(pem.baseAddress, CInt(pem.count)) else { return nil }
        defer {
            unsafe BIO_free_all(reader)
            ERR_clear_error()
        }
        // Without the callback, OpenSSL would ask at the terminal for the passphrase of an encrypted key.
        return unsafe PEM_read_bio_PrivateKey(reader, nil, { _, _, _, _ in -1 }, nil)
    }

    /// Bytes of a signature.
    package var signatureBytes: Int { unsafe Int(EVP_PKEY_get_size(key)) }

    /// The signature of `message`. A signed statement is a credential in itself, so it does not leave locked memory.
    package func sign(
        _ message: Span<UInt8>,
        account: MemoryAccount = .http
    ) throws(CryptographyError) -> SecretBytes {
        guard let context = unsafe EVP_MD_CTX_new() else { throw .draining("EVP_MD_CTX_new") }
        defer { unsafe EVP_MD_CTX_free(context) }
        let digest = unsafe try FetchedAlgorithms.sha256()
        // The library's arithmetic has parts of the key on the stack and in vector registers.
        defer { Hardening.scrubStack() }
        guard unsafe EVP_DigestSignInit(context, nil, digest, nil, key) == 1 else {
            throw .draining("EVP_DigestSignInit")
        }
        let room = signatureBytes
        var isSigned = false
        let signature: SecretBytes
        do throws(MemoryError) {
            signature = try SecretBytes(capacity: room, account: account) { output in
                unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                    var count = room
                    isSigned = unsafe message.withUnsafeBufferPointer { message in
                        unsafe EVP_DigestSign(context, buffer.baseAddress, &count, message.baseAddress, message.count)
                            == 1
                    }
                    initialized = isSigned ? count : 0
                }
            }
        } catch {
            throw .failed(operation: "EVP_DigestSign", reasons: ["no locked memory for it"])
        }
        guard isSigned else { throw .draining("EVP_DigestSign") }
        return signature
    }

    deinit { unsafe EVP_PKEY_free(key) }
}
