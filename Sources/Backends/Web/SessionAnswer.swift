internal import SecretMemory
internal import Secrets

/// What a manager says where it does not do what it was asked in a session.
protocol SessionRefusal: ServiceRefusal, Sendable {
    /// Whether the session was not accepted, and so nothing was done.
    var isOfSession: Bool { get }
}

/// An answer in a session. Its body may be JSON, a text or a file.
struct SessionAnswer<Refusal: SessionRefusal>: ~Copyable {
    /// Why it was not done; nil where it was.
    let refusal: Refusal?
    /// "" where the answer does not say.
    let contentType: String
    /// In lower case; "" where the answer does not say.
    let contentEncoding: String
    /// Of a success.
    let body: SecretBytes

    /// The JSON of a success.
    consuming func json(_ action: String) throws(BackendError) -> JSONDocument {
        if let refusal { throw refusal.failure(doing: action) }
        return try WebService.json(body, doing: action)
    }
}
