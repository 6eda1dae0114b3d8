internal import Glibc

/// The journal's file: of its owner alone, and of one process at a time.
@safe
struct JournalFile: ~Copyable, @unchecked Sendable {  // Sound: a descriptor and a path, one owner.
    private let path: String
    private let descriptor: CInt

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    /// Opens it, making it with mode 0600 where there is none.
    init(path: String) throws(JournalFailure) {
        self.path = path
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK
        descriptor = unsafe open(path, flags, 0o600)
        guard descriptor >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(operation: "open", path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .foreign(path: path) }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { throw .unsafe(path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { throw .inUse(path: path) }
    }

    /// All of it.
    func read(limit: Int) throws(JournalFailure) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(operation: "read", path: path, code: errno) }
        guard status.st_size <= limit else { throw .full(path: path, limit: limit) }
        var bytes: [UInt8] = []
        let piece = 1 << 20
        var failure: CInt = 0
        while true {
            let before = bytes.count
            bytes += unsafe [UInt8](unsafeUninitializedCapacity: piece) { buffer, initialized in
                let count = unsafe pread(descriptor, buffer.baseAddress, piece, off_t(before))
                if count < 0 { failure = errno }
                initialized = max(0, count)
            }
            if failure == EINTR {
                failure = 0
                continue
            }
            guard failure == 0 else { throw .system(operation: "read", path: path, code: failure) }
            guard bytes.count > before else { return bytes }
        }
    }

    func append(_ line: [UInt8]) throws(JournalFailure) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBufferPointer { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(operation: "write", path: path, code: count < 0 ? errno : ENOSPC) }
            rest = rest.dropFirst(count)
        }
    }

    func cut(to length: Int) throws(JournalFailure) {
        guard ftruncate(descriptor, off_t(length)) == 0 else {
            throw .system(operation: "write", path: path, code: errno)
        }
    }

    func makeDurable() throws(JournalFailure) {
        guard fdatasync(descriptor) == 0 else { throw .system(operation: "write", path: path, code: errno) }
    }

    /// Of a new file: its name survives the end of the machine, too.
    func makeNameDurable() throws(JournalFailure) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let place = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard place >= 0 else { throw .system(operation: "write", path: path, code: errno) }
        defer { close(place) }
        // Some file systems have no such thing for folders.
        guard fsync(place) == 0 || errno == EINVAL else { throw .system(operation: "write", path: path, code: errno) }
    }

    func remove() throws(JournalFailure) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw .system(operation: "remove", path: path, code: errno)
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
