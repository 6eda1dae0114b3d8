internal import COpenSSL

/// Key derivation of RFC 5869 with SHA-256.
enum HKDF {
    /// Extracts and expands `secret` into as many bytes as `output` has. Salt and info are public.
    ///
    /// - Safety: `secret` and `output` must be valid for the length of the call; `output` is written.
    @unsafe
    static func derive(
        from secret: UnsafeRawBufferPointer,
        salt: [UInt8],
        info: [UInt8],
        into output: UnsafeMutableBufferPointer<UInt8>
    ) throws(CryptographyError) {
        try unsafe salt.withUnsafeBufferPointer { (salt) throws(CryptographyError) in
            try unsafe info.withUnsafeBufferPointer { (info) throws(CryptographyError) in
                try unsafe derive(
                    from: secret,
                    salt: UnsafeRawBufferPointer(salt),
                    info: UnsafeRawBufferPointer(info),
                    into: output
                )
            }
        }
    }

    private static func derive(
        from secret: UnsafeRawBufferPointer,
        salt: UnsafeRawBufferPointer,
        info: UnsafeRawBufferPointer,
        into output: UnsafeMutableBufferPointer<UInt8>
    ) throws(CryptographyError) {
        guard let context = unsafe EVP_KDF_CTX_new(try FetchedAlgorithms.hkdf()) else {
            throw .draining("EVP_KDF_CTX_new")
        }
        defer { unsafe EVP_KDF_CTX_free(context) }
        let digest: StaticString = "SHA256"
        // The library only reads what these point at; its structure has no place for const.
        let parameters = unsafe [
            OSSL_PARAM_construct_utf8_string(
                ParameterName.digest,
                UnsafeMutableRawPointer(mutating: digest.utf8Start).assumingMemoryBound(to: CChar.self),
                digest.utf8CodeUnitCount
            ),
            octets(ParameterName.key, secret),
            octets(ParameterName.salt, salt),
            octets(ParameterName.info, info),
            OSSL_PARAM_construct_end(),
        ]
        guard unsafe EVP_KDF_derive(context, output.baseAddress, output.count, parameters) == 1 else {
            throw .draining("EVP_KDF_derive")
        }
    }

    private static func octets(
        _ name: UnsafePointer<CChar>,
        _ bytes: UnsafeRawBufferPointer
    ) -> OSSL_PARAM {
        unsafe OSSL_PARAM_construct_octet_string(
            name,
            UnsafeMutableRawPointer(mutating: bytes.baseAddress),
            bytes.count
        )
    }

    /// The library's parameter names as C strings that live for ever.
    private enum ParameterName {
        static var digest: UnsafePointer<CChar> { unsafe text("digest") }
        static var key: UnsafePointer<CChar> { unsafe text("key") }
        static var salt: UnsafePointer<CChar> { unsafe text("salt") }
        static var info: UnsafePointer<CChar> { unsafe text("info") }

        private static func text(_ literal: StaticString) -> UnsafePointer<CChar> {
            unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
        }
    }
}
