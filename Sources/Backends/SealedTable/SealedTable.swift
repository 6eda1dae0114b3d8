internal import Databases
internal import Secrets

/// The operations on a table of sealed values, on one thread's connection. Each kind of database has its own way to say them;
/// what is sealed, which versions follow each other and what a row may be is decided above.
///
/// A row that was deleted stays as a tombstone, without an envelope, so that its version goes on.
protocol SealedTable: ~Copyable {
    /// A row, a tombstone too; nil where there is none.
    borrowing func row(of name: SecretName, _ call: TableCall) throws(StoreFailure) -> StoredRow?

    /// Rows with values of one namespace, from the first that begins with the prefix, in order of their bytes; `limit` at most.
    borrowing func entries(_ query: ListQuery, _ call: TableCall) throws(StoreFailure) -> [StoredEntry]

    /// Tenants and namespaces with values, in order of their bytes; `limit` at most.
    borrowing func namespaces(_ query: NamespaceQuery, _ call: TableCall) throws(StoreFailure) -> [NamespaceName]

    /// Makes a row of version 1.
    ///
    /// - Returns: false where there is a row already.
    borrowing func insert(_ content: StoredContent, _ call: TableCall) throws(StoreFailure) -> Bool

    /// Replaces what a row holds, and raises its version by one.
    ///
    /// - Returns: false where the row is not at `version` any more.
    borrowing func update(
        _ content: StoredContent,
        from version: Int64,
        _ call: TableCall
    ) throws(StoreFailure) -> Bool

    /// Makes a tombstone of a row, and raises its version by one.
    ///
    /// - Returns: false where the row is not at `version` any more.
    borrowing func bury(_ name: SecretName, at version: Int64, _ call: TableCall) throws(StoreFailure) -> Bool

    /// Values that are sealed under the secret with this identifier, in order of their names.
    borrowing func values(
        under identifier: [UInt8],
        after name: SecretName,
        limit: Int,
        _ call: TableCall
    ) throws(StoreFailure) -> [StoredSecret]

    /// Replaces the envelope of a value that has not changed meanwhile. Its version stays.
    ///
    /// - Returns: false where it has changed.
    borrowing func reseal(
        _ secret: StoredSecret,
        as envelope: [UInt8],
        _ identifier: [UInt8],
        _ call: TableCall
    ) throws(StoreFailure) -> Bool

    /// The envelope that says at once whether the configured secret is the right one; nil before the first one was written.
    borrowing func canary(_ call: TableCall) throws(StoreFailure) -> [UInt8]?

    /// - Parameter old: what it replaces; where another agent was faster, nothing is done.
    borrowing func setCanary(_ envelope: [UInt8], replacing old: [UInt8]?, _ call: TableCall) throws(StoreFailure)
}

/// What goes with each operation: where, and until when.
struct TableCall: Sendable {
    /// The table of the secrets.
    let secrets: DatabaseTable
    /// The table that says what kind of store this is.
    let store: DatabaseTable
    let deadline: ContinuousClock.Instant

    /// For a file, whose tables have names of their own, and which has its own limit in time.
    static let embedded = TableCall(
        secrets: DatabaseTable("secret"),
        store: DatabaseTable("canary"),
        deadline: .now
    )
}

struct StoredRow: Sendable {
    let version: Int64
    /// nil for a tombstone.
    let envelope: [UInt8]?
    /// As ``TagText`` reads them.
    let tags: String
}

struct StoredEntry: Sendable {
    let key: String
    let version: Int64
    /// As ``TagText`` reads them.
    let tags: String
    let description: String?
    /// Milliseconds since 1970.
    let updatedAt: Int64
}

/// What a write leaves in a row.
struct StoredContent: Sendable {
    let name: SecretName
    let envelope: [UInt8]
    /// Of the secret that it is sealed under.
    let identifier: [UInt8]
    let tags: String
    let description: String?
}

struct StoredSecret: Sendable {
    let name: SecretName
    let version: Int64
    let envelope: [UInt8]
}
