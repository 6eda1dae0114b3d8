internal import CSQLite
internal import Glibc

/// What the library answered where it did not answer OK.
package struct SQLiteError: Error, Equatable, Sendable {
    /// The extended result code.
    package let code: CInt
    /// The system's errno beneath it; 0 where there was none.
    package let systemError: CInt
    /// What was being done.
    package let operation: String

    package init(code: CInt, systemError: CInt, operation: String) {
        self.code = code
        self.systemError = systemError
        self.operation = operation
    }

    /// - Parameters:
    ///   - kept: the errno that the library kept. It forgets it on some of its ways.
    ///   - seen: the errno after the call, which stands in for it then.
    init(code: CInt, kept: CInt, seen: CInt, operation: String) {
        let isOfSystem = [SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_FULL].contains(code & 0xff)
        self.init(code: code, systemError: kept != 0 || !isOfSystem ? kept : seen, operation: operation)
    }

    /// What callers act upon.
    package enum Kind: Sendable {
        /// Another connection held the lock for longer than the connection waits.
        case locked
        /// Locked memory is used up.
        case memory
        case noDatabase
        case damaged
        /// The disk, or the file's own limit.
        case full
        case notWritable
        /// A row that a constraint of the table refuses, such as a second one with the same key.
        case constraint
        case readWrite
        case misuse
        case other
    }

    package var kind: Kind {
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_NOMEM: .memory
        case SQLITE_NOTADB: .noDatabase
        case SQLITE_CORRUPT: .damaged
        case SQLITE_FULL: .full
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: .notWritable
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_IOERR: .readWrite
        case SQLITE_MISUSE: .misuse
        default: .other
        }
    }

    /// Whether the disk, a quota or a limit on files has no room for what was to be written.
    package var isOutOfSpace: Bool { kind == .full || Self.isOutOfSpace(systemError) }

    /// The same of an errno.
    package static func isOutOfSpace(_ code: CInt) -> Bool { [ENOSPC, EDQUOT, EFBIG].contains(code) }

    /// Whether the connection is not to be used again.
    package var endsConnection: Bool {
        switch kind {
        case .damaged, .noDatabase, .readWrite, .notWritable, .misuse: true
        case .locked, .memory, .full, .constraint, .other: false
        }
    }

    /// The library's words for the code.
    package var words: String { unsafe String(cString: sqlite3_errstr(code)) }
}

/// The errors of whoever uses a connection, so that what the library refuses is thrown in the user's own words.
package protocol SQLiteFailure: Error {
    init(_ error: SQLiteError)
}

extension SQLiteError: SQLiteFailure {
    package init(_ error: SQLiteError) { self = error }
}
