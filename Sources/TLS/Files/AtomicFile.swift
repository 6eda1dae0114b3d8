package import Glibc

/// Files that appear under their name only once they are complete and on the disk.
package enum AtomicFile {
    private static let operation = "writing the file"

    /// - Parameters:
    ///   - mode: permission bits; they hold from the first moment.
    ///   - replacing: whether an existing file may be replaced.
    /// - Throws: where it exists and may not be replaced, or the system refuses.
    package static func write(
        _ bytes: Span<UInt8>,
        to path: String,
        mode: mode_t,
        replacing: Bool
    ) throws(TLSError) {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure(temporary, errno) }
        var code = fill(descriptor, bytes, mode)
        if Glibc.close(descriptor) != 0, code == 0 { code = errno }
        if code == 0 {
            // link(2) fails where the name exists; rename(2) would replace it.
            let placed = unsafe replacing ? rename(temporary, path) : link(temporary, path)
            if placed != 0 { code = errno }
        }
        if code != 0 || !replacing { unsafe unlink(temporary) }
        guard code == 0 else { throw failure(path, code) }
        syncFolder(of: path)
    }

    /// - Throws: where there is something under that name.
    static func requireAbsence(of path: String) throws(TLSError) {
        var status = stat()
        if unsafe lstat(path, &status) == 0 { throw failure(path, EEXIST) }
    }

    private static func fill(_ descriptor: CInt, _ bytes: Span<UInt8>, _ mode: mode_t) -> CInt {
        guard fchmod(descriptor, mode) == 0 else { return errno }  // whatever the umask is
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? EIO : errno }
            written += count
        }
        return fsync(descriptor) == 0 ? 0 : errno
    }

    /// So that the name survives a crash as well. Some file systems have no such thing; the file is complete either
    /// way.
    private static func syncFolder(of path: String) {
        let parts = path.lastIndex(of: "/").map { path[...$0] } ?? "."
        let folder = unsafe open(String(parts), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        Glibc.close(folder)
    }

    private static func failure(_ path: String, _ code: CInt) -> TLSError {
        let advice = code == EEXIST ? "Move it away, or ask for it to be replaced" : nil
        return TLSError(operation: operation, file: path, reasons: [systemText(code)], advice: advice)
    }
}
