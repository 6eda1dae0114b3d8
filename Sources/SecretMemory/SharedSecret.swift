/// A secret that several owners hold together, such as a password of the configuration; wiped when the last lets go.
public final class SharedSecret: Sendable {
    /// The value.
    public let value: SecretBytes

    /// Takes the value over.
    public init(_ value: consuming SecretBytes) { self.value = value }

    /// Lends the bytes. (A span taken from a class's property could not outlive the access.)
    public func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try value.withBytes(body)
    }
}
