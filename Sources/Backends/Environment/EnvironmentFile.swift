internal import Glibc
internal import SecretMemory

/// Reads a file that holds secrets into locked memory, after a look at whose it is.
enum EnvironmentFile {
    /// Bytes of the largest file.
    static let maximumBytes = 1 << 20

    /// - Throws: where the file is none of ours to trust: not a regular file, not root's or the agent's own, open to others,
    ///   or too large.
    static func read(_ path: String) throws(EnvironmentRefusal) -> SecretBuffer {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw .file(path: path, reason: "cannot be opened (\(words(errno)))") }
        defer { close(descriptor) }
        var found = stat()
        guard unsafe fstat(descriptor, &found) == 0 else {
            throw .file(path: path, reason: "cannot be inspected (\(words(errno)))")
        }
        guard found.st_mode & S_IFMT == S_IFREG else { throw .file(path: path, reason: "is not a regular file") }
        guard found.st_uid == 0 || found.st_uid == geteuid() else {
            throw .file(path: path, reason: "belongs to another user; run: chown \(geteuid()) \(path)")
        }
        guard found.st_mode & 0o077 == 0 else {
            throw .file(path: path, reason: "may be read or written by others; run: chmod 400 \(path)")
        }
        do throws(ReadFailure) {
            return try readAll(descriptor)
        } catch {
            switch error {
            case .system(let code): throw .file(path: path, reason: "cannot be read (\(words(code)))")
            case .tooLarge: throw .file(path: path, reason: "is larger than \(maximumBytes) bytes")
            case .memory(let error): throw .memory(error)
            }
        }
    }

    enum ReadFailure: Error {
        case system(code: CInt)
        case tooLarge
        case memory(MemoryError)
    }

    /// Reads to the end.
    static func readAll(_ descriptor: CInt) throws(ReadFailure) -> SecretBuffer {
        var buffer = SecretBuffer(limit: maximumBytes + 1, account: .general)
        while true {
            let room = min(maximumBytes + 1 - buffer.count, 64 << 10)
            guard room > 0 else { throw .tooLarge }
            let (count, code) = try readOnce(descriptor, room, &buffer)
            if count == 0 { return buffer }
            if count < 0, code != EINTR { throw .system(code: code) }
        }
    }

    private static func readOnce(
        _ descriptor: CInt,
        _ room: Int,
        _ buffer: inout SecretBuffer
    ) throws(ReadFailure) -> (count: Int, code: CInt) {
        do throws(MemoryError) { try buffer.reserve(room) } catch { throw .memory(error) }
        do {
            return unsafe try buffer.append(reserving: room) { free in
                let count = unsafe Glibc.read(descriptor, free.baseAddress, min(free.count, room))
                let code = errno
                return (written: max(0, count), result: (count, code))
            }
        } catch {
            throw .memory(.accountFull(.general))
        }
    }

    static func words(_ code: CInt) -> String { unsafe String(cString: strerror(code)) }
}
