import PublishedKeys
import SecretMemory

/// Credentials that open nothing.
enum GoogleKeys {
    static let email = "agent@acme-prod.iam.gserviceaccount.com"
    static let identifier = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"

    /// The text of a key file.
    ///
    /// - Parameter more: members that replace or join the usual ones, as JSON.
    static func serviceAccount(_ more: [String: String] = [:]) -> String {
        let usual = [
            "type": "\"service_account\"", "project_id": "\"acme-prod\"", "private_key_id": "\"\(identifier)\"",
            "private_key": "\"" + PublishedKeys.rfc7515.split(separator: "\n").joined(separator: "\\n") + "\\n\"",
            "client_email": "\"\(email)\"", "token_uri": "\"https://oauth2.googleapis.com/token\"",
            "universe_domain": "\"googleapis.com\"",
        ]
        let members = usual.merging(more) { $1 }.sorted { $0.key < $1.key }
        return "{" + members.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ",\n") + "}"
    }

    static func secret(_ text: String) throws -> SharedSecret {
        SharedSecret(try SecretBytes(copying: text.utf8Span.span, account: .general))
    }
}
