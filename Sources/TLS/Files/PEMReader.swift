internal import COpenSSL
internal import SecretMemory

/// Certificates, keys and revocation lists out of files. The bytes go from the file to OpenSSL through locked memory
/// only.
enum PEMReader {
    /// More certificates in a file than any chain or bundle of one trust domain needs.
    static let certificateLimit = 256

    /// Calls `body` with each certificate of a PEM file, in order; the first index is 0.
    ///
    /// - Throws: where the file cannot be read, holds none, or one cannot be parsed.
    static func certificates(
        in path: String,
        operation: String,
        _ body: (_ certificate: OpaquePointer, _ index: Int) throws(TLSError) -> Void
    ) throws(TLSError) {
        let file = try ProtectedFile.read(path, operation: operation)
        let memory = try bio(over: file.bytes, operation)
        var index = 0
        while let raw = unsafe PEM_read_bio_X509(memory.raw, nil, refusePassphrase, nil) {
            let certificate = unsafe try OwnedHandle(raw, freedBy: X509_free, operation: operation)
            guard index < certificateLimit else {
                throw TLSError(
                    operation: operation,
                    file: path,
                    reasons: ["more than \(certificateLimit) certificates"]
                )
            }
            unsafe try body(certificate.raw, index)
            index += 1
        }
        try finish(path, operation, found: index, what: "certificate", header: "BEGIN CERTIFICATE")
    }

    /// The private key of a PEM file, and a warning about the file's mode where there is reason for one.
    static func privateKey(in path: String, operation: String) throws(TLSError) -> LoadedKey {
        let file = try ProtectedFile.read(path, operation: operation)
        let memory = try bio(over: file.bytes, operation)
        guard let raw = unsafe PEM_read_bio_PrivateKey(memory.raw, nil, refusePassphrase, nil) else {
            throw TLSError.draining(
                operation,
                file: path,
                advice: "It must hold one private key in PEM that is not encrypted"
            )
        }
        ErrorQueue.clear()
        return LoadedKey(
            key: unsafe try OwnedHandle(raw, freedBy: EVP_PKEY_free, operation: operation),
            warning: file.warning(for: path)
        )
    }

    /// Calls `body` with each revocation list of a file, PEM or DER.
    static func revocationLists(
        in path: String,
        operation: String,
        _ body: (_ list: OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) {
        let file = try ProtectedFile.read(path, operation: operation)
        let isBinary = file.bytes.withBytes { bytes in bytes[0] == 0x30 }
        let memory = try bio(over: file.bytes, operation)
        if isBinary {
            guard let raw = unsafe d2i_X509_CRL_bio(memory.raw, nil) else {
                throw TLSError.draining(operation, file: path)
            }
            let list = unsafe try OwnedHandle(raw, freedBy: X509_CRL_free, operation: operation)
            return unsafe try body(list.raw)
        }
        var count = 0
        while let raw = unsafe PEM_read_bio_X509_CRL(memory.raw, nil, refusePassphrase, nil) {
            let list = unsafe try OwnedHandle(raw, freedBy: X509_CRL_free, operation: operation)
            guard count < certificateLimit else {
                throw TLSError(operation: operation, file: path, reasons: ["more than \(certificateLimit) lists"])
            }
            unsafe try body(list.raw)
            count += 1
        }
        try finish(path, operation, found: count, what: "revocation list", header: "BEGIN X509 CRL")
    }

    /// A reader over locked bytes, which must outlive it.
    private static func bio(over bytes: borrowing SecretBytes, _ operation: String) throws(TLSError) -> OwnedHandle {
        let raw = unsafe bytes.withUnsafeBytes { unsafe BIO_new_mem_buf($0.baseAddress, CInt($0.count)) }
        return unsafe try OwnedHandle(raw, freedBy: BIO_free_all, operation: operation)
    }

    /// The end of a PEM file shows as the error "no start line"; anything else is a part that cannot be parsed.
    private static func finish(
        _ path: String,
        _ operation: String,
        found: Int,
        what: String,
        header: String
    ) throws(TLSError) {
        let code = ERR_peek_last_error()
        let reachedEnd =
            ERR_GET_LIB(code) == CInt(ERR_LIB_PEM) && ERR_GET_REASON(code) == CInt(PEM_R_NO_START_LINE)
        if found > 0, reachedEnd || code == 0 { return ErrorQueue.clear() }
        if reachedEnd {
            ErrorQueue.clear()
            throw TLSError(operation: operation, file: path, reasons: ["no \(what) in it (no line with \(header))"])
        }
        throw TLSError.draining(operation, file: path)
    }

    /// OpenSSL would otherwise ask at the terminal for the passphrase of an encrypted key.
    private static let refusePassphrase:
        @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt = { _, _, _, _ in
            -1
        }
}

/// A private key and what an operator should know about its file.
struct LoadedKey: ~Copyable {
    /// `EVP_PKEY`
    let key: OwnedHandle
    let warning: String?

    /// Gives the key up to the caller.
    consuming func takeKey() -> OwnedHandle { key }
}
