internal import Glibc

/// A queue of bytes in locked memory that grows up to a limit: appended at the end, consumed from the front, wiped as it is
/// consumed.
@safe
public struct SecretBuffer: ~Copyable, @unchecked Sendable {  // Sound: the block has one owner.
    private var base: UnsafeMutableRawPointer?
    private var start = 0
    private var end = 0
    private var capacity = 0
    private let account: MemoryAccount
    /// Most bytes that may wait in the buffer.
    public let limit: Int

    /// An empty buffer, which holds no memory until it is used.
    public init(limit: Int, account: MemoryAccount = .tls) {
        self.limit = limit
        self.account = account
    }

    /// Bytes that wait.
    public var count: Int { end - start }
    /// Whether nothing waits.
    public var isEmpty: Bool { start == end }

    /// The waiting bytes, for as long as this buffer is borrowed.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self) get {
            guard let base = unsafe base else { return Span() }
            let first = unsafe (base + start).assumingMemoryBound(to: UInt8.self)
            let span = unsafe Span(_unsafeStart: first, count: end - start)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Lends the waiting bytes to `body`, for buffers that are a class's property.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes)
    }

    /// Makes sure that `byteCount` more bytes fit.
    ///
    /// - Throws: ``MemoryError/accountFull(_:)`` also where the limit would be passed.
    public mutating func reserve(_ byteCount: Int) throws(MemoryError) {
        if unsafe base != nil, capacity - end >= byteCount { return }
        let held = end - start
        guard byteCount <= limit - held else { throw .accountFull(account) }
        if let base = unsafe base, capacity - held >= byteCount {
            // There is room once the waiting bytes move to the front; what they leave behind is wiped.
            unsafe memmove(base, base + start, held)
            unsafe explicit_bzero(base + held, end - held)
            start = 0
            end = held
            return
        }
        let wanted = min(limit, max(held + byteCount, capacity * 2, 1000))
        let grown = unsafe try Arena.allocate(wanted, account: account)
        if let base = unsafe base {
            unsafe grown.copyMemory(from: base + start, byteCount: held)
            unsafe Arena.deallocate(base)
        }
        unsafe base = grown
        start = 0
        end = held
        capacity = wanted
    }

    /// Lends at least `byteCount` writable bytes at the end and keeps as many as `body` says it wrote.
    ///
    /// - Returns: what `body` returned beside the count.
    package mutating func append<Result, Failure: Error>(
        reserving byteCount: Int,
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> (written: Int, result: Result)
    ) throws -> Result {
        try reserve(byteCount)
        guard let base = unsafe base else { throw MemoryError.accountFull(account) }
        let free = unsafe UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
        let (written, result) = unsafe try body(free)
        precondition(written >= 0 && written <= capacity - end, "more bytes written than were lent")
        end += written
        return result
    }

    /// Lets `body` write at most `byteCount` bytes at the end.
    public mutating func append(
        reserving byteCount: Int,
        writingWith body: (inout OutputSpan<UInt8>) -> Void
    ) throws(MemoryError) {
        try reserve(byteCount)
        guard let base = unsafe base else { throw MemoryError.accountFull(account) }
        let free = unsafe UnsafeMutableBufferPointer(
            start: (base + end).assumingMemoryBound(to: UInt8.self),
            count: byteCount
        )
        var output = unsafe OutputSpan(buffer: free, initializedCount: 0)
        body(&output)
        end += unsafe output.finalize(for: free)
    }

    /// Appends a copy of `bytes`.
    public mutating func append(_ bytes: Span<UInt8>) throws(MemoryError) {
        try reserve(bytes.count)
        guard let base = unsafe base else { return }
        unsafe bytes.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { unsafe (base + end).copyMemory(from: first, byteCount: source.count) }
        }
        end += bytes.count
    }

    /// Wipes and forgets the first `byteCount` waiting bytes.
    public mutating func consume(_ byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count, "more bytes consumed than were waiting")
        guard let base = unsafe base else { return }
        unsafe explicit_bzero(base + start, byteCount)
        start += byteCount
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Takes back the last `byteCount` bytes that were appended, wiping them.
    public mutating func removeLast(_ byteCount: Int) {
        precondition(byteCount >= 0 && byteCount <= count, "more bytes taken back than were waiting")
        guard let base = unsafe base else { return }
        end -= byteCount
        unsafe explicit_bzero(base + end, byteCount)
    }

    /// Gives the memory back where nothing waits, so that an idle connection costs little.
    public mutating func shrink() {
        guard isEmpty, let base = unsafe base else { return }
        unsafe Arena.deallocate(base)
        unsafe self.base = nil
        start = 0
        end = 0
        capacity = 0
    }

    /// Lends the waiting bytes for reading and changing in place, as protocol code that patches a length does.
    package mutating func withUnsafeMutableBytes<Result, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let base = unsafe base else {
            return unsafe try body(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        }
        return unsafe try body(UnsafeMutableRawBufferPointer(start: base + start, count: end - start))
    }

    deinit {
        if let base = unsafe base { unsafe Arena.deallocate(base) }
    }
}
