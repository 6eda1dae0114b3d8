/// A secret value: a fixed number of bytes in locked memory, wiped when its owner lets go of it.
///
/// It holds a pointer and never the bytes themselves, because moving a value copies it and leaves the old copy on the stack.
/// It cannot be copied, printed, compared or hashed by accident.
@safe
// Sound: the block has one owner and is not written after init.
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    /// Bytes held; 0 is allowed.
    public let count: Int

    private init(adopting base: UnsafeMutableRawPointer, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    /// A value of at most `capacity` bytes that `fill` writes.
    ///
    /// - Throws: ``MemoryError`` where the account or the arena is full; or whatever `fill` throws, after a wipe.
    public init(
        capacity: Int,
        account: MemoryAccount = .values,
        initializingWith fill: (inout OutputSpan<UInt8>) throws(MemoryError) -> Void
    ) throws(MemoryError) {
        let block = unsafe try Arena.allocate(capacity, account: account)
        var count = 0
        do throws(MemoryError) {
            let bytes = unsafe UnsafeMutableBufferPointer(
                start: block.assumingMemoryBound(to: UInt8.self),
                count: capacity
            )
            var output = unsafe OutputSpan(buffer: bytes, initializedCount: 0)
            try fill(&output)
            count = unsafe output.finalize(for: bytes)
        } catch {
            unsafe Arena.deallocate(block)
            throw error
        }
        unsafe self.init(adopting: block, count: count)
    }

    /// A copy of `bytes`. Wiping the original is the caller's business.
    public init(copying bytes: Span<UInt8>, account: MemoryAccount = .values) throws(MemoryError) {
        let block = unsafe try Arena.allocate(bytes.count, account: account)
        unsafe bytes.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { unsafe block.copyMemory(from: start, byteCount: source.count) }
        }
        unsafe self.init(adopting: block, count: bytes.count)
    }

    /// The bytes, for as long as this value is borrowed.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self) get {
            let span = unsafe Span(_unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Lends the bytes to `body`, for places where a property's span could not live long enough.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes)
    }

    /// Lends the bytes to a C call.
    package borrowing func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Another value with the same bytes.
    public borrowing func copy(account: MemoryAccount = .values) throws(MemoryError) -> SecretBytes {
        try SecretBytes(copying: bytes, account: account)
    }

    deinit { unsafe Arena.deallocate(base) }
}
