internal import Cryptography
internal import Secrets

/// Where sealed values stand, for the words of refusals: those of the operator's log, since workers get the kind alone.
struct SealedPlace: Sendable {
    /// The file, table or index.
    let store: String
    /// The section that configures it, such as `sqlite`.
    let section: String

    /// Why the value of `name` could not be sealed or opened.
    func refusal(_ error: EnvelopeError, of name: SecretName) -> BackendError {
        switch error {
        case .memory(let error): .memory(error)
        case .tooLarge(let limit): .tooLarge(limit: limit)
        case .library(let error): .unavailable(detail: "\(error)")
        case .unknownKey(let identifier):
            .malformed(
                detail: """
                    \(words(name)) was sealed with a secret that is not configured (identifier \(identifier)); \
                    put that secret into \(section).previous-secrets
                    """
            )
        case .malformed, .keyMismatch, .tampered:
            .malformed(
                detail: """
                    \(words(name)) was changed outside the agent, or moved here from another place; \
                    write it again, or restore a backup
                    """
            )
        }
    }

    /// A version below the one that was seen before, or none any more.
    ///
    /// - Parameter found: nil where nothing was found, not even what a deletion leaves.
    func rollback(of name: SecretName, found: Int64?, known: Int64) -> BackendError {
        let now = found.map { "is at version \($0)" } ?? "is gone"
        return .malformed(
            detail: """
                \(words(name)) \(now) but was at version \(known): an older copy was put in its place; \
                restart the agent to accept it
                """
        )
    }

    private func words(_ name: SecretName) -> String { "\(store): key \(name.key) in namespace \(name.namespace)" }
}

extension EnvelopeContext {
    /// What a value of `name` is sealed for.
    ///
    /// - Parameter version: from 1.
    init(_ name: SecretName, version: Int64) {
        self.init(
            tenant: name.tenant,
            namespace: name.namespace,
            key: name.key,
            version: UInt64(bitPattern: version)
        )
    }
}
