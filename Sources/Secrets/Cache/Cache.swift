internal import Synchronization

/// Values and "there is none", bounded in entries and bytes, each gone at its deadline.
public final class Cache: Sendable {
    /// What a look-up found.
    public enum Answer {
        /// A value, handed to the reader. `refresh`: this caller is to fetch it anew, behind the answer.
        case hit(refresh: Bool)
        /// There was none, a short while ago.
        case notFound
        /// Ask the manager.
        case miss
    }

    /// Counters since the start.
    public struct Statistics: Sendable {
        public let entries: Int
        public let bytes: Int
        public let evictions: UInt64
        public let expirations: UInt64
        /// The earliest time at which a value goes; nil where none is held.
        public let nextDeadline: BootInstant?
    }

    /// A struct around the function, because a generic box around a bare one wraps it once more at each access: after some
    /// hundred thousand of them the call would overflow the stack.
    private struct Alarm: Sendable {
        var sound: (@Sendable (BootInstant) -> Void)?
    }

    static let shardCount = 8
    /// Most entries wiped under one hold of a shard's lock, so that readers never wait long.
    static let wipeBatch = 64

    private let shards: [Mutex<CacheShard>.Box]
    private let bounds: Mutex<CacheBounds>
    private let entryCount = Atomic(0)
    private let byteCount = Atomic(0)
    private let evictions = Atomic<UInt64>(0)
    private let expirations = Atomic<UInt64>(0)
    /// Whose turn it is to give an entry up.
    private let turn = Atomic<UInt64>(0)
    /// Each grows with the writes and deletes of the names that fall to it, so that a fetch that began before is not kept,
    /// and a fetch of another name mostly is.
    private let epochs = InlineArray<64, Atomic<UInt64>> { _ in Atomic(0) }
    private let alarm = Mutex(Alarm())

    public init(bounds: CacheBounds = CacheBounds()) {
        self.bounds = Mutex(bounds)
        shards = (0..<Self.shardCount).map { _ in Mutex<CacheShard>.Box() }
    }

    /// Sets new bounds; what is too much goes at once.
    public func setBounds(_ bounds: CacheBounds) {
        self.bounds.withLock { $0 = bounds }
        enforceBounds()
    }

    /// Whom to tell of a deadline that may come before all others.
    func onDeadline(_ alarm: @escaping @Sendable (BootInstant) -> Void) { self.alarm.withLock { $0.sound = alarm } }

    // MARK: Reading

    /// Looks up one name at one level and lends the value to `reader` under the shard's lock.
    ///
    /// - Parameter maximumAge: nanoseconds; an older answer is a miss.
    func read(
        _ key: borrowing CacheKey,
        at now: BootInstant,
        maximumAge: Int64?,
        reader: (ResolvedSecret) -> Void
    ) -> Answer {
        read(hash: key.hash, at: now, maximumAge: maximumAge, where: { $0.isAbout(key) }, reader: reader)
    }

    /// The same for names whose hash was taken before.
    func read(
        _ probe: CacheProbe,
        at now: BootInstant,
        maximumAge: Int64?,
        reader: (ResolvedSecret) -> Void
    ) -> Answer {
        read(hash: probe.hash, at: now, maximumAge: maximumAge, where: { probe.isAbout($0) }, reader: reader)
    }

    private func read(
        hash: UInt64,
        at now: BootInstant,
        maximumAge: Int64?,
        where isMeant: (CacheEntry) -> Bool,
        reader: (ResolvedSecret) -> Void
    ) -> Answer {
        shard(hash).lock.withLock { shard in
            guard let (slot, entry) = shard.find(hash: hash, where: isMeant), now < entry.expiresAt else {
                return .miss
            }
            guard let answer = entry.answer else {
                if let maximumAge, now.nanoseconds(since: entry.storedAt) > maximumAge { return .miss }
                return .notFound
            }
            if let maximumAge, now.nanoseconds(since: answer.fetchedAt) > maximumAge { return .miss }
            reader(answer)
            return .hit(refresh: now >= entry.refreshAt && shard.startRefresh(slot))
        }
    }

    /// A value beyond its hard lifetime but within the configured bound, for while the manager cannot be reached.
    func readStale(_ key: StoredKey, at now: BootInstant) -> ResolvedSecret? {
        key.withCacheKey { key in
            let hash = key.hash
            return shard(hash).lock.withLock { shard in
                let found = shard.find(hash: hash, where: { $0.isAbout(key) })
                guard let (_, entry) = found, now < entry.wipeAt else { return nil }
                return entry.answer
            }
        }
    }

