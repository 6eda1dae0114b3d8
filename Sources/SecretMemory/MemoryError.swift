/// Why locked memory could not be had.
public enum MemoryError: Error, Equatable, Sendable {
    /// The account has used up its share of the arena.
    case accountFull(MemoryAccount)
    /// The arena stands at its configured maximum.
    case arenaFull
    /// The kernel refused the mapping or the lock.
    case refused(LockRefusal)
}

/// What the kernel answered when memory was to be locked, in words an operator can act on.
public struct LockRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system call that failed.
    public let operation: String
    /// Its errno.
    public let code: CInt
    /// `RLIMIT_MEMLOCK` at that time, in bytes; nil where there is no limit.
    public let limit: UInt64?
    /// Bytes that were to be locked.
    public let wanted: Int

    public var description: String {
        let limited = limit.map { "RLIMIT_MEMLOCK is \($0 / 1024) KiB" } ?? "RLIMIT_MEMLOCK is unlimited"
        return """
            \(operation) refused to lock \(wanted / 1024) KiB (errno \(code)); \(limited). \
            Raise it (systemd: LimitMEMLOCK=infinity; containers: add the capability IPC_LOCK; shells: ulimit -l), \
            or set tacit.memory.lock: preferred to run with what the kernel grants.
            """
    }
}
