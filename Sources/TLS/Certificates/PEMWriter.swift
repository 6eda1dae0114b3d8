internal import COpenSSL
internal import SecretMemory

/// Certificates, lists and keys as PEM text. OpenSSL writes into memory of its own, which is the arena's.
@unsafe
enum PEMWriter {
    private static let operation = "writing PEM"

    static func certificate(_ certificate: OpaquePointer) throws(TLSError) -> String {
        unsafe try text { memory in unsafe PEM_write_bio_X509(memory, certificate) }
    }

    static func revocationList(_ list: OpaquePointer) throws(TLSError) -> String {
        unsafe try text { memory in unsafe PEM_write_bio_X509_CRL(memory, list) }
    }

    /// The key in PKCS #8, not encrypted; only ever in locked memory.
    static func privateKey(_ key: OpaquePointer) throws(TLSError) -> SecretBytes {
        let memory = unsafe try written { memory in
            unsafe PEM_write_bio_PKCS8PrivateKey(memory, key, nil, nil, 0, nil, nil)
        }
        var result: SecretBytes?
        do throws(MemoryError) {
            result = unsafe try SecretBytes(copying: bytes(of: memory.raw), account: .tls)
        } catch {
            throw unsafe TLSError(operation: operation, reasons: ["no locked memory for the key: \(error)"])
        }
        guard let key = result.take() else { throw unsafe TLSError(operation: operation, reasons: []) }
        return key
    }

    private static func text(_ write: (OpaquePointer) -> CInt) throws(TLSError) -> String {
        let memory = unsafe try written(write)
        let bytes = unsafe bytes(of: memory.raw)
        return unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    private static func written(_ write: (OpaquePointer) -> CInt) throws(TLSError) -> OwnedHandle {
        let memory = unsafe try OwnedHandle(BIO_new(BIO_s_mem()), freedBy: BIO_free_all, operation: operation)
        guard unsafe write(memory.raw) == 1 else { throw unsafe TLSError.draining(operation) }
        return memory
    }

    @_lifetime(immortal)
    private static func bytes(of memory: OpaquePointer) -> Span<UInt8> {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe shim_BIO_get_mem_data(memory, &start)
        guard let start = UnsafeRawPointer(start), count > 0 else { return Span() }
        let span = unsafe Span(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count)
        return unsafe _overrideLifetime(span, borrowing: ())
    }
}
