internal import COpenSSL
internal import SecretMemory

/// AES-256-GCM with a 12-byte nonce and a 16-byte tag. The library's contexts live in its own memory hooks, which point at
/// the arena, and are wiped by it.
enum AESGCM {
    /// Writes ciphertext and tag over the last `value.count + 16` bytes of `envelope`.
    static func encrypt(
        _ value: Span<UInt8>,
        key: borrowing SecretBytes,
        nonce: [UInt8],
        authenticated: [UInt8],
        into envelope: inout [UInt8]
    ) throws(CryptographyError) {
        precondition(nonce.count == 12 && key.count == 32, "the sizes of AES-256-GCM")
        let context = try CipherContext(encryptingWith: key, nonce: nonce)
        let first = envelope.count - value.count - EnvelopeLayout.tagBytes
        try unsafe envelope.withUnsafeMutableBufferPointer { (envelope) throws(CryptographyError) in
            try unsafe value.withUnsafeBufferPointer { (value) throws(CryptographyError) in
                guard let base = envelope.baseAddress else { throw .draining("EVP_EncryptUpdate") }
                let output = unsafe base + first
                var written: CInt = 0
                // An empty value has no address that could be handed over.
                guard
                    unsafe EVP_EncryptUpdate(context.raw, nil, &written, authenticated, CInt(authenticated.count)) == 1,
                    unsafe value.isEmpty
                        || EVP_EncryptUpdate(context.raw, output, &written, value.baseAddress, CInt(value.count)) == 1,
                    unsafe EVP_EncryptFinal_ex(context.raw, output + value.count, &written) == 1,
                    unsafe EVP_CIPHER_CTX_ctrl(
                        context.raw,
                        EVP_CTRL_AEAD_GET_TAG,
                        CInt(EnvelopeLayout.tagBytes),
                        output + value.count
                    ) == 1
                else { throw .draining("EVP_EncryptUpdate") }
            }
        }
    }

    /// Opens ciphertext followed by its tag. Nothing is returned unless the tag is right.
    static func decrypt(
        _ sealed: Span<UInt8>,
        key: borrowing SecretBytes,
        nonce: [UInt8],
        authenticated: [UInt8],
        account: MemoryAccount
    ) throws(EnvelopeError) -> SecretBytes {
        precondition(nonce.count == 12 && key.count == 32, "the sizes of AES-256-GCM")
        let count = sealed.count - EnvelopeLayout.tagBytes
        let context = try prepare(key: key, nonce: nonce)
        var authentic = false
        let value: SecretBytes
        do throws(MemoryError) {
            value = try SecretBytes(capacity: count, account: account) { output in
                unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                    authentic = unsafe decrypt(sealed, with: context, authenticated, into: buffer)
                    initialized = authentic ? count : 0
                }
            }
        } catch {
            throw .memory(error)
        }
        // A value that did not pass the check is wiped with its block, at the end of this scope.
        guard authentic else {
            ERR_clear_error()
            throw .tampered
        }
        return value
    }

    private static func prepare(
        key: borrowing SecretBytes,
        nonce: [UInt8]
    ) throws(EnvelopeError) -> CipherContext {
        do throws(CryptographyError) {
            return try CipherContext(decryptingWith: key, nonce: nonce)
        } catch {
            throw .library(error)
        }
    }

    private static func decrypt(
        _ sealed: Span<UInt8>,
        with context: borrowing CipherContext,
        _ authenticated: [UInt8],
        into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        unsafe sealed.withUnsafeBufferPointer { sealed in
            let count = sealed.count - EnvelopeLayout.tagBytes
            guard let input = sealed.baseAddress, let start = output.baseAddress else { return false }
            var written: CInt = 0
            let tag = unsafe UnsafeMutableRawPointer(mutating: input + count)
            return unsafe EVP_DecryptUpdate(context.raw, nil, &written, authenticated, CInt(authenticated.count)) == 1
                && (count == 0 || EVP_DecryptUpdate(context.raw, start, &written, input, CInt(count)) == 1)
                && EVP_CIPHER_CTX_ctrl(context.raw, EVP_CTRL_AEAD_SET_TAG, CInt(EnvelopeLayout.tagBytes), tag) == 1
                && EVP_DecryptFinal_ex(context.raw, start + count, &written) == 1
        }
    }
}

/// An owned `EVP_CIPHER_CTX`, which the library wipes when it is freed.
@safe
private struct CipherContext: ~Copyable {
    let raw: OpaquePointer

    private init() throws(CryptographyError) {
        guard let raw = unsafe EVP_CIPHER_CTX_new() else { throw .draining("EVP_CIPHER_CTX_new") }
        unsafe self.raw = raw
    }

    init(encryptingWith key: borrowing SecretBytes, nonce: [UInt8]) throws(CryptographyError) {
        let context = try CipherContext()
        try unsafe key.withUnsafeBytes { (key) throws(CryptographyError) in
            let algorithm = unsafe try FetchedAlgorithms.aes256GCM()
            let start = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
            guard unsafe EVP_EncryptInit_ex2(context.raw, algorithm, start, nonce, nil) == 1 else {
                throw .draining("EVP_EncryptInit_ex2")
            }
        }
        self = context
    }

    init(decryptingWith key: borrowing SecretBytes, nonce: [UInt8]) throws(CryptographyError) {
        let context = try CipherContext()
        try unsafe key.withUnsafeBytes { (key) throws(CryptographyError) in
            let algorithm = unsafe try FetchedAlgorithms.aes256GCM()
            let start = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
            guard unsafe EVP_DecryptInit_ex2(context.raw, algorithm, start, nonce, nil) == 1 else {
                throw .draining("EVP_DecryptInit_ex2")
            }
        }
        self = context
    }

    deinit { unsafe EVP_CIPHER_CTX_free(raw) }
}
