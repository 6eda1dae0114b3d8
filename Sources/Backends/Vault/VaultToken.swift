internal import SecretMemory

/// A token and what Vault said of it.
final class VaultToken: Sendable {
    let secret: SharedSecret
    /// As granted at first; nil for one without end.
    let firstLifetime: Duration?
    let isRenewable: Bool
    /// Whether each use counts, so that none is spent on questions about it.
    let isCounted: Bool
    /// Whether a log-in of ours made it, so that it is ours to revoke.
    let isOwn: Bool

    init(_ secret: SharedSecret, firstLifetime: Duration?, isRenewable: Bool, isCounted: Bool, isOwn: Bool) {
        self.secret = secret
        self.firstLifetime = firstLifetime
        self.isRenewable = isRenewable
        self.isCounted = isCounted
        self.isOwn = isOwn
    }
}