    // MARK: Writing

    /// To be read before a fetch begins and given to ``store(_:answer:policy:since:at:keptUntil:)`` after it.
    func epoch(of name: SecretName) -> UInt64 { epochs[Self.stripe(name)].load(ordering: .acquiring) }

    /// By key and tenant alone, because a write concerns the levels below its own too.
    private static func stripe(_ name: SecretName) -> Int {
        var hasher = Hasher()
        name.tenant.hashBytes(into: &hasher)
        name.key.hashBytes(into: &hasher)
        return hasher.finalize() & 63
    }

    /// Keeps what a manager answered, unless the name was written or deleted since `epoch`. An answer that is not to be kept
    /// still ends the one before it.
    ///
    /// - Parameter keptUntil: how long the manager allows it to be kept.
    func store(
        _ key: StoredKey,
        answer: ResolvedSecret?,
        policy: CachePolicy,
        since epoch: UInt64,
        at now: BootInstant,
        keptUntil: BootInstant = .distantFuture
    ) {
        guard policy.isEnabled else { return }
        let lifetime = answer == nil ? policy.expireNotFound : policy.expireAfterWrite
        var expiresAt = now.advanced(by: lifetime)
        if let answer { expiresAt = min(expiresAt, answer.expiresAt, keptUntil) }
        let stale = answer == nil ? Duration.zero : policy.serveStaleFor
        let refresh = answer == nil ? nil : policy.refreshAfterWrite
        let hash = key.withCacheKey { $0.hash }
        let entry = CacheEntry(
            key: key,
            hash: hash,
            answer: answer,
            storedAt: now,
            refreshAt: refresh.map { now.advanced(by: $0) } ?? .distantFuture,
            expiresAt: expiresAt,
            wipeAt: max(expiresAt, min(expiresAt.advanced(by: stale), keptUntil))
        )
        let isKept = expiresAt > now && entry.byteCount <= bounds.withLock { $0.maximumBytes }
        let (replaced, isFirst) = shard(hash).lock.withLock { shard -> (CacheEntry?, Bool) in
            // Under the lock that a write's removal takes after it has moved the epoch: either the removal finds this entry,
            // or this finds the new epoch.
            guard epoch == self.epoch(of: key.name) else { return (nil, false) }
            guard isKept else {
                let ended = shard.remove(hash: hash)
                account(adding: nil, removing: ended)
                return (ended, false)
            }
            let before = shard.nextDeadline()
            let replaced = shard.insert(entry)
            account(adding: entry, removing: replaced)
            return (replaced, before.map { entry.wipeAt < $0 } ?? true)
        }
        // Values are zeroed outside of the lock.
        _ = consume replaced
        enforceBounds()
        if isFirst { alarm.withLock { $0.sound }?(entry.wipeAt) }
    }

    /// Lets the next reader refresh again, unless something else has taken the place of the `old` answer.
    func refreshEnded(_ key: StoredKey, of old: ResolvedSecret) {
        let hash = key.withCacheKey { $0.hash }
        shard(hash).lock.withLock { $0.refreshEnded(hash: hash, of: old) }
    }

    /// Forgets a name: its value, its versions, and every "there is none" of it at the levels below, which would hide a new
    /// value from the children.
    func invalidate(_ name: SecretName) {
        epochs[Self.stripe(name)].add(1, ordering: .releasing)
        _ = remove { key in
            key.name.key.hasSameBytes(as: name.key) && key.name.tenant.hasSameBytes(as: name.tenant)
                && name.namespace.isOrContains(namespace: key.name.namespace.utf8Span.span)
        }
    }

    /// Wipes what matches; nil matches everything.
    ///
    /// - Returns: how many entries went.
    public func evict(tenant: String?, namespace: String?, key: String?) -> Int {
        for index in epochs.indices { epochs[index].add(1, ordering: .releasing) }
        return remove { stored in
            tenant.map { stored.name.tenant.hasSameBytes(as: $0) } ?? true
                && namespace.map { stored.name.namespace.hasSameBytes(as: $0) } ?? true
                && key.map { stored.name.key.hasSameBytes(as: $0) } ?? true
        }
    }

