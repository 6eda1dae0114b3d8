package import SecretMemory

/// The text of a scalar, in locked memory: nobody knows yet whether it is a secret.
package struct ScalarText: Sendable {
    private let storage: SharedSecret
    private let offset: Int
    /// Bytes.
    package let count: Int

    /// A part of a document's text.
    init(storage: SharedSecret, offset: Int, count: Int) {
        self.storage = storage
        self.offset = offset
        self.count = count
    }

    /// A text of its own.
    package init(_ secret: SharedSecret) {
        self.init(storage: secret, offset: 0, count: secret.value.count)
    }

    /// A copy of a text that is no secret.
    package init(copying text: String) throws(MemoryError) {
        self.init(SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .general)))
    }

    /// Lends the bytes.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withBytes { (bytes) throws(Failure) -> Result in
            try body(bytes.extracting(offset..<(offset + count)))
        }
    }

    /// A copy in a block of its own, which does not keep the rest of the document alive.
    package func secret() throws(MemoryError) -> SharedSecret {
        let value = try withBytes { (bytes) throws(MemoryError) in try SecretBytes(copying: bytes, account: .general) }
        return SharedSecret(value)
    }

    /// The text as a string: only for keys that are known not to hold a secret.
    ///
    /// - Returns: nil where it is not UTF-8 or holds a NUL, which no setting may.
    package func string() -> String? {
        withBytes { bytes -> String? in
            for index in bytes.indices where bytes[index] == 0 { return nil }
            return String(utf8: bytes)
        }
    }

    /// Whether the text is exactly this.
    package func equals(_ text: StaticString) -> Bool {
        let expected = text.description.utf8
        return withBytes { bytes in
            guard bytes.count == expected.count else { return false }
            var index = 0
            for byte in expected {
                if bytes[index] != byte { return false }
                index += 1
            }
            return true
        }
    }
}
