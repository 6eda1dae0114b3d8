internal import Secrets
internal import Synchronization

/// The secrets whose values could not be sealed again, so that each is named to the operator once.
final class UnopenedNames: Sendable {
    /// Names remembered; what is beyond it is counted only.
    static let limit = 1024

    private let names = Mutex<Set<SecretName>>([])

    /// - Returns: whether it is to be named.
    func note(_ name: SecretName) -> Bool {
        names.withLock { $0.count < Self.limit && $0.insert(name).inserted }
    }
}
