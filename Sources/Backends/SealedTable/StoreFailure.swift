internal import Cryptography
internal import Databases
internal import SQLite
internal import Secrets

/// Why an operation on a store failed, before it is told to the outside in the words of ``BackendError``.
enum StoreFailure: SQLiteFailure, DatabaseFailure {
    case library(SQLiteError)
    /// A server, or the way to it.
    case database(DatabaseError)
    /// A system call on the file or its directory.
    case system(code: CInt, operation: StaticString, path: String)
    /// A stored value could not be sealed or opened.
    case envelope(EnvelopeError, name: SecretName)
    /// Found out by ourselves; already in its outer words.
    case refused(BackendError)

    init(_ error: SQLiteError) { self = .library(error) }

    init(_ error: DatabaseError) { self = .database(error) }

    init(_ failure: SQLiteFile.Failure) {
        switch failure {
        case .system(let code, let operation, let path):
            self = .system(code: code, operation: operation, path: path)
        case .unsuitable(let detail): self = .refused(.unavailable(detail: detail))
        case .unsafeMode(let detail): self = .refused(.denied(detail: detail))
        }
    }

    /// What a server's error is to callers; nil where it is none.
    var databaseKind: DatabaseError.Kind? {
        guard case .database(let error) = self else { return nil }
        return error.kind
    }

    /// Whether a write may have been made, or may still be made.
    var leavesOpenWhatHappened: Bool {
        guard case .database(let error) = self else { return false }
        switch error.kind {
        case .lost, .cancelled, .malformed: return true
        // Where the server itself gave up, it has undone the statement.
        case .timeout: return error.state == nil
        default: return false
        }
    }
}
