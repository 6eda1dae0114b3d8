internal import COpenSSL

/// The application protocol, `tacit/1`, which both sides must name.
@unsafe
enum ProtocolName {
    /// Length and name, as ALPN lists it.
    private static let listed: StaticString = "\u{7}tacit/1"

    /// Offers it, as a client.
    static func offer(in context: OpaquePointer) -> Bool {
        unsafe SSL_CTX_set_alpn_protos(context, listed.utf8Start, CUnsignedInt(listed.utf8CodeUnitCount)) == 0
    }

    /// Finds it in a client's list; the arguments are those of OpenSSL's selection callback.
    static func select(
        _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ outLength: UnsafeMutablePointer<UInt8>?,
        _ offered: UnsafePointer<UInt8>?,
        _ offeredLength: CUnsignedInt
    ) -> Bool {
        var chosen: UnsafeMutablePointer<UInt8>?
        let count = unsafe CUnsignedInt(listed.utf8CodeUnitCount)
        let found = unsafe SSL_select_next_proto(&chosen, outLength, listed.utf8Start, count, offered, offeredLength)
        guard found == OPENSSL_NPN_NEGOTIATED else { return false }
        unsafe out?.pointee = UnsafePointer(chosen)
        return true
    }

    /// Whether the server agreed to it.
    static func isSelected(by ssl: OpaquePointer) -> Bool {
        var name: UnsafePointer<UInt8>?
        var length: CUnsignedInt = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &length)
        guard let name = unsafe name, unsafe Int(length) == listed.utf8CodeUnitCount - 1 else { return false }
        for index in 0..<Int(length) where unsafe name[index] != listed.utf8Start[index + 1] { return false }
        return true
    }
}