    /// Wipes what these readers, and nobody else, have read.
    ///
    /// - Parameter bits: as given to ``ResolvedSecret/markRead(by:)``.
    /// - Returns: how many entries went.
    public func release(readers bits: UInt64) -> Int {
        removeEntries { $0.answer?.release(readers: bits) ?? false }
    }

    private func remove(where isMeant: (StoredKey) -> Bool) -> Int { removeEntries { isMeant($0.key) } }

    private func removeEntries(where isMeant: (CacheEntry) -> Bool) -> Int {
        var count = 0
        for shard in shards {
            let gone = shard.lock.withLock { shard in
                let gone = shard.removeAll(where: isMeant)
                for entry in gone { account(adding: nil, removing: entry) }
                return gone
            }
            count += gone.count
        }
        return count
    }

    // MARK: Expiry

    /// Wipes what is due and calls `late` with how late each was, in nanoseconds.
    ///
    /// - Returns: when to come again.
    func wipeExpired(at now: BootInstant, late: (Int64) -> Void) -> BootInstant? {
        var next: BootInstant?
        var expired: [CacheEntry] = []
        expired.reserveCapacity(Self.wipeBatch)
        var deadlines: [BootInstant] = []
        deadlines.reserveCapacity(Self.wipeBatch)
        for shard in shards {
            var more = true
            while more {
                let deadline = shard.lock.withLock { shard in
                    let bytes = shard.takeExpired(at: now, limit: Self.wipeBatch, into: &expired)
                    byteCount.subtract(bytes, ordering: .relaxed)
                    entryCount.subtract(expired.count, ordering: .relaxed)
                    return shard.nextDeadline()
                }
                more = expired.count == Self.wipeBatch
                deadlines.removeAll(keepingCapacity: true)
                deadlines.append(contentsOf: expired.lazy.map(\.wipeAt))
                expirations.add(UInt64(expired.count), ordering: .relaxed)
                // Letting go of the entries is what zeroes the values; lateness counts from deadline to zero.
                expired.removeAll(keepingCapacity: true)
                let done = BootInstant.now
                for deadline in deadlines { late(max(0, done.nanoseconds(since: deadline))) }
                if !more, let deadline { next = min(next ?? deadline, deadline) }
            }
        }
        return next
    }

    public var statistics: Statistics {
        Statistics(
            entries: entryCount.load(ordering: .relaxed),
            bytes: byteCount.load(ordering: .relaxed),
            evictions: evictions.load(ordering: .relaxed),
            expirations: expirations.load(ordering: .relaxed),
            nextDeadline: shards.compactMap { $0.lock.withLock { $0.nextDeadline() } }.min()
        )
    }

    // MARK: Bounds

    private func shard(_ hash: UInt64) -> Mutex<CacheShard>.Box { shards[Int(hash >> 61)] }

    /// Under the shard's lock, so that no entry is taken off before it was added.
    private func account(adding added: CacheEntry?, removing removed: CacheEntry?) {
        entryCount.add((added == nil ? 0 : 1) - (removed == nil ? 0 : 1), ordering: .relaxed)
        byteCount.add((added?.byteCount ?? 0) - (removed?.byteCount ?? 0), ordering: .relaxed)
    }

    private func enforceBounds() {
        let bounds = bounds.withLock { $0 }
        var inVain = 0
        while entryCount.load(ordering: .relaxed) > bounds.maximumSize
            || byteCount.load(ordering: .relaxed) > bounds.maximumBytes
        {
            // Shards take turns, from one store to the next too, so that no shard pays for all. A shard whose entries are
            // all in use is passed over while there may be another.
            let turn = Int(turn.add(1, ordering: .relaxed).newValue % UInt64(Self.shardCount))
            let gone = shards[turn].lock.withLock { shard in
                let gone = shard.evict(insists: inVain >= Self.shardCount)
                account(adding: nil, removing: gone)
                return gone
            }
            guard gone != nil else {
                inVain += 1
                // Nothing is left to take: others are taking it.
                if inVain == 2 * Self.shardCount { return }
                continue
            }
            inVain = 0
            evictions.add(1, ordering: .relaxed)
        }
    }
}

extension Mutex where Value == CacheShard {
    /// A lock on the heap, so that an array can hold several.
    final class Box: Sendable {
        let lock = Mutex<CacheShard>(CacheShard())
    }
}
