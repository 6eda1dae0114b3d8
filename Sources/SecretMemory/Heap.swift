internal import Glibc

/// The arena's memory: segments cut into slabs of small blocks and runs of pages. All of it is used under one lock; the
/// threads' own caches keep that lock off the hot path.
@unsafe
struct Heap: ~Copyable {
    /// Bytes of a slab, and its alignment within its segment.
    static let slabBytes = 32 * 1024
    /// Bytes that the heap grows by, unless a block needs more or the maximum leaves less: an eighth of what there is, within
    /// these bounds. Memory that was mapped once stays, so a small heap does not take more than it needs.
    static let growthBytes = (512 << 10)...(4 << 20)
    /// Most segments there can be; with the smallest segment size this is far beyond any sensible maximum.
    static let segmentLimit = 1024

    /// A slab's blocks that nobody holds, and its neighbours among the slabs of its class that have some.
    @unsafe
    struct Slab {
        var free: UnsafeMutableRawPointer?
        var freeCount: UInt16 = 0
        /// 0 where there is no slab.
        var blockCount: UInt16 = 0
        var sizeClass: UInt8 = 0
        var next: UnsafeMutablePointer<Slab>?
        var previous: UnsafeMutablePointer<Slab>?
        var segment: UInt16 = 0
        var firstPage = 0
    }

    struct Options {
        var initialBytes = 4 << 20
        var maximumBytes = 64 << 20
        var best: LockLevel = .secret
        var required = false
    }

    private var segments: [Segment] = unsafe []
    private var slabs: [UnsafeMutablePointer<Slab>] = unsafe []
    private var partial: [UnsafeMutablePointer<Slab>?]
    private(set) var options = Options()
    private(set) var mappedBytes = 0
    private(set) var level: LockLevel = .secret
    private(set) var lastRefusal: LockRefusal?

    init() { unsafe partial = Array(repeating: nil, count: SizeClass.count) }

    var isStarted: Bool { unsafe !segments.isEmpty }
    var segmentCount: Int { unsafe segments.count }
    var freePageBytes: Int { unsafe segments.reduce(0) { unsafe $0 + $1.freePages * Segment.pageBytes } }

    /// Takes new bounds; what is mapped stays.
    mutating func configure(initialBytes: Int, maximumBytes: Int, required: Bool) throws(LockRefusal) {
        unsafe options.maximumBytes = max(maximumBytes, mappedBytes)
        unsafe options.required = required
        if required, unsafe level < .locked, let lastRefusal = unsafe lastRefusal { throw lastRefusal }
        if unsafe initialBytes > mappedBytes { unsafe try grow(by: initialBytes - mappedBytes) }
    }

    mutating func start(_ options: Options) throws(LockRefusal) {
        unsafe self.options = options
        unsafe try grow(by: max(options.initialBytes, Heap.slabBytes))
    }

    /// Adds a segment with room for `byteCount` bytes in a row.
    private mutating func grow(by byteCount: Int) throws(LockRefusal) {
        let rounded = unsafe (byteCount + Heap.slabBytes - 1) / Heap.slabBytes * Heap.slabBytes
        var refusal: LockRefusal?
        let segment = unsafe try Segment.map(
            byteCount: rounded,
            best: options.best,
            required: options.required,
            refusal: &refusal
        )
        if let refusal { unsafe lastRefusal = refusal }
        unsafe segments.append(segment)
        let count = unsafe rounded / Heap.slabBytes
        let table = UnsafeMutablePointer<Slab>.allocate(capacity: count)
        unsafe table.initialize(repeating: Slab(), count: count)
        unsafe slabs.append(table)
        unsafe mappedBytes += rounded
        unsafe level = min(level, segment.level)
    }

