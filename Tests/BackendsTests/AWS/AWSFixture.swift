import SecretMemory

@testable import Backends

/// A made-up secret in locked memory.
func secret(_ text: String) throws -> SharedSecret {
    SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .general))
}

/// Text that is no secret, though it lies where secrets do. For made-up values only.
func text(_ secret: SharedSecret) -> String {
    secret.withBytes { bytes in
        String(decoding: [UInt8](capacity: bytes.count) { $0.append(bytes) }, as: UTF8.self)
    }
}
