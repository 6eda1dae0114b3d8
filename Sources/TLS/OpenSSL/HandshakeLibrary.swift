internal import COpenSSL
internal import Glibc

/// A library context of OpenSSL for the server's handshakes, in which only a few kinds of public key can be parsed.
///
/// For each certificate that OpenSSL 3.0 reads, it walks every decoder of every kind of key that the context knows,
/// some seventy of them, several times over; that was more than a third of a full handshake. This context has one
/// provider, which hands out what the ordinary default provider has, but of decoders and key types only those that a
/// certificate of ours can need.
@unsafe
enum HandshakeLibrary {
    /// `OSSL_LIB_CTX`, for as long as the process lives; nil where the system is configured to use another provider
    /// than the default one (as for FIPS), which is then not to be bypassed.
    nonisolated(unsafe) static let context: OpaquePointer? = {
        guard unsafe OSSL_PROVIDER_available(nil, "default") == 1, unsafe origin != nil else { return nil }
        guard let context = unsafe OSSL_LIB_CTX_new() else { return nil }
        guard unsafe OSSL_PROVIDER_add_builtin(context, name, initialize) == 1,
            unsafe OSSL_PROVIDER_load(context, name) != nil
        else {
            unsafe OSSL_LIB_CTX_free(context)
            ErrorQueue.clear()
            return nil
        }
        return unsafe context
    }()

    private static let name = "tacit-handshake"

    /// The default provider of the ordinary context, whose algorithms are handed on. It is never unloaded.
    private nonisolated(unsafe) static let origin: OpaquePointer? = unsafe OSSL_PROVIDER_load(nil, "default")

    /// Kinds of key, by the first of their names in the provider: those of certificates, of key agreement, and of the
    /// messages that TLS 1.3 authenticates. P-256 and its relatives are all "EC"; TLS 1.3 signs with RSA keys as
    /// "RSA-PSS".
    private static let keyTypes = ["EC", "ED25519", "RSA", "RSA-PSS", "X25519", "HMAC"]

    private nonisolated(unsafe) static let keyManagers = unsafe selection(OSSL_OP_KEYMGMT) { type, _ in
        keyTypes.contains(type)
    }

    private nonisolated(unsafe) static let decoders = unsafe selection(OSSL_OP_DECODER) { type, properties in
        keyTypes.contains(type) && properties.contains("structure=SubjectPublicKeyInfo")
    }

    /// A table like the default provider's, with the entries that `keeps` accepts. It lives as long as the process.
    private static func selection(
        _ operation: CInt,
        _ keeps: (_ type: String, _ properties: String) -> Bool
    ) -> UnsafePointer<OSSL_ALGORITHM>? {
        var mustAskAgain: CInt = 0
        guard var entry = unsafe OSSL_PROVIDER_query_operation(origin, operation, &mustAskAgain) else { return nil }
        var kept: [OSSL_ALGORITHM] = unsafe []
        while let names = unsafe entry.pointee.algorithm_names {
            let type = unsafe String(cString: names).prefix { $0 != ":" }
            let properties = unsafe entry.pointee.property_definition.map { unsafe String(cString: $0) } ?? ""
            if keeps(String(type), properties) { unsafe kept.append(entry.pointee) }
            unsafe entry += 1
        }
        let table = unsafe UnsafeMutablePointer<OSSL_ALGORITHM>.allocate(capacity: kept.count + 1)
        for index in unsafe kept.indices { unsafe (table + index).initialize(to: kept[index]) }
        unsafe (table + kept.count).initialize(to: OSSL_ALGORITHM())
        return unsafe UnsafePointer(table)
    }

    // MARK: The provider

    private static let query:
        @convention(c) (UnsafeMutableRawPointer?, CInt, UnsafeMutablePointer<CInt>?) -> UnsafePointer<OSSL_ALGORITHM>? =
            {
                _,
                operation,
                mustAskAgain in
                unsafe mustAskAgain?.pointee = 0
                switch operation {
                case OSSL_OP_KEYMGMT: return unsafe keyManagers
                case OSSL_OP_DECODER: return unsafe decoders
                default: return unsafe OSSL_PROVIDER_query_operation(origin, operation, mustAskAgain)
                }
            }

    private static let capabilities:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Receiver?, UnsafeMutableRawPointer?) -> CInt =
            {
                _,
                capability,
                receiver,
                argument in
                unsafe OSSL_PROVIDER_get_capabilities(origin, capability, receiver, argument)
            }

    /// `OSSL_CALLBACK *`
    private typealias Receiver = @convention(c) (UnsafePointer<OSSL_PARAM>?, UnsafeMutableRawPointer?) -> CInt

    /// What the provider can do: the two functions above, and the end mark. OpenSSL stores functions of any type as
    /// `void (*)(void)` and calls each as what its number says it is.
    private nonisolated(unsafe) static let dispatch: UnsafePointer<OSSL_DISPATCH> = {
        let table = UnsafeMutablePointer<OSSL_DISPATCH>.allocate(capacity: 3)
        let asked = unsafe unsafeBitCast(query, to: (@convention(c) () -> Void).self)
        let offered = unsafe unsafeBitCast(capabilities, to: (@convention(c) () -> Void).self)
        unsafe table.initialize(to: OSSL_DISPATCH(function_id: OSSL_FUNC_PROVIDER_QUERY_OPERATION, function: asked))
        unsafe (table + 1).initialize(
            to: OSSL_DISPATCH(function_id: OSSL_FUNC_PROVIDER_GET_CAPABILITIES, function: offered)
        )
        unsafe (table + 2).initialize(to: OSSL_DISPATCH())
        return unsafe UnsafePointer(table)
    }()

    private static let initialize:
        @convention(c) (
            OpaquePointer?, UnsafePointer<OSSL_DISPATCH>?, UnsafeMutablePointer<UnsafePointer<OSSL_DISPATCH>?>?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> CInt = { _, _, out, providerContext in
            // The algorithms are the default provider's, so the context that they are called with must be its own.
            unsafe out?.pointee = dispatch
            unsafe providerContext?.pointee = OSSL_PROVIDER_get0_provider_ctx(origin)
            return 1
        }
}
