internal import COpenSSL

extension Span<UInt8> {
    /// Whether both are the same bytes. How long that takes depends on how many they are, and not on where they differ.
    package func equalsInConstantTime(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        // Sound: both have as many bytes as are compared.
        return unsafe withUnsafeBufferPointer { own in
            unsafe other.withUnsafeBufferPointer { other in
                guard let own = own.baseAddress, let other = other.baseAddress else { return true }
                return unsafe CRYPTO_memcmp(own, other, count) == 0
            }
        }
    }
}
