internal import COpenSSL

/// Message authentication of RFC 2104 with SHA-256.
package enum HMACSHA256 {
    /// Bytes of a code.
    package static let byteCount = 32

    /// Appends the code of `message` under `key`.
    ///
    /// - Parameters:
    ///   - key: not empty.
    ///   - output: has room for ``byteCount`` bytes. In locked memory, where the code is a key itself.
    package static func code(
        of message: Span<UInt8>,
        key: Span<UInt8>,
        into output: inout OutputSpan<UInt8>
    ) throws(CryptographyError) {
        precondition(!key.isEmpty && output.freeCapacity >= byteCount, "a key, and room for a code of 32 bytes")
        let algorithm = unsafe try FetchedAlgorithms.sha256()
        // Sound: the library reads as many bytes as the spans have, and writes 32 where there is room for them.
        let isDone = unsafe message.withUnsafeBufferPointer { message in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe output.withUnsafeMutableBufferPointer { buffer, count in
                    guard let start = buffer.baseAddress else { return false }
                    let code = unsafe HMAC(
                        algorithm,
                        key.baseAddress,
                        CInt(key.count),
                        message.baseAddress,
                        message.count,
                        start + count,
                        nil
                    )
                    guard unsafe code != nil else { return false }
                    count += byteCount
                    return true
                }
            }
        }
        guard isDone else { throw .draining("HMAC") }
    }
}
