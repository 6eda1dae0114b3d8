internal import Synchronization

/// What verifying a certificate found out, and what a later handshake with the very same certificate need not find
/// out again.
struct VerifiedLeaf: Sendable {
    let identity: PeerIdentity
    /// The latest beginning, and the earliest end, of the validities in its chain; seconds since 1970.
    let chainNotBefore: Int64
    let chainNotAfter: Int64
}

/// A bounded memory of certificates that were verified under one set of authorities and revocation lists.
///
/// Two generations take turns: a full young one becomes the old one, and what is still in use moves back. So each
/// operation costs the same however full it is, and a flood of new certificates cannot drive out one that is in use.
final class VerifiedLeaves: Sendable {
    private struct Generations {
        var young: [Fingerprint: VerifiedLeaf] = [:]
        var old: [Fingerprint: VerifiedLeaf] = [:]
    }

    private let generations = Mutex(Generations())
    private let generationLimit: Int

    /// - Parameter limit: most certificates remembered; below 2, none is.
    init(limit: Int) { generationLimit = max(0, limit / 2) }

    /// What is known of a certificate.
    subscript(fingerprint: Fingerprint) -> VerifiedLeaf? {
        generations.withLock { generations in
            if let leaf = generations.young[fingerprint] { return leaf }
            guard let leaf = generations.old[fingerprint] else { return nil }
            Self.insert(leaf, into: &generations, limit: generationLimit)
            return leaf
        }
    }

    /// Remembers a certificate.
    func insert(_ leaf: VerifiedLeaf) {
        guard generationLimit > 0 else { return }
        generations.withLock { Self.insert(leaf, into: &$0, limit: generationLimit) }
    }

    /// How many certificates are remembered.
    var count: Int {
        generations.withLock { generations in
            generations.young.count + generations.old.keys.count { generations.young[$0] == nil }
        }
    }

    private static func insert(_ leaf: VerifiedLeaf, into generations: inout Generations, limit: Int) {
        if generations.young.count >= limit {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[leaf.identity.fingerprint] = leaf
    }
}
