internal import Secrets
internal import Synchronization

/// Lists that were read a moment ago, for the calls that ask for their next pages: the service has no order, so each list is
/// read as a whole. Names only, no values.
final class RecentListings: Sendable {
    /// How long a list is gone on with.
    static let lifetime = Duration.seconds(60)
    /// Most lists that are kept.
    static let maximumCount = 8

    private struct Listing: Sendable {
        /// Tenant, namespace, and what the keys begin with.
        let subject: SecretName
        let entries: [SecretEntry]
        let until: BootInstant
    }

    private let time: TimeSource
    private let listings = Mutex<[Listing]>([])

    init(time: TimeSource) { self.time = time }

    func find(_ subject: SecretName) -> [SecretEntry]? {
        let now = time.now()
        return listings.withLock { $0.last { $0.subject == subject && now < $0.until }?.entries }
    }

    func keep(_ entries: [SecretEntry], for subject: SecretName) {
        let listing = Listing(subject: subject, entries: entries, until: time.now().advanced(by: Self.lifetime))
        listings.withLock { listings in
            listings.removeAll { $0.subject == subject }
            if listings.count >= Self.maximumCount { listings.removeFirst() }
            listings.append(listing)
        }
    }

    /// After a write, what was listed before is not true any more.
    func forget() { listings.withLock { $0 = [] } }
}
