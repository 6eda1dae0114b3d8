/// Why a database did not do what it was asked to.
///
/// The message is for an operator. It holds no value of a parameter and no password: of what a server says only the
/// sentences that name objects are passed on, never the details that quote rows.
package struct DatabaseError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What callers act upon.
    package enum Kind: String, Equatable, Sendable {
        /// What is configured cannot be used: an unknown parameter, a file that is not there.
        case settings
        /// No host could be reached.
        case unreachable
        /// A host that could not prove who it is, or speaks without TLS.
        case untrusted
        /// Wrong user or password, or a client certificate that the server does not accept.
        case refusedLogin
        case missingDatabase
        case missingPrivilege
        /// A table, schema, column or function that is not there.
        case missingTable
        /// A second row with the same key.
        case duplicate
        /// A row that another constraint refuses.
        case constraint
        /// Another transaction was in the way; the same again, at once, is likely to succeed.
        case conflict
        /// A standby, or a server that was set to read only.
        case readOnly
        /// Too many connections, or no memory or disk left on the server.
        case exhausted
        /// A lock, a statement or the whole call took longer than it may.
        case timeout
        /// The connection ended. Whether what was under way has been done is not known.
        case lost
        /// As many calls wait for a connection as may wait.
        case busy
        case cancelled
        case closed
        /// Locked memory is used up.
        case memory
        /// More rows or bytes than the caller wants.
        case tooLarge
        /// An answer of another type or shape than was asked for.
        case malformed
        case other
    }

    package let kind: Kind
    /// The server's code, such as 42501; nil where it was not the server that refused.
    package let state: String?
    package let message: String

    package init(_ kind: Kind, _ message: String, state: String? = nil) {
        self.kind = kind
        self.state = state
        self.message = message
    }

    package var description: String { state.map { "\(message) (SQLSTATE \($0))" } ?? message }

    /// Whether the same call may be made again although it may write: it is certain that nothing was done.
    package var isWorthRepeating: Bool { kind == .conflict }
}

/// The errors of whoever uses a connection, so that a transaction throws in its user's own words.
package protocol DatabaseFailure: Error {
    init(_ error: DatabaseError)
}

extension DatabaseError: DatabaseFailure {
    package init(_ error: DatabaseError) { self = error }
}

/// What of a server's text may be shown.
package enum ServerText {
    /// The longest sentence of a server that is passed on, in characters.
    package static let limit = 300

    package static func quoted(_ name: String) -> String { "\"\(printable(name))\"" }

    /// One line without control characters, no longer than ``limit``.
    package static func printable(_ text: String) -> String {
        let line = text.unicodeScalars.prefix { $0 != "\n" }.prefix(limit)
        return String(String.UnicodeScalarView(line.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