    /// Takes whole pages, growing the arena where that is allowed.
    mutating func takePages(_ count: Int, alignment: Int) throws(MemoryError) -> (segment: Int, page: Int) {
        for index in unsafe segments.indices {
            if let page = unsafe segments[index].take(count, alignment: alignment) { return (index, page) }
        }
        let byteCount = unsafe count * Segment.pageBytes
        let room = unsafe options.maximumBytes - mappedBytes
        guard byteCount <= room, unsafe segments.count < Heap.segmentLimit else { throw .arenaFull }
        do throws(LockRefusal) {
            let step = unsafe max(Heap.growthBytes.lowerBound, min(Heap.growthBytes.upperBound, mappedBytes / 8))
            unsafe try grow(by: max(byteCount, min(step, room)))
        } catch {
            unsafe lastRefusal = error
            throw .refused(error)
        }
        let index = unsafe segments.count - 1
        guard let page = unsafe segments[index].take(count, alignment: alignment) else { throw .arenaFull }
        return (index, page)
    }

    mutating func releasePages(segment: Int, address: UnsafeMutableRawPointer, byteCount: Int) {
        let first = unsafe (address - segments[segment].base) / Segment.pageBytes
        unsafe segments[segment].release(first: first, count: byteCount / Segment.pageBytes)
    }

    func address(segment: Int, page: Int) -> UnsafeMutableRawPointer {
        unsafe segments[segment].base + page * Segment.pageBytes
    }

    /// Takes up to `wanted` free blocks of one class, linked through their first word.
    ///
    /// - Returns: the chain and its length, at least 1.
    mutating func takeBlocks(
        _ sizeClass: Int,
        wanted: Int
    ) throws(MemoryError) -> (chain: UnsafeMutableRawPointer, count: Int) {
        if unsafe partial[sizeClass] == nil { unsafe try addSlab(sizeClass) }
        guard let slab = unsafe partial[sizeClass], let first = unsafe slab.pointee.free else { throw .arenaFull }
        var last = unsafe first
        var count = 1
        while count < wanted, let next = unsafe FreeLink.next(of: last) {
            unsafe last = next
            count += 1
        }
        unsafe slab.pointee.free = FreeLink.next(of: last)
        unsafe slab.pointee.freeCount -= UInt16(count)
        unsafe FreeLink.set(nil, on: last)
        if unsafe slab.pointee.free == nil { unsafe unlink(slab) }
        return unsafe (first, count)
    }

    /// Takes a block back into its slab; a slab that nobody uses any more becomes free pages again.
    mutating func returnBlock(_ block: UnsafeMutableRawPointer, segment: Int) {
        let offset = unsafe block - segments[segment].base
        let slab = unsafe slabs[segment] + offset / Heap.slabBytes
        let wasFull = unsafe slab.pointee.free == nil
        unsafe FreeLink.set(slab.pointee.free, on: block)
        unsafe slab.pointee.free = block
        unsafe slab.pointee.freeCount += 1
        if wasFull { unsafe link(slab) }
        guard unsafe slab.pointee.freeCount == slab.pointee.blockCount,
            unsafe slab.pointee.next != nil || slab.pointee.previous != nil
        else { return }
        unsafe unlink(slab)
        unsafe slab.pointee.blockCount = 0
        // Headers and links of the blocks would lie in the middle of the next owner's zeros.
        unsafe memset(address(segment: segment, page: slab.pointee.firstPage), 0, Heap.slabBytes)
        unsafe segments[segment].release(
            first: slab.pointee.firstPage,
            count: Heap.slabBytes / Segment.pageBytes
        )
    }

    private mutating func addSlab(_ sizeClass: Int) throws(MemoryError) {
        let pages = unsafe Heap.slabBytes / Segment.pageBytes
        let (segment, page) = try unsafe takePages(pages, alignment: pages)
        let base = unsafe address(segment: segment, page: page)
        let size = SizeClass.sizes[sizeClass]
        let count = unsafe Heap.slabBytes / size
        var chain: UnsafeMutableRawPointer?
        for index in stride(from: count - 1, through: 0, by: -1) {
            let block = unsafe base + index * size
            let header = unsafe BlockHeader(
                magic: BlockHeader.freed,
                sizeClass: UInt8(sizeClass),
                account: 0,
                segment: UInt16(segment),
                requested: 0,
                total: UInt32(size)
            )
            unsafe block.storeBytes(of: header, as: BlockHeader.self)
            unsafe FreeLink.set(chain, on: block)
            unsafe chain = block
        }
        let slab = unsafe slabs[segment] + page * Segment.pageBytes / Heap.slabBytes
        unsafe slab.pointee = Slab(
            free: chain,
            freeCount: UInt16(count),
            blockCount: UInt16(count),
            sizeClass: UInt8(sizeClass),
            segment: UInt16(segment),
            firstPage: page
        )
        unsafe link(slab)
    }

