/// An OpenSSL object that is freed exactly once, whatever its kind.
///
/// OpenSSL's objects are all opaque to Swift; the kind is told by the name of the field that holds the handle.
@safe
struct OwnedHandle: ~Copyable, @unchecked Sendable {  // Sound: OpenSSL counts references with atomics.
    typealias Free = @convention(c) (OpaquePointer?) -> Void

    /// The object, alive for as long as this handle.
    let raw: OpaquePointer
    private let free: Free

    /// Takes over what an OpenSSL constructor returned.
    ///
    /// - Throws: OpenSSL's reasons, where it returned nothing.
    init(_ raw: OpaquePointer?, freedBy free: @escaping Free, operation: String) throws(TLSError) {
        guard let raw = unsafe raw else { throw TLSError.draining(operation) }
        unsafe self.raw = raw
        unsafe self.free = free
    }

    deinit { unsafe free(raw) }
}
