internal import CLinux
internal import Glibc

/// The arena in the shape that C libraries ask for. The room that owns a library hands these to it before the library
/// allocates for the first time.
///
/// A NULL answer is what a C library expects of a full allocator: it fails that call and lives.
@unsafe
package enum AllocatorHooks {
    /// For `CRYPTO_set_mem_functions`.
    package static let opensslAllocate: Allocate = { size, _, _ in unsafe blank(size, .tls) }
    package static let opensslReallocate: Reallocate = { block, size, _, _ in unsafe resize(block, size, .tls) }
    package static let opensslFree: Free = { block, _, _ in unsafe release(block) }

    package typealias Allocate = @convention(c) (Int, UnsafePointer<CChar>?, CInt) -> UnsafeMutableRawPointer?
    package typealias Reallocate =
        @convention(c) (UnsafeMutableRawPointer?, Int, UnsafePointer<CChar>?, CInt) -> UnsafeMutableRawPointer?
    package typealias Free = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, CInt) -> Void

    /// For `curl_global_init_mem`.
    package static let curlAllocate: @convention(c) (Int) -> UnsafeMutableRawPointer? = { size in
        unsafe blank(size, .http)
    }
    package static let curlFree: @convention(c) (UnsafeMutableRawPointer?) -> Void = { block in unsafe release(block) }
    package static let curlReallocate: @convention(c) (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer? = {
        block,
        size in
        unsafe resize(block, size, .http)
    }
    package static let curlDuplicate: @convention(c) (UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>? = { text in
        guard let text = unsafe text else { return nil }
        let size = unsafe strlen(text) + 1
        guard let copy = unsafe blank(size, .http) else { return nil }
        unsafe copy.copyMemory(from: text, byteCount: size)
        return unsafe copy.assumingMemoryBound(to: CChar.self)
    }
    package static let curlAllocateMany: @convention(c) (Int, Int) -> UnsafeMutableRawPointer? = { count, size in
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return unsafe calloc(count, size) }
        #endif
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        return overflow ? nil : unsafe blank(bytes, .http)
    }

    /// For SQLite's `sqlite3_mem_methods`.
    package static let sqliteAllocate: @convention(c) (CInt) -> UnsafeMutableRawPointer? = { size in
        unsafe blank(Int(size), .store)
    }
    package static let sqliteFree: @convention(c) (UnsafeMutableRawPointer?) -> Void = { block in unsafe release(block)
    }
    package static let sqliteReallocate: @convention(c) (UnsafeMutableRawPointer?, CInt) -> UnsafeMutableRawPointer? = {
        block,
        size in
        unsafe resize(block, Int(size), .store)
    }
    /// SQLite may use every byte that this names, so it is what was asked for and not what the block could hold.
    package static let sqliteSize: @convention(c) (UnsafeMutableRawPointer?) -> CInt = { block in
        guard let block = unsafe block else { return 0 }
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return unsafe CInt(malloc_usable_size(block)) }
        #endif
        return unsafe CInt(Arena.requestedBytes(of: block))
    }
    package static let sqliteRoundUp: @convention(c) (CInt) -> CInt = { size in (size + 7) & ~7 }

    private static func blank(_ size: Int, _ account: MemoryAccount) -> UnsafeMutableRawPointer? {
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return unsafe malloc(size) }
        #endif
        return unsafe try? Arena.allocate(size, account: account)
    }

    private static func resize(
        _ block: UnsafeMutableRawPointer?,
        _ size: Int,
        _ account: MemoryAccount
    ) -> UnsafeMutableRawPointer? {
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return unsafe realloc(block, size) }
        #endif
        guard let block = unsafe block else { return unsafe blank(size, account) }
        guard size > 0 else {
            unsafe Arena.deallocate(block)
            return nil
        }
        return unsafe try? Arena.reallocate(block, to: size, account: account)
    }

    private static func release(_ block: UnsafeMutableRawPointer?) {
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return unsafe free(block) }
        #endif
        if let block = unsafe block { unsafe Arena.deallocate(block) }
    }
}