    private mutating func link(_ slab: UnsafeMutablePointer<Slab>) {
        let sizeClass = unsafe Int(slab.pointee.sizeClass)
        unsafe slab.pointee.previous = nil
        unsafe slab.pointee.next = partial[sizeClass]
        unsafe partial[sizeClass]?.pointee.previous = slab
        unsafe partial[sizeClass] = slab
    }

    private mutating func unlink(_ slab: UnsafeMutablePointer<Slab>) {
        let sizeClass = unsafe Int(slab.pointee.sizeClass)
        if let previous = unsafe slab.pointee.previous {
            unsafe previous.pointee.next = slab.pointee.next
        } else {
            unsafe partial[sizeClass] = slab.pointee.next
        }
        unsafe slab.pointee.next?.pointee.previous = slab.pointee.previous
        unsafe slab.pointee.next = nil
        unsafe slab.pointee.previous = nil
    }

    /// Looks at the headers of one slab's blocks. What stands in them stays the same for as long as the slab does, but for the
    /// magic, the account and the bytes asked for, which their owners change without the lock; each of these is written in one
    /// move, so that any look finds a value that was meant.
    ///
    /// - Returns: how many blocks there are, and how many headers are not as the heap wrote them; nil beyond the last slab.
    borrowing func checkSlab(segment: Int, index: Int) -> (blocks: Int, damaged: Int)? {
        guard unsafe segment < segments.count,
            unsafe index < segments[segment].byteCount / Heap.slabBytes
        else { return nil }
        let slab = unsafe slabs[segment][index]
        let size = unsafe slab.blockCount > 0 ? SizeClass.sizes[Int(slab.sizeClass)] : 0
        let base = unsafe address(segment: segment, page: slab.firstPage)
        var damaged = 0
        for block in unsafe 0..<Int(slab.blockCount) {
            let header = unsafe (base + block * size).load(as: BlockHeader.self)
            let isSound =
                unsafe (header.magic == BlockHeader.live || header.magic == BlockHeader.freed)
                && header.sizeClass == slab.sizeClass && header.segment == slab.segment && header.total == size
                && header.requested <= size - SizeClass.headerBytes
                && Int(header.account) < MemoryAccount.allCases.count
            if !isSound { damaged += 1 }
        }
        return unsafe (Int(slab.blockCount), damaged)
    }

    /// Zeroes everything, blocks in use and the heap's own marks in them too.
    borrowing func wipe() {
        for index in unsafe segments.indices { unsafe explicit_bzero(segments[index].base, segments[index].byteCount) }
    }

    /// Calls `body` with each segment's mapping.
    borrowing func forEachSegment(_ body: (UnsafeRawBufferPointer) -> Void) {
        for index in unsafe segments.indices {
            unsafe body(UnsafeRawBufferPointer(start: segments[index].base, count: segments[index].byteCount))
        }
    }
}

/// Free blocks form chains: the link to the next stands behind the header, where the wiped body begins.
enum FreeLink {
    @inline(always)
    static func next(of block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        unsafe block.load(fromByteOffset: SizeClass.headerBytes, as: UnsafeMutableRawPointer?.self)
    }

    @inline(always)
    static func set(_ next: UnsafeMutableRawPointer?, on block: UnsafeMutableRawPointer) {
        unsafe block.storeBytes(of: next, toByteOffset: SizeClass.headerBytes, as: UnsafeMutableRawPointer?.self)
    }
}
