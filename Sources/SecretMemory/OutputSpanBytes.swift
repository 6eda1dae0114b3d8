extension OutputSpan where Element == UInt8 {
    /// Appends a copy of `bytes`. There must be room for them.
    ///
    /// Sound because the room is checked first, and because the memory of a `Span` that is borrowed and of an
    /// `OutputSpan` that is held exclusively never overlap.
    package mutating func append(contentsOf bytes: Span<UInt8>) {
        precondition(bytes.count <= freeCapacity, "more bytes than there is room for")
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let first = source.baseAddress else { return }
            unsafe withUnsafeMutableBufferPointer { buffer, initialized in
                guard let start = buffer.baseAddress else { return }
                unsafe (start + initialized).initialize(from: first, count: source.count)
                initialized += source.count
            }
        }
    }
}
