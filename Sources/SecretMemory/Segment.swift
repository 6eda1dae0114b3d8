internal import CLinux
internal import Glibc

/// How well a mapping is protected; larger is better.
public enum LockLevel: Int, Comparable, Sendable, CustomStringConvertible {
    /// Ordinary memory: may be swapped out.
    case none
    /// `mlock2`: never swapped, not in core files; readable by root through /proc/PID/mem.
    case locked
    /// `memfd_secret`: also out of reach of /proc/PID/mem, ptrace and the kernel's own direct map.
    case secret

    public static func < (left: LockLevel, right: LockLevel) -> Bool { left.rawValue < right.rawValue }

    public var description: String {
        switch self {
        case .none: "not locked"
        case .locked: "locked (mlock2)"
        case .secret: "secret (memfd_secret)"
        }
    }
}

/// One contiguous mapping between two guard pages, with a note of which pages are taken.
///
/// Segments are never unmapped: the heap that holds them lives as long as the process.
@unsafe
struct Segment {
    static let pageBytes = 4096

    let base: UnsafeMutableRawPointer
    let pageCount: Int
    let level: LockLevel
    /// 1 for each page in use; ordinary memory, since it says nothing about what is stored.
    let taken: UnsafeMutablePointer<UInt8>
    var freePages: Int
    /// No free page lies before this one.
    var firstFree = 0

    var byteCount: Int { unsafe pageCount * Segment.pageBytes }

    /// Maps, protects and touches `byteCount` bytes.
    ///
    /// - Parameters:
    ///   - byteCount: a multiple of the page size.
    ///   - best: the best protection to try; tests ask for less to reach the fallback.
    ///   - refusal: why memory could not be locked, where it could not.
    /// - Throws: that refusal, where locked memory is `required`.
    static func map(
        byteCount: Int,
        best: LockLevel,
        required: Bool,
        refusal: inout LockRefusal?
    ) throws(LockRefusal) -> Segment {
        if best >= .secret, let segment = unsafe try? mapSecret(byteCount) { return unsafe segment }
        if best >= .locked {
            do throws(LockRefusal) { return try unsafe mapLocked(byteCount, lock: true) } catch { refusal = error }
        } else {
            refusal = LockRefusal(operation: "mlock2", code: EPERM, limit: nil, wanted: byteCount)
        }
        if required, let refusal { throw refusal }
        return try unsafe mapLocked(byteCount, lock: false)
    }

    private static func mapSecret(_ byteCount: Int) throws(LockRefusal) -> Segment {
        let descriptor = linux_memfd_secret()
        guard descriptor >= 0 else { throw unsafe refusal("memfd_secret", byteCount) }
        // Whoever holds the descriptor can map the memory again, so it goes as soon as the mapping stands.
        defer { close(descriptor) }
        let whole = unsafe byteCount + 2 * pageBytes
        guard ftruncate(descriptor, whole) == 0 else { throw unsafe refusal("ftruncate", byteCount) }
        let mapped = unsafe mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let start = unsafe mapped, unsafe start != MAP_FAILED else { throw unsafe refusal("mmap", byteCount) }
        unsafe madvise(start, whole, MADV_DONTFORK)
        return unsafe guarded(start, byteCount: byteCount, level: .secret)
    }

    private static func mapLocked(_ byteCount: Int, lock: Bool) throws(LockRefusal) -> Segment {
        let whole = unsafe byteCount + 2 * pageBytes
        let mapped = unsafe mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start = unsafe mapped, unsafe start != MAP_FAILED else { throw unsafe refusal("mmap", byteCount) }
        if lock {
            guard unsafe linux_mlock2(start + pageBytes, byteCount) == 0 else {
                let refused = unsafe refusal("mlock2", byteCount)
                unsafe munmap(start, whole)
                throw refused
            }
        }
        unsafe madvise(start, whole, MADV_DONTDUMP)
        unsafe madvise(start, whole, MADV_WIPEONFORK)
        return unsafe guarded(start, byteCount: byteCount, level: lock ? .locked : .none)
    }

    private static func guarded(
        _ start: UnsafeMutableRawPointer,
        byteCount: Int,
        level: LockLevel
    ) -> Segment {
        unsafe mprotect(start, pageBytes, PROT_NONE)
        unsafe mprotect(start + pageBytes + byteCount, pageBytes, PROT_NONE)
        // Every page is touched now: a page that cannot be had must fail here, not under a request.
        unsafe memset(start + pageBytes, 0, byteCount)
        let pageCount = unsafe byteCount / pageBytes
        let taken = UnsafeMutablePointer<UInt8>.allocate(capacity: pageCount)
        unsafe taken.initialize(repeating: 0, count: pageCount)
        return unsafe Segment(
            base: start + pageBytes,
            pageCount: pageCount,
            level: level,
            taken: taken,
            freePages: pageCount
        )
    }

    private static func refusal(_ operation: String, _ wanted: Int) -> LockRefusal {
        let code = errno
        let limit = linux_memlock_limit()
        return LockRefusal(operation: operation, code: code, limit: limit == .max ? nil : limit, wanted: wanted)
    }

    /// Takes `count` neighbouring pages, the first of them at a multiple of `alignment` pages.
    ///
    /// - Returns: the number of the first page, or nil where no such gap is left.
    mutating func take(_ count: Int, alignment: Int) -> Int? {
        guard unsafe count <= freePages else { return nil }
        // Thousands of connections leave thousands of gaps, most of them too small: the C library looks for their ends.
        unsafe firstFree = next(0, from: firstFree, before: pageCount) ?? pageCount
        var start = unsafe firstFree
        while let free = unsafe next(0, from: start, before: pageCount) {
            start = (free + alignment - 1) / alignment * alignment
            guard unsafe start + count <= pageCount else { return nil }
            if let used = unsafe next(1, from: start, before: start + count) {
                start = used + 1
                continue
            }
            for page in start..<(start + count) { unsafe taken[page] = 1 }
            unsafe freePages -= count
            return start
        }
        return nil
    }

    mutating func release(first: Int, count: Int) {
        for page in first..<(first + count) { unsafe taken[page] = 0 }
        unsafe freePages += count
        unsafe firstFree = min(firstFree, first)
    }

    /// The first page at or after `first` that is marked so.
    private func next(_ mark: CInt, from first: Int, before end: Int) -> Int? {
        guard first < end, let found = unsafe memchr(taken + first, mark, end - first) else { return nil }
        return unsafe found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(taken)
    }
}
