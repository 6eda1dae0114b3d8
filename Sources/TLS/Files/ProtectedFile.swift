internal import Glibc
internal import SecretMemory

/// A file's bytes, read straight into locked memory, and what its mode says about who may touch it.
///
/// Symbolic links are followed, because that is how Kubernetes mounts a secret; what they lead to must be a regular
/// file.
struct ProtectedFile: ~Copyable {
    /// No certificate bundle or revocation list of one trust domain comes near this.
    static let byteLimit = 4 << 20

    let bytes: SecretBytes
    /// Permission bits.
    let mode: mode_t
    let owner: uid_t

    private init(bytes: consuming SecretBytes, mode: mode_t, owner: uid_t) {
        self.bytes = bytes
        self.mode = mode
        self.owner = owner
    }

    /// - Parameter operation: what the file is read for, as in "reading the private key".
    /// - Throws: where it cannot be read, is no regular file, is empty, is larger than ``byteLimit``, or can be
    ///   changed by its group or by others, who could then pass themselves off as anybody.
    static func read(_ path: String, operation: String) throws(TLSError) -> ProtectedFile {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(operation, path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(operation, path, errno) }
        let mode = status.st_mode
        guard mode & S_IFMT == S_IFREG else {
            throw TLSError(operation: operation, file: path, reasons: ["it is not a regular file"])
        }
        guard mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw TLSError(
                operation: operation,
                file: path,
                reasons: ["its mode \(octal(mode)) lets its group or others change it"],
                advice: "Run chmod go-w on it"
            )
        }
        let size = Int(status.st_size)
        guard size > 0, size <= byteLimit else {
            let reason = size > 0 ? "it has \(size) bytes, more than \(byteLimit)" : "it is empty"
            throw TLSError(operation: operation, file: path, reasons: [reason])
        }
        let bytes = try load(descriptor, size, operation, path)
        return ProtectedFile(bytes: bytes, mode: mode & 0o7777, owner: status.st_uid)
    }

    private static func load(
        _ descriptor: CInt,
        _ size: Int,
        _ operation: String,
        _ path: String
    ) throws(TLSError) -> SecretBytes {
        var code: CInt = 0
        var loaded = 0
        let result: SecretBytes
        do throws(MemoryError) {
            result = try SecretBytes(capacity: size, account: .tls) { output in
                unsafe output.withUnsafeMutableBufferPointer { buffer, count in
                    while count < size {
                        let got = unsafe Glibc.read(
                            descriptor,
                            buffer.baseAddress.map { unsafe $0 + count },
                            size - count
                        )
                        if got < 0 && errno == EINTR { continue }
                        if got < 0 { code = errno }
                        if got <= 0 { break }
                        count += got
                    }
                    loaded = count
                }
            }
        } catch {
            throw TLSError(operation: operation, file: path, reasons: ["no locked memory for it: \(error)"])
        }
        guard code == 0 else { throw failure(operation, path, code) }
        guard loaded == size else {
            throw TLSError(operation: operation, file: path, reasons: ["it changed while it was read"])
        }
        return result
    }

    /// What an operator should know of a key file's mode although it is accepted; Kubernetes mounts secrets so by
    /// default.
    func warning(for path: String) -> String? {
        if mode & S_IROTH != 0 {
            return
                "\(path) holds a private key and can be read by everybody (mode \(Self.octal(mode))); use 0400 or 0440"
        }
        if owner != 0, owner != geteuid() {
            return "\(path) holds a private key and belongs to user \(owner), who can replace it"
        }
        return nil
    }

    private static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o7777, radix: 8) }

    private static func failure(_ operation: String, _ path: String, _ code: CInt) -> TLSError {
        let advice: String? =
            switch code {
            case ENOENT: "Check the path"
            case EACCES: "Let the user that runs this process read it"
            default: nil
            }
        return TLSError(operation: operation, file: path, reasons: [systemText(code)], advice: advice)
    }
}

/// The system's words for an errno.
func systemText(_ code: CInt) -> String {
    guard let text = unsafe strerror(code) else { return "errno \(code)" }
    return unsafe String(cString: text)
}
