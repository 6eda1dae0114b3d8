/// Names are compared byte for byte, as the managers behind them do. Swift's own comparison of text takes different spellings
/// of one character for the same, which would let one name stand in for another.
extension String {
    /// Whether both texts are the same bytes.
    func hasSameBytes(as other: String) -> Bool { hasSameBytes(as: other.utf8Span.span) }

    /// Whether this text is these bytes.
    func hasSameBytes(as bytes: Span<UInt8>) -> Bool {
        let own = utf8Span.span
        return own.count == bytes.count && String.begins(bytes, with: own)
    }

    /// Whether `namespace` is this one or lies below it; below the root lies everything.
    func isOrContains(namespace: Span<UInt8>) -> Bool {
        let own = utf8Span.span
        if own.isEmpty { return true }
        guard namespace.count >= own.count, String.begins(namespace, with: own) else { return false }
        return namespace.count == own.count || namespace[own.count] == UInt8(ascii: ".")
    }

    /// Adds the bytes, and where they end, to a hash.
    func hashBytes(into hasher: inout Hasher) { utf8Span.span.hashBytes(into: &hasher) }

    private static func begins(_ bytes: Span<UInt8>, with start: Span<UInt8>) -> Bool {
        for index in start.indices where bytes[index] != start[index] { return false }
        return true
    }
}

extension Span<UInt8> {
    /// Whether both are the same bytes.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
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
