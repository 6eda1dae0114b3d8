internal import COpenSSL
internal import Glibc

/// Why the cryptographic library could not do its work. Carries the library's own reasons and never a byte of input.
package enum CryptographyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The library offers no such algorithm, for instance because its configuration forbids it.
    case unavailable(algorithm: String)
    /// A call failed.
    case failed(operation: String, reasons: [String])

    package var description: String {
        switch self {
        case .unavailable(let algorithm): "OpenSSL offers no \(algorithm)"
        case .failed(let operation, let reasons):
            reasons.isEmpty ? "\(operation) failed" : "\(operation) failed: \(reasons.joined(separator: "; "))"
        }
    }

    /// The failure of `operation`, with what stands in the calling thread's error queue, which is empty afterwards.
    static func draining(_ operation: String) -> CryptographyError {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            reasons.append(
                unsafe String(unsafeUninitializedCapacity: 256) { buffer in
                    unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                        unsafe ERR_error_string_n(code, text.baseAddress, text.count)
                        return unsafe text.baseAddress.map { unsafe strnlen($0, text.count) } ?? 0
                    }
                }
            )
        }
        return .failed(operation: operation, reasons: reasons)
    }
}
