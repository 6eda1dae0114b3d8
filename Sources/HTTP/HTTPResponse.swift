package import SecretMemory

/// What a server answered, all of it in locked memory.
package struct HTTPResponse: ~Copyable, Sendable {
    /// The status code. Redirects are answers like any other.
    package let status: Int
    private let head: HeaderBlock
    package let body: SecretBytes

    init(status: Int, head: consuming HeaderBlock, body: consuming SecretBytes) {
        self.status = status
        self.head = head
        self.body = body
    }

    /// A header's value; nil where there is none, or it is no text. The first of several. Never for a credential.
    package func header(_ name: String) -> String? { head.text(of: name) }

    /// All values of a header, in order. Never for a credential.
    package func headers(_ name: String) -> [String] { head.texts(of: name) }

    /// The value of a header that is a credential, such as a cookie.
    package func secretHeader(_ name: String) throws(MemoryError) -> SecretBytes? { try head.secret(of: name) }

    /// Lends each value of a header that is a credential, in order.
    package func forEachSecretHeader(_ name: String, _ body: (Span<UInt8>) -> Void) { head.forEach(name, body) }

    /// Gives the body up to the caller.
    package consuming func takeBody() -> SecretBytes { body }
}
