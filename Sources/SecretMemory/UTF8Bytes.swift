extension Span<UInt8> {
    /// Whether the bytes are well-formed UTF-8, without making a string of them.
    package var isUTF8: Bool { (try? UTF8Span(validating: self)) != nil }
}

extension String {
    /// A copy of text that is no secret: it leaves the locked memory.
    ///
    /// - Returns: nil where the bytes are not UTF-8.
    package init?(utf8 bytes: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        self.init(copying: text)
    }
}
