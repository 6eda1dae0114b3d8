internal import COpenSSL

/// A SHA-256 that is computed again and again: its context is made once, and a message costs no allocation.
@safe
package struct Digest256: ~Copyable, @unchecked Sendable {  // Sound: the context has one owner.
    /// Bytes of a digest.
    package static let byteCount = 32
    /// Bytes of a digest that is written as text.
    package static let hexCount = 2 * byteCount

    /// `EVP_MD_CTX *`, ready for a message.
    private let context: OpaquePointer

    private init(adopting context: OpaquePointer) { unsafe self.context = context }

    /// A digest that has seen nothing yet.
    package init() throws(CryptographyError) {
        // First of all, for it gives the library its memory where nobody has yet.
        let algorithm = unsafe try FetchedAlgorithms.sha256()
        guard let context = unsafe EVP_MD_CTX_new() else { throw .draining("EVP_MD_CTX_new") }
        let digest = unsafe Digest256(adopting: context)
        guard unsafe EVP_DigestInit_ex2(digest.context, algorithm, nil) == 1 else {
            throw .draining("EVP_DigestInit_ex2")
        }
        self = digest
    }

    /// Adds `bytes` to the message.
    package mutating func update(_ bytes: Span<UInt8>) throws(CryptographyError) {
        let done = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
        guard done == 1 else { throw .draining("EVP_DigestUpdate") }
    }

    /// Ends the message, writes its digest, and is ready for the next message.
    ///
    /// - Parameter output: ``byteCount`` bytes or more; the first ``byteCount`` are written.
    package mutating func finalize(into output: inout MutableSpan<UInt8>) throws(CryptographyError) {
        precondition(output.count >= Self.byteCount, "a digest takes 32 bytes")
        let done = unsafe output.withUnsafeMutableBufferPointer { buffer in
            unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
        }
        guard done == 1 else { throw .draining("EVP_DigestFinal_ex") }
        guard unsafe EVP_DigestInit_ex2(context, nil, nil) == 1 else { throw .draining("EVP_DigestInit_ex2") }
    }

    /// Ends the message and returns its digest. Not for digests of secrets, which must not lie on a stack.
    package mutating func finalize() throws(CryptographyError) -> [32 of UInt8] {
        var value = [32 of UInt8](repeating: 0)
        var output = value.mutableSpan
        try finalize(into: &output)
        return value
    }

    /// Ends the message, appends its digest as ``hexCount`` hexadecimal digits, and is ready for the next message.
    package mutating func finalizeHex(into output: inout OutputSpan<UInt8>) throws(CryptographyError) {
        output.append(repeating: 0, count: Self.hexCount)
        var written = output.mutableSpan
        var room = written._mutatingExtracting(last: Self.hexCount)
        try finalize(into: &room)
        Hexadecimal.expand(&room)
    }

    deinit { unsafe EVP_MD_CTX_free(context) }
}
