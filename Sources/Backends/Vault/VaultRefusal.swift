internal import Secrets

/// What Vault's error texts mean. Of the texts themselves only the phrases known here are passed on.
struct VaultRefusal {
    /// Phrases that the operator should see, in the words that Vault's documentation has them in.
    private static let known = [
        "permission denied", "invalid token", "invalid username or password", "invalid role or secret id",
        "invalid secret id", "missing role_id", "missing secret_id", "invalid role name",
        "service account name not authorized",
        "namespace not authorized", "Vault is sealed", "local node not active", "rate limit quota exceeded",
        "no handler for route", "check-and-set parameter", "wrapping token is not valid or does not exist",
        "lease is not renewable", "unsupported path", "missing client token", "failed to validate",
    ]

    let status: Int
    /// The known phrases among the answer's errors and warnings.
    let phrases: [String]

    init(_ status: Int, _ document: borrowing JSONDocument) {
        self.status = status
        var found: [String] = []
        for list in ["errors", "warnings"] {
            guard let node = document.node(list) else { continue }
            for element in document.elements(of: node) {
                let text = (document.string(element) ?? "").lowercased()
                found += Self.known.filter { text.contains($0.lowercased()) }
                if text.contains("invalid path for a versioned") { found.append(Self.versioned) }
            }
        }
        phrases = found
    }

    /// The path is one of KV version 1, and the engine is of version 2.
    static let versioned = "the engine is KV version 2: set engine-version: 2"

    func says(_ phrase: String) -> Bool { phrases.contains(phrase) }

    private var words: String {
        phrases.isEmpty ? "status \(status)" : "status \(status), \(phrases.joined(separator: "; "))"
    }

    /// The failure of an operation with a token that is good.
    func failure(retryAfter: Duration?, doing action: String) -> BackendError {
        switch status {
        case 403: .forbidden(detail: "Vault does not permit \(action) (\(words))")
        case 404: .malformed(detail: "\(action): Vault knows no such path (\(words)); is root-engine right?")
        // Replicas that have not caught up yet: a moment later they have.
        case 412: .unavailable(detail: "\(action): this Vault has not caught up yet", retryAfter: .milliseconds(200))
        case 400: .malformed(detail: "\(action): Vault refuses the request (\(words))")
        case 413: .malformed(detail: "\(action): the request is too large for Vault")
        // 472 and 473 are what the health of secondaries and standbys says; a proxy may pass it on.
        case 472, 473, 500...:
            .unavailable(detail: "\(action): Vault cannot serve now (\(words))", retryAfter: retryAfter)
        default: WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }

    /// The failure of a log-in, or of a look at a token.
    func loginFailure(_ login: VaultLogin, retryAfter: Duration?) -> BackendError {
        switch status {
        case 400, 401, 403, 404: .denied(detail: "Vault refused the log-in with \(login.name) (\(words))")
        default: failure(retryAfter: retryAfter, doing: "logging in with \(login.name)")
        }
    }
}
