internal import Secrets

/// What recent peers may do under one policy: those who come again and again are mostly the same few.
struct RecentAccess {
    /// Most peers that are remembered; one more, and all are worked out anew.
    static let limit = 256

    private struct Key: Hashable {
        /// The identity's bytes: as texts, two identities can be equal that are not the same.
        let identity: [UInt8]
        let uid: UInt32?
        let gid: UInt32?
    }

    private var known: [Key: Access] = [:]

    /// - Returns: nil where `uri` is no identity.
    mutating func access(of uri: String, _ process: Peer.Process?, under policy: Policy) -> Access? {
        let key = Key(identity: Array(uri.utf8), uid: process?.uid, gid: process?.gid)
        if let access = known[key], access.generation == policy.generation { return access }
        guard let identity = WorkloadIdentity(uri: uri) else { return nil }
        let access = policy.access(for: identity, uid: process?.uid, gid: process?.gid)
        if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
        known[key] = access
        return access
    }
}
