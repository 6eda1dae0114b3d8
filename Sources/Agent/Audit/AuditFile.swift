internal import Glibc

/// The file that audit lines are appended to.
@safe
struct AuditFile: ~Copyable, @unchecked Sendable {  // Sound: a descriptor and values, one owner.
    /// What cannot be done with the file, and why.
    struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        let operation: String
        let path: String
        let code: CInt

        var description: String {
            if code == EWOULDBLOCK {
                "another process writes the audit file \(path); two agents need a file each"
            } else {
                "cannot \(operation) the audit file \(path): \(unsafe String(cString: strerror(code)))"
            }
        }
    }

    private let path: String
    private let descriptor: CInt

    /// Opens the file for appending, making it with mode 0600 where there is none.
    init(path: String) throws(Failure) {
        descriptor = unsafe open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw Failure(operation: "open", path: path, code: errno) }
        // Lines of two agents would break each other's chain. The kernel lets go of the lock of one that was killed. Where a file
        // system has no locks, there is none.
        guard isRegular, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        throw Failure(operation: "lock", path: path, code: EWOULDBLOCK)
    }

    private var isRegular: Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether the path still leads to this file, and not to none or to another.
    var isInPlace: Bool {
        var named = stat()
        var own = stat()
        guard unsafe stat(path, &named) == 0, unsafe fstat(descriptor, &own) == 0 else { return false }
        return named.st_dev == own.st_dev && named.st_ino == own.st_ino
    }

    /// Standard output, for whoever collects it.
    init() throws(Failure) {
        descriptor = fcntl(1, F_DUPFD_CLOEXEC, 3)
        path = "standard output"
        guard descriptor >= 0 else { throw Failure(operation: "open", path: path, code: errno) }
    }

    /// Appends all of `lines`, or nothing: what a full disk cut short is taken back.
    func append(_ lines: Span<UInt8>) throws(Failure) {
        var written = 0
        while written < lines.count {
            let rest = lines.extracting(droppingFirst: written)
            let count = unsafe rest.withUnsafeBufferPointer { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                if written > 0 { takeBack(written) }
                throw Failure(operation: "write to", path: path, code: code)
            }
            written += count
        }
    }

    private func takeBack(_ byteCount: Int) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        _ = ftruncate(descriptor, status.st_size - off_t(byteCount))
    }

    /// The end of what is there, at most `limit` bytes.
    func tail(limit: Int) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return [] }
        let start = max(0, status.st_size - off_t(limit))
        let count = Int(status.st_size - start)
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = unsafe max(0, pread(descriptor, buffer.baseAddress, count, start))
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
