internal import COpenSSL
internal import SecretMemory

/// Puts everything that OpenSSL allocates into the arena: keys, session secrets, record buffers.
package enum OpenSSLMemory {
    /// Sound to keep for ever: it is written once, under the language's own lock.
    private static let installed: Bool = {
        let accepted = unsafe CRYPTO_set_mem_functions(
            AllocatorHooks.opensslAllocate,
            AllocatorHooks.opensslReallocate,
            AllocatorHooks.opensslFree
        )
        guard accepted == 1 else { return false }
        // Without this, exit() would free what connection loops on other threads still use. Memory of the arena does
        // not outlive the process, so there is nothing to wipe by hand.
        return OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
    }()

    /// Hands the arena to OpenSSL. Call it before anything else of OpenSSL, and before there are threads; calling it
    /// again changes nothing.
    ///
    /// - Returns: false where OpenSSL has allocated before: then its memory is not locked, and an agent must not
    ///   start.
    @discardableResult
    package static func install() -> Bool { installed }
}

extension OpenSSLMemory {
    /// Makes the connections of a context wipe what they decrypted as soon as it is read, and give their buffers back.
    ///
    /// - Safety: `context` must be an `SSL_CTX *`.
    @unsafe
    package static func keepNothingRead(in context: UnsafeMutableRawPointer) {
        let context = OpaquePointer(context)
        unsafe SSL_CTX_set_options(context, shim_SSL_OP_CLEANSE_PLAINTEXT)
        unsafe shim_SSL_CTX_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
    }
}
