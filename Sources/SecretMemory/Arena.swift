internal import CLinux
internal import Glibc
internal import Synchronization

/// The process's locked memory. Every secret, and every buffer that a secret passes through, is a block of it.
///
/// There is one arena in a process, because the C libraries that allocate through it know of one allocator. It starts at
/// the first use with what the kernel grants; an agent calls ``start(_:)`` first, to be told of a refusal.
public enum Arena {
    /// How the arena is to be had.
    public struct Options: Sendable {
        /// Bytes mapped at the start. 64 KiB or more.
        public var initialBytes: Int
        /// Bytes beyond which the arena does not grow.
        public var maximumBytes: Int
        /// The best protection to try.
        public var best: LockLevel
        /// Whether less than ``LockLevel/locked`` is an error.
        public var required: Bool

        /// 4 MiB that grow to 64 MiB, with whatever protection the kernel grants.
        public init(
            initialBytes: Int = 4 << 20,
            maximumBytes: Int = 64 << 20,
            best: LockLevel = .secret,
            required: Bool = false
        ) {
            self.initialBytes = initialBytes
            self.maximumBytes = maximumBytes
            self.best = best
            self.required = required
        }
    }

    /// What is held, for health and metrics.
    public struct Usage: Sendable {
        /// Bytes mapped.
        public let mappedBytes: Int
        /// Bytes the arena may grow to.
        public let maximumBytes: Int
        /// Bytes of whole pages that nothing uses.
        public let freePageBytes: Int
        /// Bytes in use for each purpose, block headers included.
        public let bytes: [MemoryAccount: Int]
        /// The weakest protection among the segments.
        public let level: LockLevel
        /// The last time the kernel refused to let the arena grow.
        public let lastRefusal: LockRefusal?
    }

    /// Sound because the heap is reached only through `withHeap`, under its lock. (`Synchronization.Mutex` cannot guard it: the
    /// pointers that go in and out of the heap are not sendable, and that is what they are for.)
    @safe
    private final class Shared: @unchecked Sendable {
        private let heap = UnsafeMutablePointer<Heap>.allocate(capacity: 1)
        private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        let used = InlineArray<5, Atomic<Int>> { _ in Atomic(0) }
        let limits = InlineArray<5, Atomic<Int>> { _ in Atomic(.max) }
        let started = Atomic(false)

        init() {
            unsafe heap.initialize(to: Heap())
            unsafe pthread_mutex_init(lock, nil)
        }

        /// Leaves the lock locked.
        func wipeForExit() {
            unsafe pthread_mutex_lock(lock)
            unsafe heap.pointee.wipe()
        }

        func withHeap<Result, Failure: Error>(
            _ body: (inout Heap) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            unsafe pthread_mutex_lock(lock)
            defer { unsafe pthread_mutex_unlock(lock) }
            return try unsafe body(&heap.pointee)
        }
    }

    private static let shared = Shared()

    // MARK: Starting

    /// Maps the first segment. Call once, before any thread that allocates.
    ///
    /// - Throws: the kernel's refusal, where `options.required` and memory could not be locked.
    public static func start(_ options: Options) throws(LockRefusal) {
        unsafe try shared.withHeap { (heap) throws(LockRefusal) in
            guard unsafe !heap.isStarted else { return }
            try unsafe heap.start(
                Heap.Options(
                    initialBytes: options.initialBytes,
                    maximumBytes: options.maximumBytes,
                    best: options.best,
                    required: options.required
                )
            )
        }
        setShares(of: options.maximumBytes)
        shared.started.store(true, ordering: .releasing)
    }

    /// Sets what the configuration says, once it is known: reading the configuration takes locked memory itself.
    ///
    /// - Throws: the kernel's refusal, where `required` and something is not locked, or the initial size cannot be had.
    public static func configure(
        initialBytes: Int,
        maximumBytes: Int,
        required: Bool
    ) throws(LockRefusal) {
        ensureStarted()
        unsafe try shared.withHeap { (heap) throws(LockRefusal) in
            try unsafe heap.configure(initialBytes: initialBytes, maximumBytes: maximumBytes, required: required)
        }
        setShares(of: maximumBytes)
    }

