internal import Secrets

/// Why the vault did not do what was asked, in the words that its answer is made of. Its own sentences are not repeated: they
/// hold identifiers of tenants and callers.
enum KeyVaultRefusal: Equatable, Sendable {
    /// 404, and the vault itself says so.
    case missing
    /// There is a secret, and somebody has switched it off.
    case disabled
    /// The network that the agent is in, rather than the agent.
    case firewall
    /// An access policy or a role is missing.
    case noPermission
    /// The name belongs to a deleted secret that can still be recovered.
    case deleted
    case beingDeleted
    case beingRecovered
    /// Somebody else writes.
    case conflict
    case badParameter
    case other

    private static let deepest = 8

    init(status: Int, _ json: borrowing JSONDocument) {
        let words = Self.words(json)
        self =
            switch status {
            case 400: .badParameter
            case 403: words.lazy.compactMap { Self.forbidden[$0] }.first ?? .noPermission
            case 404: words.contains("SecretNotFound") ? .missing : .other
            case 409: words.lazy.compactMap { Self.conflicts[$0] }.first ?? .conflict
            default: .other
            }
    }

    private static let forbidden: [String: KeyVaultRefusal] = [
        "SecretDisabled": .disabled,
        "ForbiddenByFirewall": .firewall,
        "ForbiddenByConnection": .firewall,
    ]

    private static let conflicts: [String: KeyVaultRefusal] = [
        "ObjectIsDeletedButRecoverable": .deleted,
        "ObjectIsBeingDeleted": .beingDeleted,
        "ObjectIsBeingRecovered": .beingRecovered,
    ]

    /// The codes from the outermost to the innermost error.
    private static func words(_ document: borrowing JSONDocument) -> [String] {
        var words: [String] = []
        var node = document.node("error")
        for _ in 0..<deepest {
            guard let current = node else { break }
            if let word = document.string(document.node("code", in: current)) { words.append(word) }
            node = document.node("innererror", in: current) ?? document.node("innerError", in: current)
        }
        return words
    }

    /// What it means above the backend.
    ///
    /// - Parameters:
    ///   - status: the status that came with it.
    ///   - action: what was being done, for the operator.
    func error(_ status: Int, retryAfter: Duration?, doing action: String, isWrite: Bool = false) -> BackendError {
        switch self {
        case .disabled: .forbidden(detail: "\(action): the secret is disabled")
        case .firewall: .forbidden(detail: "\(action): the vault's network rules do not let this machine in")
        case .noPermission: .forbidden(detail: "\(action): the vault's access policy or roles do not allow it")
        case .conflict, .deleted: .conflict
        case .beingDeleted, .beingRecovered:
            .unavailable(detail: "\(action): the vault is still deleting or recovering it", retryAfter: retryAfter)
        case .badParameter where isWrite:
            .unsupported(detail: "\(action): the vault takes the request for wrong (status 400)")
        case .missing, .badParameter, .other: WebService.failure(status, retryAfter: retryAfter, doing: action)
        }
    }
}
