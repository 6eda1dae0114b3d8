internal import CSQLite
internal import Configuration
internal import Cryptography
internal import Glibc
internal import SecretMemory
internal import Secrets

/// Why an operation on the store failed, before it is told to the outside in the words of ``BackendError``.
enum SQLiteFailure: Error {
    /// The library's extended result code, and the system's errno beneath it where there was one.
    case library(code: CInt, systemError: CInt, operation: StaticString)
    /// A system call on the file or its directory.
    case system(code: CInt, operation: StaticString, path: String)
    /// A stored value could not be sealed or opened.
    case envelope(EnvelopeError, name: SecretName)
    /// Found out by ourselves; already in its outer words.
    case refused(BackendError)

    /// Whether the connection is not to be used again.
    var endsConnection: Bool {
        guard case .library(let code, _, _) = self else { return false }
        return switch code & 0xff {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_MISUSE: true
        default: false
        }
    }

    /// In words that name the file and what to do.
    func explained(file: String, busyTimeout: Duration) -> BackendError {
        switch self {
        case .refused(let error): error
        case .system(let code, let operation, let path): Self.explain(code, operation, path)
        case .envelope(let error, let name): Self.explain(error, name, file)
        case .library(let code, let systemError, let operation):
            Self.explain(code, systemError, operation, file, busyTimeout)
        }
    }

    private static func explain(
        _ code: CInt,
        _ systemError: CInt,
        _ operation: StaticString,
        _ file: String,
        _ busyTimeout: Duration
    ) -> BackendError {
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED:
            return .unavailable(
                detail: """
                    \(file) has been locked by another process for \(DurationText.format(busyTimeout)); \
                    see who holds it (fuser \(file)), and back up with: sqlite3 \(file) ".backup COPY"
                    """,
                retryAfter: .seconds(1)
            )
        case SQLITE_NOMEM:
            return .memory(.accountFull(.store))
        case SQLITE_NOTADB:
            return .malformed(detail: "\(file) is not an SQLite database; correct sqlite.path or restore a backup")
        case SQLITE_CORRUPT:
            return .malformed(
                detail: "\(file) is damaged (code \(code)); stop the agent and restore the file from a backup"
            )
        case _ where code == SQLITE_FULL || isOutOfSpace(systemError):
            return .unavailable(
                detail: """
                    there is no space for \(file): nothing was written. \
                    Free space on its disk, or raise sqlite.maximum-size
                    """
            )
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
            return .denied(
                detail: """
                    \(file) cannot be opened for writing (\(operation), code \(code)\(suffix(systemError))); the agent \
                    needs to write to the file and to its directory, where it keeps the log beside it
                    """
            )
        default:
            let words = unsafe String(cString: sqlite3_errstr(code))
            return .unavailable(detail: "\(file): \(operation): \(words) (code \(code)\(suffix(systemError)))")
        }
    }

    private static func isOutOfSpace(_ code: CInt) -> Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

    private static func suffix(_ code: CInt) -> String { code == 0 ? "" : ", \(words(code))" }

    /// The C library's text for an errno.
    static func words(_ code: CInt) -> String { unsafe String(cString: strerror(code)) }

    private static func explain(_ code: CInt, _ operation: StaticString, _ path: String) -> BackendError {
        let detail = "\(path): \(operation): \(words(code))"
        return switch code {
        case EACCES, EPERM, EROFS:
            .denied(detail: "\(detail); the agent's user needs to write there, or set sqlite.path to another place")
        case _ where isOutOfSpace(code): .unavailable(detail: "\(detail); free space on that disk")
        default: .unavailable(detail: detail)
        }
    }

    private static func explain(_ error: EnvelopeError, _ name: SecretName, _ file: String) -> BackendError {
        let place = "\(file): key \(name.key) in namespace \(name.namespace)"
        switch error {
        case .memory(let error): return .memory(error)
        case .tooLarge(let limit): return .tooLarge(limit: limit)
        case .library(let error): return .unavailable(detail: "\(error)")
        case .unknownKey(let identifier):
            return .malformed(
                detail: """
                    \(place) was sealed with a secret that is not configured (identifier \(identifier)); \
                    put that secret into sqlite.previous-secrets
                    """
            )
        case .malformed, .keyMismatch, .tampered:
            return .malformed(
                detail: """
                    \(place) was changed outside the agent, or moved here from another row; \
                    write it again, or restore the file from a backup
                    """
            )
        }
    }
}