    private static func setShares(of maximumBytes: Int) {
        for account in MemoryAccount.allCases {
            let share = maximumBytes / 100 * account.sharePercent
            shared.limits[Int(account.rawValue)].store(share, ordering: .relaxed)
        }
    }

    private static func ensureStarted() {
        if shared.started.load(ordering: .acquiring) { return }
        do { try start(Options()) } catch { preconditionFailure("no memory can be mapped: \(error)") }
    }

    /// What is held now. Up to 32 KiB a thread and purpose may not be counted yet.
    public static var usage: Usage {
        ensureStarted()
        var bytes: [MemoryAccount: Int] = [:]
        for account in MemoryAccount.allCases {
            bytes[account] = shared.used[Int(account.rawValue)].load(ordering: .relaxed)
        }
        return unsafe shared.withHeap { heap in
            unsafe Usage(
                mappedBytes: heap.mappedBytes,
                maximumBytes: heap.options.maximumBytes,
                freePageBytes: heap.freePageBytes,
                bytes: bytes,
                level: heap.level,
                lastRefusal: heap.lastRefusal
            )
        }
    }

    // MARK: Blocks

    /// A zeroed block.
    ///
    /// - Returns: `byteCount` bytes, aligned to 16, owned by the caller until ``deallocate(_:)``.
    @unsafe
    package static func allocate(
        _ byteCount: Int,
        account: MemoryAccount
    ) throws(MemoryError) -> UnsafeMutableRawPointer {
        let cache = unsafe ThreadCache.current()
        // First of all: a C library may ask for any number, and the sum below must not overflow.
        guard byteCount >= 0, byteCount < 1 << 30 else { throw .arenaFull }
        let whole = (max(byteCount, 16) + SizeClass.headerBytes + 15) & ~15
        if whole > SizeClass.largestSmall { return unsafe try allocatePages(byteCount, account, cache) }
        let sizeClass = Int(unsafe ClassTable.byUnits[whole >> 4])
        let bin = unsafe cache.pointee.bins + sizeClass
        if unsafe bin.pointee.chain == nil { unsafe try refill(bin, sizeClass) }
        guard let block = unsafe bin.pointee.chain else { throw .arenaFull }
        let header = unsafe block.assumingMemoryBound(to: BlockHeader.self)
        try unsafe charge(account, Int(header.pointee.total), cache)
        unsafe bin.pointee.chain = FreeLink.next(of: block)
        unsafe bin.pointee.count -= 1
        unsafe FreeLink.set(nil, on: block)
        unsafe header.pointee.magic = BlockHeader.live
        unsafe header.pointee.account = account.rawValue
        unsafe header.pointee.requested = UInt32(byteCount)
        return unsafe block + SizeClass.headerBytes
    }

    /// Wipes a block and takes it back.
    ///
    /// - Safety: `body` must have come from ``allocate(_:account:)`` and is not to be used again.
    @unsafe
    package static func deallocate(_ body: UnsafeMutableRawPointer) {
        let header = unsafe BlockHeader.of(body)
        let total = unsafe Int(header.pointee.total)
        #if MEMORY_PROBE
            if unsafe !ArenaProbe.measuresAreOff { unsafe explicit_bzero(body, total - SizeClass.headerBytes) }
        #else
            unsafe explicit_bzero(body, total - SizeClass.headerBytes)
        #endif
        unsafe header.pointee.magic = BlockHeader.freed
        let cache = unsafe ThreadCache.current()
        unsafe discharge(Int(header.pointee.account), total, cache)
        let sizeClass = unsafe header.pointee.sizeClass
        let block = unsafe body - SizeClass.headerBytes
        if sizeClass == SizeClass.pages {
            let segment = unsafe Int(header.pointee.segment)
            // It would lie in the middle of the next owner's zeros.
            unsafe memset(block, 0, SizeClass.headerBytes)
            unsafe shared.withHeap { heap in
                unsafe heap.releasePages(segment: segment, address: block, byteCount: total)
            }
            return
        }
        let bin = unsafe cache.pointee.bins + Int(sizeClass)
        unsafe FreeLink.set(bin.pointee.chain, on: block)
        unsafe bin.pointee.chain = block
        unsafe bin.pointee.count += 1
        if unsafe Int(bin.pointee.count) * total > ThreadCache.bytesPerClass + 2 * total {
            unsafe flush(bin, keeping: Int32(ThreadCache.bytesPerClass / total / 2))
        }
    }

