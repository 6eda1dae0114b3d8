internal import HTTP
internal import SecretMemory
internal import Secrets

/// What an authority or a metadata service answers to who asks for a token.
enum TokenReply {
    /// A token for longer is taken for one of this: nobody gives such, and a mistake must not last.
    private static let longestLifetime = Duration.seconds(48 * 3600)

    /// Reads a token. Numbers may be written as strings, as metadata services do.
    static func token(_ response: consuming HTTPResponse, at time: TimeSource) throws(BackendError) -> AzureToken {
        let malformed = BackendError.malformed(detail: "the answer to a request for a token is no token")
        let document: JSONDocument
        do throws(JSONDocument.Malformed) { document = try JSONDocument(response.takeBody()) } catch { throw malformed }
        guard let node = document.node("access_token"), document.kind(node) == .string,
            let lifetime = lifetime(document, at: time)
        else { throw malformed }
        let secret: SecretBytes
        do throws(MemoryError) { secret = try document.secret(node, account: .general) } catch { throw .memory(error) }
        guard secret.count > 0 else { throw malformed }
        return AzureToken(secret: SharedSecret(secret), lifetime: min(max(lifetime, .zero), longestLifetime))
    }

    /// The time that is left is better than the time of the end, which the clocks of two machines see differently.
    private static func lifetime(_ document: borrowing JSONDocument, at time: TimeSource) -> Duration? {
        if let seconds = number(document, "expires_in") { return .seconds(seconds) }
        guard let end = number(document, "expires_on") else { return nil }
        return .seconds(end) - .milliseconds(time.wall())
    }

    private static func number(_ document: borrowing JSONDocument, _ name: String) -> Int64? {
        guard let node = document.node(name) else { return nil }
        let number = document.integer(node) ?? document.string(node).flatMap { Int64($0) }
        // Beyond any date; what is larger would not fit into a duration's arithmetic.
        return number.flatMap { (-1_000_000_000_000...1_000_000_000_000).contains($0) ? $0 : nil }
    }
}
