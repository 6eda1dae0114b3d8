package import SecretMemory

/// A YAML document in locked memory, and what it is called in messages.
package struct ConfigurationSource: Sendable {
    /// The file as it was named, `standard input`, or `environment variable NAME`.
    package let name: String
    package let text: SharedSecret

    package init(name: String, text: SharedSecret) {
        self.name = name
        self.text = text
    }

    /// A text that is no secret.
    package init(name: String, text: String) throws(MemoryError) {
        self.init(name: name, text: SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .general)))
    }
}