    /// Bytes that were asked for.
    ///
    /// - Safety: `body` must be a live block of the arena.
    @unsafe
    package static func requestedBytes(of body: UnsafeMutableRawPointer) -> Int {
        unsafe Int(BlockHeader.of(body).pointee.requested)
    }

    /// Changes a block's size, in place where its class allows. What is cut off, or left behind, is wiped.
    ///
    /// - Safety: as for ``deallocate(_:)``; on a throw the old block is still the caller's.
    @unsafe
    package static func reallocate(
        _ body: UnsafeMutableRawPointer,
        to byteCount: Int,
        account: MemoryAccount
    ) throws(MemoryError) -> UnsafeMutableRawPointer {
        let header = unsafe BlockHeader.of(body)
        let held = unsafe Int(header.pointee.requested)
        let room = unsafe Int(header.pointee.total) - SizeClass.headerBytes
        if byteCount <= room, byteCount >= room / 2 {
            if byteCount < held { unsafe explicit_bzero(body + byteCount, held - byteCount) }
            unsafe header.pointee.requested = UInt32(byteCount)
            return unsafe body
        }
        let moved = unsafe try allocate(byteCount, account: account)
        unsafe moved.copyMemory(from: body, byteCount: min(held, byteCount))
        unsafe deallocate(body)
        return unsafe moved
    }

    @inline(never)
    private static func allocatePages(
        _ byteCount: Int,
        _ account: MemoryAccount,
        _ cache: UnsafeMutablePointer<ThreadCache>
    ) throws(MemoryError) -> UnsafeMutableRawPointer {
        ensureStarted()
        let pages = unsafe (byteCount + SizeClass.headerBytes + Segment.pageBytes - 1) / Segment.pageBytes
        let total = unsafe pages * Segment.pageBytes
        try unsafe charge(account, total, cache)
        do throws(MemoryError) {
            let place = unsafe try shared.withHeap { (heap) throws(MemoryError) in
                let (segment, page) = try unsafe heap.takePages(pages, alignment: 1)
                return unsafe (segment: segment, address: heap.address(segment: segment, page: page))
            }
            let header = unsafe BlockHeader(
                magic: BlockHeader.live,
                sizeClass: SizeClass.pages,
                account: account.rawValue,
                segment: UInt16(place.segment),
                requested: UInt32(byteCount),
                total: UInt32(total)
            )
            unsafe place.address.storeBytes(of: header, as: BlockHeader.self)
            return unsafe place.address + SizeClass.headerBytes
        } catch {
            unsafe discharge(Int(account.rawValue), total, cache)
            throw error
        }
    }

    @inline(never)
    private static func refill(
        _ bin: UnsafeMutablePointer<ThreadCache.Bin>,
        _ sizeClass: Int
    ) throws(MemoryError) {
        ensureStarted()
        let wanted = unsafe max(1, min(64, ThreadCache.bytesPerClass / 2 / SizeClass.sizes[sizeClass]))
        let (chain, count) = unsafe try shared.withHeap { (heap) throws(MemoryError) in
            try unsafe heap.takeBlocks(sizeClass, wanted: wanted)
        }
        unsafe bin.pointee.chain = chain
        unsafe bin.pointee.count = Int32(count)
    }

