internal import Configuration
internal import Glibc
internal import SQLite
internal import SecretMemory
internal import Secrets

typealias StoreConnection = SQLiteConnection<StoreFailure>
typealias StoreStatement = SQLiteStatement<StoreFailure>

/// What can be wrong with a file.
extension StoreFailure {
    /// Whether the connection is not to be used again.
    var endsConnection: Bool {
        guard case .library(let error) = self else { return false }
        return error.endsConnection
    }

    /// In words that name the file and what to do.
    func explained(_ place: SealedPlace, _ options: SQLiteOptions) -> BackendError {
        switch self {
        case .refused(let error): error
        case .system(let code, let operation, let path): Self.explain(code, operation, path, options.setting)
        case .envelope(let error, let name): place.refusal(error, of: name)
        case .library(let error): Self.explain(error, place, options)
        case .database(let error): .unavailable(detail: "\(place.store): \(error)")
        }
    }

    private static func explain(
        _ error: SQLiteError,
        _ place: SealedPlace,
        _ options: SQLiteOptions
    ) -> BackendError {
        let (code, systemError, operation) = (error.code, error.systemError, error.operation)
        let file = place.store
        switch error.kind {
        case .locked:
            return .unavailable(
                detail: """
                    \(file) has been locked by another process for \(DurationText.format(options.busyTimeout)); \
                    see who holds it (fuser \(file)), and back up with: sqlite3 \(file) ".backup COPY"
                    """,
                retryAfter: .seconds(1)
            )
        case .memory:
            return .memory(.accountFull(.store))
        case .noDatabase:
            return .malformed(
                detail: "\(file) is not an SQLite database; correct \(options.setting) or restore a backup"
            )
        case .damaged:
            return .malformed(
                detail: "\(file) is damaged (code \(code)); stop the agent and restore the file from a backup"
            )
        case _ where error.isOutOfSpace:
            return .unavailable(
                detail: """
                    there is no space for \(file): nothing was written. \
                    Free space on its disk, or raise \(place.section).maximum-size
                    """
            )
        case .notWritable:
            return .denied(
                detail: """
                    \(file) cannot be opened for writing (\(operation), code \(code)\(suffix(systemError))); the agent \
                    needs to write to the file and to its directory, where it keeps the log beside it
                    """
            )
        default:
            return .unavailable(detail: "\(file): \(operation): \(error.words) (code \(code)\(suffix(systemError)))")
        }
    }

    private static func suffix(_ code: CInt) -> String { code == 0 ? "" : ", \(words(code))" }

    /// The C library's text for an errno.
    static func words(_ code: CInt) -> String { unsafe String(cString: strerror(code)) }

    private static func explain(
        _ code: CInt,
        _ operation: StaticString,
        _ path: String,
        _ setting: StaticString
    ) -> BackendError {
        let detail = "\(path): \(operation): \(words(code))"
        return switch code {
        case EACCES, EPERM, EROFS:
            .denied(detail: "\(detail); the agent's user needs to write there, or set \(setting) to another place")
        case _ where SQLiteError.isOutOfSpace(code): .unavailable(detail: "\(detail); free space on that disk")
        default: .unavailable(detail: detail)
        }
    }
}
