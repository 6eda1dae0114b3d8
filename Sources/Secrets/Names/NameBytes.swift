internal import Glibc

/// Names are compared byte for byte, as the managers behind them do. Swift's own comparison of text takes different spellings
/// of one character for the same, which would let one name stand in for another.
extension String {
    /// Whether both texts are the same bytes.
    public func hasSameBytes(as other: String) -> Bool { hasSameBytes(as: other.utf8Span.span) }

    /// Whether this text is these bytes.
    public func hasSameBytes(as bytes: Span<UInt8>) -> Bool {
        utf8Span.span.equals(bytes)
    }

    /// Whether `namespace` is this one or lies below it; below the root lies everything.
    func isOrContains(namespace: Span<UInt8>) -> Bool {
        let own = utf8Span.span
        if own.isEmpty { return true }
        guard namespace.count >= own.count, namespace.extracting(first: own.count).equals(own) else { return false }
        return namespace.count == own.count || namespace[own.count] == UInt8(ascii: ".")
    }

    /// Adds the bytes, and where they end, to a hash.
    func hashBytes(into hasher: inout Hasher) { utf8Span.span.hashBytes(into: &hasher) }
}

extension Span<UInt8> {
    /// Whether both are the same bytes.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        // Sound: both have as many bytes as are compared.
        return unsafe withUnsafeBufferPointer { own in
            unsafe other.withUnsafeBufferPointer { other in
                guard let own = own.baseAddress, let other = other.baseAddress else { return true }
                return unsafe memcmp(own, other, count) == 0
            }
        }
    }

    /// Adds the bytes, and where they end, to a hash.
    func hashBytes(into hasher: inout Hasher) {
        hasher.combine(count)
        addBytes(to: &hasher)
    }

    /// Adds the bytes alone to a hash.
    func addBytes(to hasher: inout Hasher) {
        if isEmpty { return }
        unsafe withUnsafeBufferPointer { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