    @inline(never)
    private static func flush(_ bin: UnsafeMutablePointer<ThreadCache.Bin>, keeping: Int32) {
        unsafe shared.withHeap { heap in
            while unsafe bin.pointee.count > keeping, let block = unsafe bin.pointee.chain {
                unsafe bin.pointee.chain = FreeLink.next(of: block)
                unsafe bin.pointee.count -= 1
                let segment = unsafe block.assumingMemoryBound(to: BlockHeader.self).pointee.segment
                unsafe heap.returnBlock(block, segment: Int(segment))
            }
        }
    }

    /// Gives back everything that a thread kept for itself.
    static func drain(_ cache: UnsafeMutablePointer<ThreadCache>) {
        for index in 0..<SizeClass.count { unsafe flush(cache.pointee.bins + index, keeping: 0) }
        for index in MemoryAccount.allCases.indices {
            shared.used[index].add(unsafe cache.pointee.pending[index], ordering: .relaxed)
        }
    }

    // MARK: Accounts

    @inline(always)
    private static func charge(
        _ account: MemoryAccount,
        _ byteCount: Int,
        _ cache: UnsafeMutablePointer<ThreadCache>
    ) throws(MemoryError) {
        let index = Int(account.rawValue)
        let pending = unsafe cache.pointee.pending[index] + byteCount
        unsafe cache.pointee.pending[index] = pending
        if unsafe pending > ThreadCache.pendingLimit { try unsafe settle(account, byteCount, cache) }
    }

    @inline(never)
    private static func settle(
        _ account: MemoryAccount,
        _ byteCount: Int,
        _ cache: UnsafeMutablePointer<ThreadCache>
    ) throws(MemoryError) {
        let index = Int(account.rawValue)
        let used = shared.used[index].add(unsafe cache.pointee.pending[index], ordering: .relaxed).newValue
        unsafe cache.pointee.pending[index] = 0
        guard used <= shared.limits[index].load(ordering: .relaxed) else {
            shared.used[index].subtract(byteCount, ordering: .relaxed)
            throw .accountFull(account)
        }
    }

    @inline(always)
    private static func discharge(_ index: Int, _ byteCount: Int, _ cache: UnsafeMutablePointer<ThreadCache>) {
        let pending = unsafe cache.pointee.pending[index] - byteCount
        unsafe cache.pointee.pending[index] = pending
        if unsafe pending < -ThreadCache.pendingLimit {
            shared.used[index].add(pending, ordering: .relaxed)
            unsafe cache.pointee.pending[index] = 0
        }
    }

    /// Looks at the headers of one slab's blocks, under the arena's lock.
    ///
    /// - Returns: nil where there is no such slab.
    static func checkSlab(segment: Int, index: Int) -> (blocks: Int, damaged: Int)? {
        unsafe shared.withHeap { heap in unsafe heap.checkSlab(segment: segment, index: index) }
    }

    /// Zeroes all of it, whoever holds what, for the last moment of a process: it must leave with `_exit` then, because nothing
    /// that was allocated here can be used or freed any more. Another thread that still allocates waits for ever, and one that
    /// trips over its wiped memory does, too.
    @unsafe
    public static func wipeForExit() {
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return }
        #endif
        linux_park_on_fault()
        shared.wipeForExit()
    }

    /// Calls `body` with each mapping, under the arena's lock.
    @unsafe
    static func forEachSegment(_ body: (UnsafeRawBufferPointer) -> Void) {
        unsafe shared.withHeap { heap in unsafe heap.forEachSegment(body) }
    }
}

/// The class table behind a plain pointer: an array would cost a bounds check and a reference count for each block.
private enum ClassTable {
    nonisolated(unsafe) static let byUnits: UnsafePointer<UInt8> = {
        let table = SizeClass.byUnits
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: table.count)
        for index in table.indices { unsafe (copy + index).initialize(to: table[index]) }
        return unsafe UnsafePointer(copy)
    }()
}
