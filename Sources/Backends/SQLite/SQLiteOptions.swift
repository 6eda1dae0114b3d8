/// How a store is opened. The secret is not among it.
package struct SQLiteOptions: Sendable {
    /// Threads that read, beside the one that writes.
    package static let readerRange = 1...8
    static let sizeRange = (64 << 10)...(1 << 40)

    /// The file. What is missing of its directory is made.
    package var path: String
    /// Whether nothing may be written, so that the file must exist.
    package var isReadOnly = false
    /// What it is opened for.
    package var purpose = ManagerPurpose.serving
    /// Threads that read, in ``readerRange``.
    package var readers = 2
    /// Calls that may wait for a thread; one more is answered with ``BackendError/throttled(retryAfter:)``.
    package var queueLimit = 256
    /// How long a call waits for another process's lock.
    package var busyTimeout: Duration = .seconds(2)
    /// Bytes that the file may grow to.
    package var maximumFileBytes = 1 << 30

    /// Where the path was configured, for what is wrong with it.
    package var setting: StaticString = "sqlite.path"

    package init(path: String) { self.path = path }

    /// Whether the file may be made, sealed anew and written to.
    var mayChange: Bool { !isReadOnly && purpose == .serving }

    var busyMilliseconds: CInt {
        let (seconds, attoseconds) = busyTimeout.components
        return CInt(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
