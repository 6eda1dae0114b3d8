package import SecretMemory

/// What to ask of a server. Nothing secret is in the URL or in ``headers``.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
    }

    package var method: Method
    package var url: String
    package var headers: [(name: String, value: String)] = []
    package var secretHeaders: [SecretHeader] = []
    /// Sent as it is; its type belongs into ``headers``.
    package var body: SharedSecret?
    /// The longest that all of it may take; nil for what the client says.
    package var timeout: Duration?
    /// Whether it goes to a metadata service of this very machine: such are reached without a proxy and speak plain HTTP.
    package var isToMetadataService = false

    package init(_ method: Method, _ url: String) {
        self.method = method
        self.url = url
    }

    /// Gives it a body, where there is one, and says what it is.
    package mutating func setBody(_ body: SharedSecret?, type: String = "application/json") {
        guard let body else { return }
        headers.append(("Content-Type", type))
        self.body = body
    }
}

/// A header whose value is a credential. It is put together in locked memory.
package struct SecretHeader: Sendable {
    package let name: String
    /// What stands before the credential, such as `Bearer `.
    package let prefix: String
    package let value: SharedSecret

    package init(_ name: String, prefix: String = "", _ value: SharedSecret) {
        self.name = name
        self.prefix = prefix
        self.value = value
    }
}
