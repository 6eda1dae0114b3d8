// `environ` is a variable of C, which nothing guards: the rule below is what makes its use sound.
@unsafe @preconcurrency internal import CLinux
internal import Glibc

/// The process's environment block, which is what `/proc/PID/environ` shows: secrets in it are read without becoming
/// strings, and can be overwritten where they lie.
///
/// Sound as long as nobody changes the environment at the same time: use it while the process has one thread. Every name and
/// value ends with a NUL, and the array with a null pointer.
public enum EnvironmentBlock {
    /// Lends every variable to `body`. Entries without `=` or with a name that is not UTF-8 are left out.
    public static func forEach<Failure: Error>(
        _ body: (_ name: String, _ value: Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        guard var entry = unsafe environ else { return }
        while let text = unsafe entry.pointee {
            unsafe entry += 1
            guard let separator = unsafe strchr(text, CInt(UInt8(ascii: "="))), unsafe separator > text else {
                continue
            }
            let name = unsafe bytes(text, count: separator - text)
            guard let known = try? UTF8Span(validating: name) else { continue }
            let value = unsafe separator + 1
            try unsafe body(String(copying: known), bytes(value, count: strlen(value)))
        }
    }

    /// A copy of a variable's value in locked memory; nil where there is no such variable.
    public static func copy(_ name: String, account: MemoryAccount = .general) throws(MemoryError) -> SecretBytes? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe try SecretBytes(copying: bytes(value, count: strlen(value)), account: account)
    }

    /// Overwrites a variable's value with zeroes and unsets it.
    ///
    /// - Returns: false where there is no such variable.
    @discardableResult
    public static func erase(_ name: String) -> Bool {
        guard let value = unsafe getenv(name) else { return false }
        #if MEMORY_PROBE
            if unsafe ArenaProbe.measuresAreOff { return unsafe unsetenv(name) == 0 }
        #endif
        unsafe explicit_bzero(value, strlen(value))
        return unsafe unsetenv(name) == 0
    }

    @_lifetime(immortal)
    private static func bytes(_ start: UnsafeMutablePointer<CChar>, count: Int) -> Span<UInt8> {
        let buffer = unsafe UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
        return unsafe _overrideLifetime(Span(_unsafeElements: buffer), copying: ())
    }
}
