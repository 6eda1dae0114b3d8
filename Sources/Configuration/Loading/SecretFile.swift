internal import Glibc
package import SecretMemory

/// Files that may hold secrets, read with read(2) into locked memory.
package enum SecretFile {
    /// What a file holds, and what the kernel says about it.
    struct Content: ~Copyable {
        var bytes: SecretBuffer
        /// Whether others than the owner and the group may read it.
        let isReadableByOthers: Bool
    }

    /// Reads a whole file; `-` is standard input.
    static func read(_ path: String, limit: Int) throws(FileError) -> Content {
        if path == "-" { return try readAll(STDIN_FILENO, limit) }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .system(operation: "open", code: errno) }
        do throws(FileError) {
            let content = try readAll(descriptor, limit)
            close(descriptor)
            return content
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Reads a file that holds one secret and nothing else. One line break at its end is not part of it.
    package static func readSecret(_ path: String, limit: Int = 64 << 10) throws(FileError) -> SharedSecret {
        let content = try read(path, limit: limit)
        let held = content.bytes.bytes
        var count = held.count
        if count > 0, held[count - 1] == UInt8(ascii: "\n") { count -= 1 }
        if count > 0, count < held.count, held[count - 1] == UInt8(ascii: "\r") { count -= 1 }
        do throws(MemoryError) {
            return SharedSecret(try SecretBytes(copying: held.extracting(first: count), account: .general))
        } catch {
            throw .memory
        }
    }

    private static func readAll(_ descriptor: CInt, _ limit: Int) throws(FileError) -> Content {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(operation: "fstat", code: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .system(operation: "read", code: EISDIR) }
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        var buffer = SecretBuffer(limit: limit + 1, account: .general)
        while true {
            let room = min(limit + 1 - buffer.count, 64 << 10)
            guard room > 0 else { throw .tooLarge(limit: limit) }
            let (count, code) = try chunk(descriptor, room, &buffer)
            if count == 0 { break }
            if count < 0, code != EINTR { throw .system(operation: "read", code: code) }
        }
        guard buffer.count <= limit else { throw .tooLarge(limit: limit) }
        return Content(bytes: buffer, isReadableByOthers: isRegular && status.st_mode & S_IROTH != 0)
    }

    private static func chunk(
        _ descriptor: CInt,
        _ room: Int,
        _ buffer: inout SecretBuffer
    ) throws(FileError) -> (count: Int, code: CInt) {
        do {
            return unsafe try buffer.append(reserving: room) { free in
                let count = unsafe Glibc.read(descriptor, free.baseAddress, min(free.count, room))
                let code = errno
                return (written: max(0, count), result: (count, code))
            }
        } catch {
            throw .memory
        }
    }
}

extension FileError {
    /// The C library's words for an errno.
    static func text(_ code: CInt) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress, unsafe strerror_r(code, start, 128) == 0 else {
                return "errno \(code)"
            }
            return unsafe String(cString: start)
        }
    }
}
