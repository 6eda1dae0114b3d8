internal import HeapModule

/// A part of the cache, used under one lock.
struct CacheShard: ~Copyable {
    /// When to look at a slot again. An entry that was replaced or removed leaves its mark here until its time comes.
    private struct Deadline: Comparable {
        let instant: BootInstant
        let slot: Int

        static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
        static func == (left: Deadline, right: Deadline) -> Bool { left.instant == right.instant }
    }

    private struct Slot {
        var entry: CacheEntry?
        /// The entry's own, copied: who looks for what is due must not have to fetch every entry from memory to find it.
        var hash: UInt64 = 0
        var wipeAt = BootInstant.distantFuture
        /// Read since the clock's hand passed it last.
        var isUsed = false
        var isRefreshing = false
    }

    private var index: [UInt64: Int] = [:]
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var deadlines = Heap<Deadline>()
    private var hand = 0
    /// Of the turn of the reaper that is under way; kept for its memory.
    private var due: [Int] = []

    var count: Int { index.count }
    /// The earliest time at which an entry has to go; nil where none is held.
    mutating func nextDeadline() -> BootInstant? {
        while let first = deadlines.min {
            if slots[first.slot].wipeAt == first.instant { return first.instant }
            _ = deadlines.popMin()
        }
        return nil
    }

    /// Finds an entry that has not been wiped. This counts as a reader for the choice of what to evict.
    ///
    /// - Parameter isMeant: whether an entry with this hash has the names that are looked for.
    mutating func find(hash: UInt64, where isMeant: (CacheEntry) -> Bool) -> (slot: Int, entry: CacheEntry)? {
        guard let slot = index[hash], let entry = slots[slot].entry, isMeant(entry) else { return nil }
        slots[slot].isUsed = true
        return (slot, entry)
    }

    /// Whether the caller is the one who has to refresh the entry.
    mutating func startRefresh(_ slot: Int) -> Bool {
        guard !slots[slot].isRefreshing else { return false }
        slots[slot].isRefreshing = true
        return true
    }

    /// Lets the next reader refresh again where the entry still holds the `old` answer.
    mutating func refreshEnded(hash: UInt64, of old: ResolvedSecret) {
        if let slot = index[hash], slots[slot].entry?.answer === old { slots[slot].isRefreshing = false }
    }

    /// Puts an entry in the place of whatever had its key.
    ///
    /// - Returns: the entry that went, for the caller to account for and to destroy outside the lock.
    mutating func insert(_ entry: CacheEntry) -> CacheEntry? {
        let replaced = remove(hash: entry.hash)
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = slots.count
            slots.append(Slot())
        }
        slots[slot] = Slot(entry: entry, hash: entry.hash, wipeAt: entry.wipeAt)
        index[entry.hash] = slot
        deadlines.insert(Deadline(instant: entry.wipeAt, slot: slot))
        if deadlines.count > 4 * index.count + 64 { forgetOldDeadlines() }
        return replaced
    }

    /// Takes out the entry with this hash.
    mutating func remove(hash: UInt64) -> CacheEntry? {
        guard let slot = index.removeValue(forKey: hash) else { return nil }
        return empty(slot)
    }

    private mutating func empty(_ slot: Int) -> CacheEntry? {
        let entry = slots[slot].entry.take()
        slots[slot] = Slot()
        freeSlots.append(slot)
        return entry
    }

    /// Takes out at most `limit` entries whose time has come.
    ///
    /// - Returns: their bytes.
    mutating func takeExpired(at now: BootInstant, limit: Int, into expired: inout [CacheEntry]) -> Int {
        due.removeAll(keepingCapacity: true)
        while due.count < limit, let first = deadlines.min, first.instant <= now {
            _ = deadlines.popMin()
            // A mark may be an earlier entry's, and the slot another's by now, whose own time is still to come. Nor must
            // one that has two marks be taken twice.
            guard slots[first.slot].wipeAt <= now else { continue }
            slots[first.slot].wipeAt = .distantFuture
            due.append(first.slot)
        }
        // Entries lie far apart in memory that nobody has looked at for long. Looked at one after the other, with nothing
        // else between, the processor fetches many of them at the same time.
        let byteCount = due.reduce(0) { $0 &+ (slots[$1].entry?.byteCount ?? 0) }
        for slot in due {
            index[slots[slot].hash] = nil
            if let gone = empty(slot) { expired.append(gone) }
        }
        return byteCount
    }

    /// Takes out one entry that nobody has read since the hand came by last (second chance). The hand goes round once.
    ///
    /// - Parameter insists: whether an entry that was read has to go where there is no other.
    mutating func evict(insists: Bool) -> CacheEntry? {
        guard !index.isEmpty else { return nil }
        for _ in 0..<(insists ? 2 * slots.count : slots.count) {
            hand = hand + 1 < slots.count ? hand + 1 : 0
            guard slots[hand].entry != nil else { continue }
            if !slots[hand].isUsed { return remove(hash: slots[hand].hash) }
            slots[hand].isUsed = false
        }
        return nil
    }

    /// Takes out every entry that `isMeant` says.
    mutating func removeAll(where isMeant: (CacheEntry) -> Bool) -> [CacheEntry] {
        let meant = slots.compactMap(\.entry).filter(isMeant)
        return meant.compactMap { remove(hash: $0.hash) }
    }

    private mutating func forgetOldDeadlines() {
        let current = slots.enumerated().compactMap { slot, content in
            content.entry.map { Deadline(instant: $0.wipeAt, slot: slot) }
        }
        deadlines = Heap(current)
    }
}
